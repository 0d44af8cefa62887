/*
 * leo: the one command line of all services.
 *
 *	leo COMMAND [ARGUMENT]... [OPTION]...
 *	leo --complete WORD...		for the shells: what can be typed next
 *	leo --print-man TEMPLATE	for the build: the manual page
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/def.h"
#include "base/fs.h"
#include "base/io.h"
#include "leo/args.h"
#include "leo/complete.h"
#include "leo/fail.h"
#include "leo/leo.h"
#include "leo/manual.h"
#include "leo/out.h"
#include "leo/usage.h"

static int show_help(struct leo *l)
{
	if (l->command)
		usage_command(l->command, l->out);
	else
		usage_overview(l->out);
	return LEO_DONE;
}

static int show_version(struct leo *l)
{
	fprintf(l->out, "leo %s\n", LEO_VERSION);
	return LEO_DONE;
}

static int run_command(struct leo *l)
{
	int r = fs_open_root(l->root, &l->root_fd);

	if (r < 0)
		return fail_errno(l, r, "cannot open --root %s", l->root ? l->root : "/");
	return l->form->run(l);
}

static int run(struct leo *l)
{
	int r = out_begin(l), status;

	if (r < 0)
		return fail_errno(l, r, "cannot start");
	if (l->help)
		status = show_help(l);
	else if (l->version)
		status = show_version(l);
	else
		status = run_command(l);
	r = out_finish(l);
	if (r < 0 && status == LEO_DONE)
		status = fail_errno(l, r, "cannot write the output");
	return status;
}

/* What was typed without a command is answered with what could be. */
static int run_line(int argc, char **argv)
{
	struct leo l = {.root_fd = -1};
	int status = args_parse(&l, argc, argv);

	if (status == LEO_DONE)
		status = run(&l);
	cleanup_close_p(&l.root_fd);
	args_deinit(&l);
	return status;
}

int main(int argc, char **argv)
{
	if (io_open_streams() < 0)
		return LEO_FAILED;
	/* A reader that has gone away is seen when writing fails. */
	signal(SIGPIPE, SIG_IGN);
	if (argc > 1 && strcmp(argv[1], "--complete") == 0)
		return complete(argc - 2, argv + 2);
	if (argc == 3 && strcmp(argv[1], "--print-man") == 0)
		return manual_print(&(struct leo){}, argv[2], stdout);
	if (argc == 1) {
		usage_overview(stderr);
		return LEO_USAGE;
	}
	return run_line(argc, argv);
}
