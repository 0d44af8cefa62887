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

static const struct option long_options[] = {
	{"cpus", required_argument, NULL, 'c'},
	{"packages", required_argument, NULL, 'p'},
	{"seed", required_argument, NULL, 's'},
	{"scale-time", required_argument, NULL, 'x'},
	{"load", required_argument, NULL, 'l'},
	{"throttle", required_argument, NULL, 't'},
	{"faults", required_argument, NULL, 'f'},
	{"meters", required_argument, NULL, 'm'},
	{"psys", no_argument, NULL, 'y'},
	{"energy-range", required_argument, NULL, 'e'},
	{"log", required_argument, NULL, 'o'},
	{"steps", required_argument, NULL, 'n'},
	{"help", no_argument, NULL, 'h'},
	{"cpus-per-policy", required_argument, NULL, 'd'},
	{},
};

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

static int take_meters(const char *text, enum meter_kind *ret_meters)
{
	static const char *const names[] = {"cap", "plain", "both", "none"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (str_equal(names[i], text)) {
			*ret_meters = i;
			return 0;
		}
	return -EINVAL;
}

static int take_throttle(struct options *o, const char *text)
{
	if (o->throttle_count == THROTTLES_MAX)
		return -E2BIG;
	o->throttles[o->throttle_count++] = text;
	return 0;
}

static int take_seed(struct options *o, const char *text)
{
	o->seeded = true;
	return parse_u64(text, 0, UINT64_MAX, &o->shape.seed);
}

static int take_text(const char *text, const char **ret_text)
{
	*ret_text = text;
	return 0;
}

static int take_option(struct options *o, int letter, const char *text)
{
	switch (letter) {
	case 'c':
		return take_count(text, MODEL_CPUS_MAX, &o->shape.cpus);
	case 'p':
		return take_count(text, MODEL_PACKAGES_MAX, &o->shape.packages);
	case 'd':
		return take_count(text, MODEL_CPUS_MAX, &o->shape.policy_cpus);
	case 's':
		return take_seed(o, text);
	case 'x':
		return take_real(text, 0.001, 1000, &o->scale);
	case 'l':
		return take_text(text, &o->load);
	case 't':
		return take_throttle(o, text);
	case 'f':
		return take_text(text, &o->faults);
	case 'm':
		return take_meters(text, &o->meters);
	case 'y':
		o->psys = true;
		return 0;
	case 'e':
		return take_real(text, 1, 1e9, &o->shape.energy_range_j);
	case 'o':
		return take_text(text, &o->log);
	case 'n':
		return take_real(text, 0.001, 1e7, &o->steps_s);
	default:
		return -EINVAL;
	}
}

int options_parse(int argc, char **argv, struct options *ret_options)
{
	struct options o = {.shape = {.cpus = 4, .packages = 1, .policy_cpus = 1}, .scale = 1};
	int letter;

	while ((letter = getopt_long(argc, argv, "h", long_options, NULL)) >= 0) {
		if (letter == 'h') {
			fputs(help, stdout);
			return 1;
		}
		if (letter == '?')
			return -EINVAL;
		if (take_option(&o, letter, optarg) < 0) {
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
