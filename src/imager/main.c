/*
 * imager: turns a tar of a Debian tree into a disk image and a list of what is in it.
 *
 * Needs no privilege: it mounts nothing, and every owner, mode and device is only written down.
 */
#include <errno.h>
#include <getopt.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/def.h"
#include "base/parse.h"
#include "build.h"

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

static const char usage[] =
	"Usage: imager build --tree TAR|- --profile DIR [--rules FILE]... --epoch SECONDS\n"
	"                    --output DIR [--verbose]\n"
	"\n"
	"Makes a bootable disk's raw image (GPT, one writable ext4 root) from a tar of a Debian\n"
	"tree, and a manifest that says where every path in it comes from. Equal input gives\n"
	"equal bytes.\n"
	"\n"
	"  --tree TAR|-      the tree, as tar (plain, gzip, xz or zstd); - is standard input\n"
	"  --profile DIR     profile.conf, rules, tree/ and tree.modes of the image\n"
	"  --rules FILE      more rules, read before the profile's; may be given several times\n"
	"  --epoch SECONDS   the time of the build; no file is younger\n"
	"  --output DIR      where image.raw and image.manifest go\n"
	"  --verbose         tell what is done, and name every unused rule\n"
	"  --help, --version\n"
	"\n"
	"Exit status: 0 done, 1 failed (nothing is written), 2 wrong usage.\n"
	"\n"
	"Examples:\n"
	"  imager build --tree root.tar --profile image/node --epoch 1700000000 --output out\n"
	"  mmdebstrap bookworm - | imager build --tree - --profile image/node \\\n"
	"         --rules image/rules --epoch 1700000000 --output out\n";

enum option_id { OPT_TREE = 1, OPT_PROFILE, OPT_RULES, OPT_EPOCH, OPT_OUTPUT, OPT_VERBOSE };

static const struct option options[] = {
	{"tree", required_argument, NULL, OPT_TREE},
	{"profile", required_argument, NULL, OPT_PROFILE},
	{"rules", required_argument, NULL, OPT_RULES},
	{"epoch", required_argument, NULL, OPT_EPOCH},
	{"output", required_argument, NULL, OPT_OUTPUT},
	{"verbose", no_argument, NULL, OPT_VERBOSE},
	{},
};

/* Options without which there is no build. */
static const struct {
	const char *name;
	enum option_id id;
} required[] = {
	{"--tree", OPT_TREE},
	{"--profile", OPT_PROFILE},
	{"--epoch", OPT_EPOCH},
	{"--output", OPT_OUTPUT},
};

static int wrong_usage(const char *what, const char *object)
{
	fprintf(stderr, "imager: %s%s%s\nTry: imager --help\n", what, object ? ": " : "",
		object ? object : "");
	return EXIT_USAGE;
}

static int take_option(int id, const char *value, struct build_options *o)
{
	uint64_t epoch;

	switch (id) {
	case OPT_TREE:
		o->tree = value;
		return 0;
	case OPT_PROFILE:
		o->profile = value;
		return 0;
	case OPT_RULES:
		o->rules[o->rules_count++] = value;
		return 0;
	case OPT_EPOCH:
		if (parse_u64(value, 0, BUILD_EPOCH_MAX, &epoch) < 0)
			return wrong_usage("--epoch wants seconds since 1970", value);
		o->epoch_s = epoch;
		return 0;
	case OPT_OUTPUT:
		o->output = value;
		return 0;
	case OPT_VERBOSE:
		o->verbose = true;
		return 0;
	}
	/* getopt_long() has said what is wrong. */
	return EXIT_USAGE;
}

static int parse_build(int argc, char **argv, struct build_options *o)
{
	unsigned seen = 0;
	int id;

	while ((id = getopt_long(argc, argv, "", options, NULL)) != -1) {
		int status = take_option(id, optarg, o);

		if (status)
			return status;
		seen |= 1U << id;
	}
	if (optind < argc)
		return wrong_usage("unexpected argument", argv[optind]);
	for (size_t i = 0; i < ARRAY_SIZE(required); i++)
		if (!(seen & 1U << required[i].id))
			return wrong_usage("missing option", required[i].name);
	return 0;
}

static int run_build(int argc, char **argv)
{
	_cleanup_free_ const char **rules = calloc(argc, sizeof(rules[0]));
	struct build_options o = {.rules = rules};
	struct err err = {};
	int status;

	if (!rules) {
		fputs("imager: out of memory\n", stderr);
		return EXIT_FAILED;
	}
	status = parse_build(argc, argv, &o);
	if (status)
		return status;
	if (build(&o, &err) < 0) {
		fprintf(stderr, "imager: %s\n", err.text);
		return EXIT_FAILED;
	}
	return EXIT_DONE;
}

int main(int argc, char **argv)
{
	/* Names in an archive are bytes or UTF-8, whatever the host's locale is. */
	if (!setlocale(LC_CTYPE, "C.UTF-8")) {
		fputs("imager: the locale C.UTF-8 is missing\n", stderr);
		return EXIT_FAILED;
	}
	if (argc < 2)
		return wrong_usage("no command", NULL);
	if (strcmp(argv[1], "--help") == 0)
		return fputs(usage, stdout) < 0 ? EXIT_FAILED : EXIT_DONE;
	if (strcmp(argv[1], "--version") == 0)
		return puts("imager " IMAGER_VERSION) < 0 ? EXIT_FAILED : EXIT_DONE;
	if (strcmp(argv[1], "build") != 0)
		return wrong_usage("unknown command", argv[1]);
	return run_build(argc - 1, argv + 1);
}
