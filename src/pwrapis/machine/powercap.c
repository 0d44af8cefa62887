/*
 * Zones of powercap (RAPL on x86): energy counted, and the limits of power.
 *
 * A zone has constraints, which it numbers as it likes and names: the first one is its limit;
 * "short_term" and "peak_power" are known by their names. A zone within another one carries both
 * names, "package-0/dram". The counter starts anew at its range; machine/energy.h follows it.
 */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/def.h"
#include "base/parse.h"
#include "base/str.h"
#include "pwrapis/machine/source.h"

#define POWERCAP_DIR "/sys/class/powercap"
#define RANGE "max_energy_range_uj"

enum { CONSTRAINTS_MAX = 8, UW_PER_W = 1000000, US_PER_S = 1000000 };

/* What the numbers of an instance are: of its constraints. */
enum { NUMBER_LONG, NUMBER_SHORT, NUMBER_PEAK };

/* The number of a file of the same constraint; @fallback where the zone does not say. */
static double bound(struct machine *m, const struct instance *zone, int constraint,
		    const char *file, double fallback)
{
	char name[64];
	int64_t number;

	snprintf(name, sizeof(name), "constraint_%d_%s", constraint, file);
	/* 0 is what zones write that have no such bound. */
	if (source_number(m, zone, name, &number) < 0 || number <= 0)
		return fallback;
	return number;
}

static int check_bounds(struct machine *m, const struct power_item *item, unsigned index,
			const struct power_value *value, const char *min_file, const char *max_file)
{
	const struct instance *zone = machine_instance(m, POWER_ZONE, index);
	const struct source *s = item->more;
	int constraint = zone->number[s->number];
	double raw = round(value->number * s->per);
	int r = source_check(m, item, index, value);

	if (r < 0)
		return r;
	return raw >= bound(m, zone, constraint, min_file, 1) &&
			       raw <= bound(m, zone, constraint, max_file, INFINITY)
		       ? 0
		       : -ERANGE;
}

/* Zones whose counter does not come to an end in our time write 2^64 - 1. */
static int read_range(struct machine *m, const struct power_item *item, unsigned index,
		      struct power_value *ret_value)
{
	const struct instance *zone = machine_instance(m, POWER_ZONE, index);
	char line[SOURCE_BYTES];
	uint64_t uj;
	int r = source_line(m, zone, RANGE, line);

	if (r < 0)
		return r;
	if (parse_u64(line, 0, UINT64_MAX, &uj) < 0)
		return -EBADMSG;
	if (uj == 0)
		return -ENODATA;
	ret_value->number = (double)uj / UW_PER_W;
	return 0;
}

static int check_limit(struct machine *m, const struct power_item *item, unsigned index,
		       const struct power_value *value)
{
	return check_bounds(m, item, index, value, "min_power_uw", "max_power_uw");
}

static int check_window(struct machine *m, const struct power_item *item, unsigned index,
			const struct power_value *value)
{
	return check_bounds(m, item, index, value, "min_time_window_us", "max_time_window_us");
}

#define LIMIT(constraint)                                                             \
	.file = "constraint_#_power_limit_uw", .number = constraint, .per = UW_PER_W, \
	.min = 0.001, .max = 1e6
#define WINDOW(constraint)                                                                         \
	.file = "constraint_#_time_window_us", .number = constraint, .per = US_PER_S, .min = 1e-6, \
	.max = 1e6

static const struct power_item items[] = {
	{.name = "powercap.energy",
	 .help = "Energy used; starts anew at powercap.energy-range.",
	 .domain = POWER_ZONE,
	 .unit = POWER_JOULES,
	 .flags = POWER_SIGNAL | POWER_PRIVATE | POWER_GUARDED,
	 .read = source_read,
	 .more = &(const struct source){.file = "energy_uj", .per = UW_PER_W}},
	{.name = "powercap.energy-range",
	 .help = "What the counter of energy can hold.",
	 .domain = POWER_ZONE,
	 .unit = POWER_JOULES,
	 .flags = POWER_SIGNAL,
	 .read = read_range,
	 .more = &(const struct source){.file = RANGE, .per = UW_PER_W}},
	{.name = "powercap.power",
	 .help = "Power now, of zones that measure it.",
	 .domain = POWER_ZONE,
	 .unit = POWER_WATTS,
	 .flags = POWER_SIGNAL | POWER_PRIVATE,
	 .read = source_read,
	 .more = &(const struct source){.file = "power_uw", .per = UW_PER_W}},
	SOURCE_CONTROL("powercap.enabled", "Whether the limits of the zone are enforced.",
		       POWER_ZONE, POWER_BOOLEAN, source_check, .file = "enabled"),
	SOURCE_CONTROL("powercap.limit", "Mean power that the zone may use, over its window.",
		       POWER_ZONE, POWER_WATTS, check_limit, LIMIT(NUMBER_LONG)),
	SOURCE_CONTROL("powercap.window", "Time over which the mean of the limit is taken.",
		       POWER_ZONE, POWER_SECONDS, check_window, WINDOW(NUMBER_LONG)),
	SOURCE_SIGNAL("powercap.limit-max", "The greatest limit.", POWER_ZONE, POWER_WATTS,
		      .file = "constraint_#_max_power_uw", .number = NUMBER_LONG, .per = UW_PER_W,
		      .positive = true),
	SOURCE_CONTROL("powercap.short-limit", "Mean power over the shorter window.", POWER_ZONE,
		       POWER_WATTS, check_limit, LIMIT(NUMBER_SHORT)),
	SOURCE_CONTROL("powercap.short-window", "The shorter window.", POWER_ZONE, POWER_SECONDS,
		       check_window, WINDOW(NUMBER_SHORT)),
	SOURCE_CONTROL("powercap.peak-limit", "Power that is never exceeded.", POWER_ZONE,
		       POWER_WATTS, check_limit, LIMIT(NUMBER_PEAK)),
};

static void find_constraints(struct machine *m, struct instance *zone)
{
	for (int i = 0; i < CONSTRAINTS_MAX; i++) {
		char file[32], name[POWER_TEXT_BYTES] = "";

		snprintf(file, sizeof(file), "constraint_%d_power_limit_uw", i);
		if (!source_has(m, zone, file))
			continue;
		snprintf(file, sizeof(file), "constraint_%d_name", i);
		source_text(m, zone, file, name);
		if (str_equal(name, "short_term"))
			zone->number[NUMBER_SHORT] = i;
		else if (str_equal(name, "peak_power"))
			zone->number[NUMBER_PEAK] = i;
		else if (zone->number[NUMBER_LONG] < 0)
			zone->number[NUMBER_LONG] = i;
	}
}

/* The zone that "intel-rapl:0:1" is within, where it is one. */
static const struct instance *parent_of(struct machine *m, const char *path)
{
	size_t len = strrchr(path, ':') - path;

	for (unsigned i = 0; i < machine_count(m, POWER_ZONE); i++) {
		const struct instance *zone = machine_instance(m, POWER_ZONE, i);

		if (strlen(zone->path) == len && memcmp(zone->path, path, len) == 0)
			return zone;
	}
	return NULL;
}

static int add_zone(struct machine *m, const char *path)
{
	struct instance probe = {}, *zone;
	const struct instance *parent = parent_of(m, path);
	char text[POWER_TEXT_BYTES], name[2 * POWER_NAME_BYTES], own[POWER_NAME_BYTES];
	int r;

	snprintf(probe.path, sizeof(probe.path), "%s", path);
	if (source_text(m, &probe, "name", text) < 0 ||
	    !(source_has(m, &probe, "energy_uj") || source_has(m, &probe, "power_uw") ||
	      source_has(m, &probe, "constraint_0_power_limit_uw")))
		return 0;
	machine_plain_name(text, own);
	snprintf(name, sizeof(name), "%s%s%s", parent ? parent->name : "", parent ? "/" : "", own);
	r = machine_add(m, POWER_ZONE, name, path, &zone);
	if (zone)
		find_constraints(m, zone);
	return r;
}

static int look(struct machine *m)
{
	_cleanup_(str_vector_free_p) char **names = NULL;
	int r = machine_list(m, POWERCAP_DIR, &names);

	/* A zone stands before those within it. */
	for (char **name = names; r == 0 && *name; name++) {
		char path[INSTANCE_PATH_BYTES];
		int n = snprintf(path, sizeof(path), POWERCAP_DIR "/%s", *name);

		if (n < INSTANCE_PATH_BYTES && strchr(*name, ':'))
			r = add_zone(m, path);
	}
	return r;
}

const struct backend backend_powercap = {items, ARRAY_SIZE(items), look};
