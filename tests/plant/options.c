/*
 * The command line of plant; see options.h.
 */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/def.h"
#include "base/parse.h"
#include "base/str.h"

static const char help[] =
	"plant MOUNTPOINT [OPTION]...\n"
	"Serves the power files of a simulated plant until SIGTERM: MOUNTPOINT/sys and /proc.\n\n"
	"  --cpus N             processors (4)\n"
	"  --packages N         packages (1)\n"
	"  --cpus-per-policy N  processors that share a frequency (1)\n"
	"  --seed N             what the hidden parameters are drawn from (random)\n"
	"  --scale-time X       its time goes X times as fast (1)\n"
	"  --load WHAT          a trace, cgroup:DIR, or pids:N,N,... (idle)\n"
	"  --throttle DIR[:CPU] a cgroup gets as much time as that processor has speed\n"
	"  --faults SPEC        FROM-TO KIND PATTERN [MS]; ..., or @FILE, again on SIGHUP\n"
	"  --meters KIND        cap, plain, both, none: sensors of the board (cap)\n"
	"  --psys               a zone of powercap for the board\n"
	"  --energy-range J     where counters of energy start anew (by the seed)\n"
	"  --log FILE           what is true, to be read afterwards\n"
	"  --steps S            no mount: goes through S seconds at once, the same every time\n\n"
	"  plant /tmp/plant --load tests/plant/loads/step --log /tmp/truth\n"
	"  plant --steps 60 --seed 1 --load tests/plant/loads/bursts --log -\n";

static int take_count(const char *text, unsigned max, unsigned *ret_count)
{
	uint64_t number;
	int r = parse_u64(text, 1, max, &number);

	if (r == 0)
		*ret_count = number;
	return r;
}

static int take_real(const char *text, double min, double max, double *ret_number)
{
	char *end;
	double number = strtod(text, &end);

	if (end == text || *end || !(number >= min && number <= max))
		return -EINVAL;
	*ret_number = number;
	return 0;
}

static int take_cpus(struct options *o, const char *text)
{
	return take_count(text, MODEL_CPUS_MAX, &o->shape.cpus);
}

static int take_packages(struct options *o, const char *text)
{
	return take_count(text, MODEL_PACKAGES_MAX, &o->shape.packages);
}

static int take_policy_cpus(struct options *o, const char *text)
{
	return take_count(text, MODEL_CPUS_MAX, &o->shape.policy_cpus);
}

static int take_seed(struct options *o, const char *text)
{
	o->seeded = true;
	return parse_u64(text, 0, UINT64_MAX, &o->shape.seed);
}

static int take_scale(struct options *o, const char *text)
{
	return take_real(text, 0.001, 1000, &o->scale);
}

static int take_load(struct options *o, const char *text)
{
	o->load = text;
	return 0;
}

static int take_throttle(struct options *o, const char *text)
{
	if (o->throttle_count == THROTTLES_MAX)
		return -E2BIG;
	o->throttles[o->throttle_count++] = text;
	return 0;
}

static int take_faults(struct options *o, const char *text)
{
	o->faults = text;
	return 0;
}

static int take_meters(struct options *o, const char *text)
{
	static const char *const names[] = {"cap", "plain", "both", "none"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (str_equal(names[i], text)) {
			o->meters = i;
			return 0;
		}
	return -EINVAL;
}

static int take_psys(struct options *o, const char *text)
{
	o->psys = true;
	return 0;
}

static int take_range(struct options *o, const char *text)
{
	return take_real(text, 1, 1e9, &o->shape.energy_range_j);
}

static int take_log(struct options *o, const char *text)
{
	o->log = text;
	return 0;
}

static int take_steps(struct options *o, const char *text)
{
	return take_real(text, 0.001, 1e7, &o->steps_s);
}

static const struct row {
	const char *name;
	int argument;
	int (*take)(struct options *o, const char *text);
} rows[] = {
	{"cpus", required_argument, take_cpus},
	{"packages", required_argument, take_packages},
	{"cpus-per-policy", required_argument, take_policy_cpus},
	{"seed", required_argument, take_seed},
	{"scale-time", required_argument, take_scale},
	{"load", required_argument, take_load},
	{"throttle", required_argument, take_throttle},
	{"faults", required_argument, take_faults},
	{"meters", required_argument, take_meters},
	{"psys", no_argument, take_psys},
	{"energy-range", required_argument, take_range},
	{"log", required_argument, take_log},
	{"steps", required_argument, take_steps},
};

/* Numbers of the rows are what getopt_long() gives back for them; help is the one behind. */
enum { FIRST = 256, HELP = FIRST + ARRAY_SIZE(rows) };

static int next_option(int argc, char **argv)
{
	struct option list[ARRAY_SIZE(rows) + 2] = {};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		list[i] = (struct option){rows[i].name, rows[i].argument, NULL, FIRST + i};
	list[ARRAY_SIZE(rows)] = (struct option){"help", no_argument, NULL, HELP};
	return getopt_long(argc, argv, "", list, NULL);
}

int options_parse(int argc, char **argv, struct options *ret_options)
{
	struct options o = {.shape = {.cpus = 4, .packages = 1, .policy_cpus = 1}, .scale = 1};
	int found;

	while ((found = next_option(argc, argv)) >= 0) {
		if (found == HELP) {
			fputs(help, stdout);
			return 1;
		}
		if (found < FIRST)
			return -EINVAL;
		if (rows[found - FIRST].take(&o, optarg) < 0) {
			fprintf(stderr, "simulated plant: '%s' is no value for this option\n",
				optarg);
			return -EINVAL;
		}
	}
	if (optind < argc)
		o.mountpoint = argv[optind++];
	if (optind < argc || !o.mountpoint == !(o.steps_s > 0)) {
		fprintf(stderr, "simulated plant: either a mount point or --steps; see --help\n");
		return -EINVAL;
	}
	*ret_options = o;
	return 0;
}
