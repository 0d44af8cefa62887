/*
 * leonhard-firstboot: gives a new machine its host keys and an administrator.
 *
 * Runs once, before anyone can log in, and needs root. The password leaves this process in two
 * ways only: as a hash to chpasswd, and as text to the terminal.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include "base/def.h"
#include "firstboot/firstboot.h"
#include "firstboot/child.h"
#include "firstboot/terminal.h"

enum { EXIT_USAGE = 2, EXIT_PERMISSION = 4 };

static const char usage[] =
	"Usage: leonhard-firstboot [--user NAME] [--terminal PATH] [--root DIR] [--check]\n"
	"\n"
	"Makes the SSH host keys and an administrator with a random password, which is\n"
	"shown once on the terminal. Does nothing when that has been done.\n"
	"\n"
	"  --user NAME      the administrator's name (admin)\n"
	"  --terminal PATH  where the password is shown (the kernel's console)\n"
	"  --root DIR       a folder that stands for the whole machine\n"
	"  --check          see whether all that is needed is there, and change nothing\n"
	"  --help, --version\n"
	"\n"
	"Examples:\n"
	"  leonhard-firstboot --check\n"
	"  leonhard-firstboot --user ada --terminal /dev/ttyS1\n";

struct options {
	char *root;
	const char *user, *terminal;
	bool check;
};

static void complain(const char *text)
{
	fprintf(stderr, "leonhard-firstboot: %s\n", text);
}

/* 0 to go on, 1 when everything asked for is done, -EINVAL for wrong usage. */
static int parse_options(int argc, char **argv, struct options *o)
{
	static const struct option table[] = {
		{"root", required_argument, NULL, 'R'},
		{"terminal", required_argument, NULL, 't'},
		{"user", required_argument, NULL, 'u'},
		{"check", no_argument, NULL, 'c'},
		{"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'v'},
		{},
	};
	int c;

	while ((c = getopt_long(argc, argv, "", table, NULL)) >= 0) {
		switch (c) {
		case 'R':
			o->root = optarg;
			break;
		case 't':
			o->terminal = optarg;
			break;
		case 'u':
			o->user = optarg;
			break;
		case 'c':
			o->check = true;
			break;
		case 'h':
			fputs(usage, stdout);
			return 1;
		case 'v':
			puts("leonhard-firstboot " VERSION);
			return 1;
		default:
			return -EINVAL;
		}
	}
	return optind == argc ? 0 : -EINVAL;
}

/* The root becomes what can stand before a path: absolute, or nothing at all. */
static int check_options(struct options *o)
{
	if (!firstboot_user_valid(o->user)) {
		complain("--user wants a name of a-z, 0-9, _ and -, at most 32, from a letter on");
		return -EINVAL;
	}
	if (*o->root && *o->root != '/') {
		complain("--root wants an absolute path");
		return -EINVAL;
	}
	for (size_t len = strlen(o->root); len && o->root[len - 1] == '/'; len--)
		o->root[len - 1] = '\0';
	return 0;
}

static int show(void *data, const char *text)
{
	return terminal_show(*(int *)data, text);
}

/* Opened before anything is changed: a password that cannot be shown must not be set. */
static int open_terminal(const struct options *o, int *ret_fd)
{
	_cleanup_free_ char *found = NULL;
	const char *path = o->terminal;
	int r = 0;

	if (!path) {
		r = terminal_find(o->root, &found);
		path = found;
	}
	if (r == 0)
		r = terminal_open(path, ret_fd);
	if (r < 0)
		fprintf(stderr, "leonhard-firstboot: cannot use %s to show the password: %s\n",
			path ? path : "a terminal", strerror(-r));
	return r;
}

static int run_check(struct firstboot *fb)
{
	int problems = firstboot_check(fb, complain);

	if (problems < 0)
		complain(strerror(-problems));
	return problems ? EXIT_FAILURE : EXIT_SUCCESS;
}

static int run(struct firstboot *fb, const struct options *o)
{
	_cleanup_close_ int terminal = -1;
	int r = open_terminal(o, &terminal);

	if (r < 0)
		return EXIT_FAILURE;
	fb->ops.data = &terminal;
	r = firstboot_run(fb);
	if (r < 0) {
		fprintf(stderr,
			"leonhard-firstboot: cannot %s: %s%s%s; the next boot tries again\n",
			fb->step, fb->why, *fb->why ? ": " : "", strerror(-r));
		return EXIT_FAILURE;
	}
	printf("The host keys and the account '%s' are ready.\n", fb->user);
	return EXIT_SUCCESS;
}

static int run_child(void *data, const char *const argv[], const char *input)
{
	return child_run(argv, input);
}

static int run_sync(void *data, const char *path)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 || syncfs(fd) < 0 ? -errno : 0;
}

int main(int argc, char **argv)
{
	struct options o = {.root = (char[]){""}, .user = "admin"};
	struct firstboot fb = {.ops = {.run = run_child, .show = show, .sync = run_sync}};
	int r = parse_options(argc, argv, &o);

	if (r > 0)
		return EXIT_SUCCESS;
	if (r < 0 || check_options(&o) < 0) {
		complain("wrong usage; see --help");
		return EXIT_USAGE;
	}
	fb.root = o.root;
	fb.user = o.user;
	if (o.check)
		return run_check(&fb);

	r = firstboot_done(&fb);
	if (r > 0) {
		puts("The first boot has been completed before; nothing is changed.");
		return EXIT_SUCCESS;
	}
	if (geteuid() != 0) {
		complain("only root can make accounts and keys");
		return EXIT_PERMISSION;
	}
	umask(022);
	/* No core file and no debugger of another process: the password is in memory. */
	prctl(PR_SET_DUMPABLE, 0);
	return run(&fb, &o);
}
