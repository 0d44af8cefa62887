/*
 * leonhard-node-probe: makes the trials that need root's powers, writes what came of them, and
 * ends.
 *
 * It reads nothing that a client or the daemon has written. The request for a trial is a file whose
 * being there starts this program; it is removed before the first trial, so that a request made
 * meanwhile stays and starts the next.
 */
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/def.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/time.h"
#include "node/places.h"
#include "node/probe/bpf.h"
#include "node/probe/cgroup.h"
#include "node/probe/report.h"

enum { EXIT_USAGE = 2, EXIT_PERMISSION = 4, HANG_S = 60 };

#define LIMIT_NS (40 * NS_PER_S)

static const char usage[] =
	"Usage: leonhard-node-probe [--root=DIR] [--print] [POWER...]\n"
	"\n"
	"Tries which powers the running kernel offers (kinds of BPF programs, KVM, ...)\n"
	"and writes the result to " NODE_RESULT_PATH " for leonhard-node.\n"
	"\n"
	"  --root=DIR   write the result below DIR\n"
	"  --print      write the result to standard output instead\n"
	"  --list       print the names of the powers that are tried\n"
	"  --help, --version\n"
	"\n"
	"With names of powers only these are tried, and the result is printed.\n"
	"\n"
	"Examples:\n"
	"  leonhard-node-probe\n"
	"  leonhard-node-probe kvm bpf.lsm\n";

struct options {
	const char *root;
	bool print, list;
};

static void decref(json_t **j)
{
	json_decref(*j);
}

static int say(const char *text)
{
	fputs(text, stdout);
	return 1;
}

/* 0 to go on, 1 when everything asked for is done, -EINVAL for wrong usage. */
static int parse_options(int argc, char **argv, struct options *o)
{
	static const struct option table[] = {
		{"root", required_argument, NULL, 'R'}, {"print", no_argument, NULL, 'p'},
		{"list", no_argument, NULL, 'l'},	{"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'v'},	{},
	};
	int c;

	while ((c = getopt_long(argc, argv, "", table, NULL)) >= 0) {
		switch (c) {
		case 'R':
			o->root = optarg;
			break;
		case 'p':
			o->print = true;
			break;
		case 'l':
			o->list = true;
			break;
		case 'h':
			return say(usage);
		case 'v':
			return say("leonhard-node-probe " VERSION "\n");
		default:
			return -EINVAL;
		}
	}
	o->print |= optind < argc;
	return 0;
}

/* Withdraws the request for this run. One that cannot be removed would start us again and again;
 * that run fails, and does so at once, until the unit's limit of starts ends it. */
static int take_request(int root_fd)
{
	_cleanup_close_ int dir = -1;
	int r = fs_open(root_fd, NODE_REQUEST_DIR, O_PATH | O_DIRECTORY, 0, &dir);

	if (r == 0 && unlinkat(dir, NODE_REQUEST_NAME, 0) < 0)
		r = -errno;
	if (r < 0 && r != -ENOENT)
		return log_error_errno(r, "cannot remove %s", NODE_REQUEST_PATH);
	return 0;
}

static int write_report(int root_fd, const json_t *report)
{
	_cleanup_free_ char *text = json_dumps(report, JSON_INDENT(1));
	int r;

	if (!text)
		return -ENOMEM;
	r = fs_mkdir(root_fd, NODE_RESULT_DIR, 0755);
	return r < 0 ? r : fs_replace(root_fd, NODE_RESULT_PATH, text, strlen(text), 0644);
}

static int print_report(const json_t *report)
{
	if (json_dumpf(report, stdout, JSON_INDENT(1)) < 0 || putchar('\n') < 0 ||
	    fflush(stdout) < 0)
		return -EIO;
	return 0;
}

/* All trials, in a cgroup of their own. */
static int make_report(char *const *names, json_t **ret_report)
{
	struct cgroup cgroup = {.parent = -1, .leaf = -1};
	const char *unknown;
	int r;

	bpf_cgroup_error = cgroup_make(&cgroup);
	bpf_cgroup_fd = cgroup.leaf;
	r = report_make(names, LIMIT_NS, ret_report, &unknown);
	cgroup_remove(&cgroup);
	if (r == -ENOENT)
		log_error("there is no trial named '%s'; see --list", unknown);
	else if (r < 0)
		log_error_errno(r, "cannot make the trials");
	return r;
}

static int run(const struct options *o, char *const *names)
{
	_cleanup_(decref) json_t *report = NULL;
	_cleanup_close_ int root_fd = -1;
	int r = fs_open_root(o->root, &root_fd);

	if (r < 0)
		return log_error_errno(r, "cannot open %s", o->root ? o->root : "/");
	if (!o->print)
		r = take_request(root_fd);
	if (r == 0)
		r = make_report(names, &report);
	if (r < 0)
		return r;
	if (o->print)
		return print_report(report);
	r = write_report(root_fd, report);
	return r < 0 ? log_error_errno(r, "cannot write %s", NODE_RESULT_PATH) : 0;
}

int main(int argc, char **argv)
{
	struct options o = {};
	int r;

	log_init("leonhard-node-probe");
	r = parse_options(argc, argv, &o);
	if (r > 0)
		return EXIT_SUCCESS;
	if (r < 0) {
		log_error("wrong usage; see --help");
		return EXIT_USAGE;
	}
	for (unsigned i = 0; o.list && i < trial_count; i++)
		puts(trials[i].name);
	if (o.list)
		return EXIT_SUCCESS;
	if (geteuid() != 0) {
		log_error("only root can try what the kernel offers");
		return EXIT_PERMISSION;
	}
	umask(022);
	/* Should all limits on time fail: the system's reaction to a signal ends it. */
	alarm(HANG_S);
	libbpf_set_print(NULL);
	trial_check_privileges();
	return run(&o, argv + optind) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
