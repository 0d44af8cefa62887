/*
 * Frequencies: policies of cpufreq, their governors, limits and preferences.
 *
 * Files are in kHz. The limits of a policy are what others may have asked for as well: the kernel
 * takes the strictest, and what is read back may be another than what was written.
 */
#include <errno.h>
#include <math.h>
#include <time.h>

#include "base/def.h"
#include "base/str.h"
#include "pwrapis/machine/source.h"

#define BOOST MACHINE_CPUFREQ_DIR "/boost"
/* Says the opposite; where it is, there is no boost. */
#define NO_TURBO MACHINE_CPU_DIR "/intel_pstate/no_turbo"

#define MIN_FILE "scaling_min_freq"
#define MAX_FILE "scaling_max_freq"

enum { HZ_PER_KHZ = 1000 };

/* A tenth of a second. */
enum { SETTLE_TRIES = 100, SETTLE_NS = 1000000 };

/* A limit: a control whose write waits. */
#define LIMIT_CONTROL(item_name, item_help, ...)                                                   \
	{                                                                                          \
		.name = item_name, .help = item_help, .domain = POWER_POLICY, .unit = POWER_HERTZ, \
		.flags = POWER_SIGNAL | POWER_CONTROL, .read = source_read, .check = check_limit,  \
		.write = write_limit, .more = &(const struct source)                               \
		{                                                                                  \
			__VA_ARGS__                                                                \
		}                                                                                  \
	}

/* That the frequency is one of the hardware. @ret_khz: as it would be written. */
static int check_hardware(struct machine *m, const struct instance *policy,
			  const struct power_value *value, int64_t *ret_khz)
{
	int64_t min, max;
	int r = source_number(m, policy, "cpuinfo_min_freq", &min);

	if (r == 0)
		r = source_number(m, policy, "cpuinfo_max_freq", &max);
	if (r < 0)
		return r;
	*ret_khz = llround(value->number / HZ_PER_KHZ);
	return *ret_khz >= min && *ret_khz <= max ? 0 : -ERANGE;
}

static int check_limit(struct machine *m, const struct power_item *item, unsigned index,
		       const struct power_value *value)
{
	const struct instance *policy = machine_instance(m, POWER_POLICY, index);
	const struct source *s = item->more;
	bool is_min = str_equal(s->file, MIN_FILE);
	int64_t khz = 0, other;
	int r = source_check(m, item, index, value);

	if (r == 0)
		r = check_hardware(m, policy, value, &khz);
	if (r == 0)
		r = source_number(m, policy, is_min ? MAX_FILE : MIN_FILE, &other);
	if (r < 0)
		return r;
	return (is_min ? khz <= other : khz >= other) ? 0 : -ERANGE;
}

/*
 * The kernel notes a limit, and a worker of its own carries it over to the policy a moment later;
 * until then the file tells the former one. So this waits for the new one, but not for long: what
 * others ask for may be stricter, and then it never comes.
 */
static int write_limit(struct machine *m, const struct power_item *item, unsigned index,
		       const struct power_value *value)
{
	const struct instance *policy = machine_instance(m, POWER_POLICY, index);
	const struct source *s = item->more;
	int64_t wanted = llround(value->number / HZ_PER_KHZ), khz;
	int r = source_write(m, item, index, value);

	for (int tries = 0; r == 0 && tries < SETTLE_TRIES; tries++) {
		if (source_number(m, policy, s->file, &khz) < 0 || khz == wanted)
			break;
		nanosleep(&(struct timespec){.tv_nsec = SETTLE_NS}, NULL);
	}
	return r;
}

int machine_range_order(struct machine *m, unsigned index, double max_hz, bool *ret_max_first)
{
	const struct instance *policy = machine_instance(m, POWER_POLICY, index);
	int64_t min;
	int r = policy ? source_number(m, policy, MIN_FILE, &min) : -EINVAL;

	if (r < 0)
		return r;
	*ret_max_first = max_hz / HZ_PER_KHZ >= min;
	return 0;
}

/* Only the governor userspace takes it. */
static int check_setspeed(struct machine *m, const struct power_item *item, unsigned index,
			  const struct power_value *value)
{
	const struct instance *policy = machine_instance(m, POWER_POLICY, index);
	char governor[POWER_TEXT_BYTES];
	int64_t khz;
	int r = source_check(m, item, index, value);

	if (r == 0)
		r = source_text(m, policy, "scaling_governor", governor);
	if (r < 0)
		return r;
	if (!str_equal(governor, "userspace"))
		return -EOPNOTSUPP;
	return check_hardware(m, policy, value, &khz);
}

static int read_boost(struct machine *m, const struct power_item *item, unsigned index,
		      struct power_value *ret_value)
{
	const struct instance *board = machine_instance(m, POWER_BOARD, index);
	bool inverse = !source_has(m, board, BOOST);
	int64_t number;
	int r = source_number(m, board, inverse ? NO_TURBO : BOOST, &number);

	if (r < 0)
		return r;
	if (number != 0 && number != 1)
		return -EBADMSG;
	ret_value->number = number != inverse;
	return 0;
}

static int check_boost(struct machine *m, const struct power_item *item, unsigned index,
		       const struct power_value *value)
{
	const struct instance *board = machine_instance(m, POWER_BOARD, index);
	int r = source_writable(m, board, source_has(m, board, BOOST) ? BOOST : NO_TURBO);

	if (r < 0)
		return r;
	return value->number == 0 || value->number == 1 ? 0 : -EINVAL;
}

static int write_boost(struct machine *m, const struct power_item *item, unsigned index,
		       const struct power_value *value)
{
	const struct instance *board = machine_instance(m, POWER_BOARD, index);

	if (source_has(m, board, BOOST))
		return source_put(m, board, BOOST, value->number == 0 ? "0" : "1");
	return source_put(m, board, NO_TURBO, value->number == 0 ? "1" : "0");
}

#define FREQUENCY .times = HZ_PER_KHZ, .positive = true
#define TAKES_FREQUENCY FREQUENCY, .min = 1, .max = 1e12

static const struct power_item items[] = {
	SOURCE_SIGNAL("cpufreq.driver", "The driver that sets the frequency.", POWER_POLICY,
		      POWER_TEXT, .file = "scaling_driver"),
	SOURCE_CONTROL("cpufreq.governor", "What decides on the frequency.", POWER_POLICY,
		       POWER_TEXT, source_check, .file = "scaling_governor",
		       .choices = "scaling_available_governors"),
	SOURCE_SIGNAL("cpufreq.available-governors", "Governors that there are.", POWER_POLICY,
		      POWER_LIST, .file = "scaling_available_governors"),
	SOURCE_SIGNAL("cpufreq.frequency", "The frequency now, as far as the kernel knows.",
		      POWER_POLICY, POWER_HERTZ, .file = "scaling_cur_freq", FREQUENCY),
	LIMIT_CONTROL("cpufreq.min", "The lowest frequency that a governor may choose.",
		      .file = MIN_FILE, TAKES_FREQUENCY),
	LIMIT_CONTROL("cpufreq.max", "The highest frequency that a governor may choose.",
		      .file = MAX_FILE, TAKES_FREQUENCY),
	SOURCE_SIGNAL("cpufreq.hardware-min", "The lowest frequency of the hardware.", POWER_POLICY,
		      POWER_HERTZ, .file = "cpuinfo_min_freq", FREQUENCY),
	SOURCE_SIGNAL("cpufreq.hardware-max", "The highest frequency of the hardware.",
		      POWER_POLICY, POWER_HERTZ, .file = "cpuinfo_max_freq", FREQUENCY),
	SOURCE_CONTROL("cpufreq.setspeed", "The frequency itself, under the governor userspace.",
		       POWER_POLICY, POWER_HERTZ, check_setspeed, .file = "scaling_setspeed",
		       TAKES_FREQUENCY),
	SOURCE_SIGNAL("cpufreq.processors", "Processors on line that share the frequency.",
		      POWER_POLICY, POWER_LIST, .file = "affected_cpus"),
	SOURCE_CONTROL("cpufreq.preference", "Energy or performance (EPP), where hardware decides.",
		       POWER_POLICY, POWER_TEXT, source_check,
		       .file = "energy_performance_preference",
		       .choices = "energy_performance_available_preferences"),
	SOURCE_SIGNAL("cpufreq.available-preferences", "Preferences that there are.", POWER_POLICY,
		      POWER_LIST, .file = "energy_performance_available_preferences"),
	{.name = "cpufreq.boost",
	 .help = "Whether frequencies above the nominal one may be chosen.",
	 .domain = POWER_BOARD,
	 .unit = POWER_BOOLEAN,
	 .flags = POWER_SIGNAL | POWER_CONTROL,
	 .read = read_boost,
	 .check = check_boost,
	 .write = write_boost},
};

static int look(struct machine *m)
{
	_cleanup_(str_vector_free_p) char **names = NULL;
	int r = machine_list(m, MACHINE_CPUFREQ_DIR, &names);

	for (char **name = names; r == 0 && *name; name++) {
		char path[INSTANCE_PATH_BYTES];
		struct instance *policy;

		if (machine_numbered(*name, "policy", MACHINE_CPUS_MAX) < 0)
			continue;
		snprintf(path, sizeof(path), MACHINE_CPUFREQ_DIR "/%.32s", *name);
		r = machine_add(m, POWER_POLICY, *name, path, &policy);
	}
	return r;
}

const struct backend backend_cpufreq = {items, ARRAY_SIZE(items), look};
