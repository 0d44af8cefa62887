/*
 * Thermal zones, and fans that the kernel knows as cooling devices (ACPI).
 *
 * Temperatures are in kelvin; files have thousandths of a degree Celsius. What is at or below
 * absolute zero is how drivers say that they do not know.
 */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/def.h"
#include "base/str.h"
#include "pwrapis/machine/source.h"

#define THERMAL_DIR "/sys/class/thermal"

enum { TRIPS_MAX = 32, ZONES_MAX = 1000 };

/* What the numbers of a zone are: the first trip point of each type. */
enum { NUMBER_PASSIVE, NUMBER_ACTIVE, NUMBER_HOT, NUMBER_CRITICAL };

static const char *const trip_types[INSTANCE_NUMBERS] = {
	[NUMBER_PASSIVE] = "passive",
	[NUMBER_ACTIVE] = "active",
	[NUMBER_HOT] = "hot",
	[NUMBER_CRITICAL] = "critical",
};

static const double celsius_zero = 273.15, hottest = 2000;

static int read_kelvin(struct machine *m, const struct power_item *item, unsigned index,
		       struct power_value *ret_value)
{
	struct power_value value;
	int r = source_read(m, item, index, &value);

	if (r < 0)
		return r;
	value.number += celsius_zero;
	if (value.number <= 0)
		return -ENODATA;
	if (value.number > hottest)
		return -EBADMSG;
	*ret_value = value;
	return 0;
}

static int read_states(struct machine *m, const struct instance *fan, int64_t *ret_now,
		       int64_t *ret_max)
{
	int r = source_number(m, fan, "max_state", ret_max);

	if (r == 0)
		r = source_number(m, fan, "cur_state", ret_now);
	if (r < 0)
		return r;
	return *ret_max > 0 && *ret_now >= 0 && *ret_now <= *ret_max ? 0 : -EBADMSG;
}

static int read_state(struct machine *m, const struct power_item *item, unsigned index,
		      struct power_value *ret_value)
{
	int64_t now, max;
	int r = read_states(m, machine_instance(m, POWER_FAN, index), &now, &max);

	if (r == 0)
		ret_value->number = (double)now / max;
	return r;
}

static int check_state(struct machine *m, const struct power_item *item, unsigned index,
		       const struct power_value *value)
{
	const struct instance *fan = machine_instance(m, POWER_FAN, index);
	int64_t now, max;
	int r = source_writable(m, fan, "cur_state");

	if (r == 0)
		r = read_states(m, fan, &now, &max);
	if (r < 0)
		return r;
	if (!isfinite(value->number))
		return -EINVAL;
	return value->number >= 0 && value->number <= 1 ? 0 : -ERANGE;
}

static int write_state(struct machine *m, const struct power_item *item, unsigned index,
		       const struct power_value *value)
{
	const struct instance *fan = machine_instance(m, POWER_FAN, index);
	char text[32];
	int64_t now, max;
	int r = read_states(m, fan, &now, &max);

	if (r < 0)
		return r;
	snprintf(text, sizeof(text), "%.0f", round(value->number * max));
	return source_put(m, fan, "cur_state", text);
}

#define THERMAL(item_name, item_help, ...)                                        \
	{                                                                         \
		.name = item_name, .help = item_help, .domain = POWER_THERMAL,    \
		.unit = POWER_KELVIN, .flags = POWER_SIGNAL, .read = read_kelvin, \
		.more = &(const struct source)                                    \
		{                                                                 \
			__VA_ARGS__, .per = 1000, .negative = true                \
		}                                                                 \
	}
#define TRIP(which) .file = "trip_point_#_temp", .number = which

static const struct power_item items[] = {
	THERMAL("thermal.temperature", "The temperature.", .file = "temp"),
	THERMAL("thermal.passive", "From here on processors are slowed down.",
		TRIP(NUMBER_PASSIVE)),
	THERMAL("thermal.active", "From here on a fan runs.", TRIP(NUMBER_ACTIVE)),
	THERMAL("thermal.hot", "From here on the kernel warns.", TRIP(NUMBER_HOT)),
	THERMAL("thermal.critical", "From here on the kernel shuts down.", TRIP(NUMBER_CRITICAL)),
	{.name = "thermal.fan-state",
	 .help = "How much of its highest state a cooling fan is in.",
	 .domain = POWER_FAN,
	 .unit = POWER_FRACTION,
	 .flags = POWER_SIGNAL | POWER_CONTROL,
	 .read = read_state,
	 .check = check_state,
	 .write = write_state},
};

static void find_trips(struct machine *m, struct instance *zone)
{
	for (int trip = TRIPS_MAX - 1; trip >= 0; trip--) {
		char file[32], type[POWER_TEXT_BYTES];

		snprintf(file, sizeof(file), "trip_point_%d_type", trip);
		if (source_text(m, zone, file, type) < 0)
			continue;
		for (size_t i = 0; i < ARRAY_SIZE(trip_types); i++)
			if (str_equal(type, trip_types[i]))
				zone->number[i] = trip;
	}
}

static int add_entry(struct machine *m, const char *entry)
{
	bool is_zone = machine_numbered(entry, "thermal_zone", ZONES_MAX) >= 0;
	bool is_cooling = machine_numbered(entry, "cooling_device", ZONES_MAX) >= 0;
	char type[POWER_TEXT_BYTES], name[POWER_NAME_BYTES];
	struct instance probe = {}, *added;
	int r;

	snprintf(probe.path, sizeof(probe.path), THERMAL_DIR "/%.32s", entry);
	if ((!is_zone && !is_cooling) || source_text(m, &probe, "type", type) < 0)
		return 0;
	/* Other cooling devices are processors that are slowed down. */
	if (is_cooling && !strcasestr(type, "fan"))
		return 0;
	machine_plain_name(type, name);
	r = machine_add(m, is_zone ? POWER_THERMAL : POWER_FAN, name, probe.path, &added);
	if (added && is_zone)
		find_trips(m, added);
	return r;
}

static int look(struct machine *m)
{
	_cleanup_(str_vector_free_p) char **names = NULL;
	int r = machine_list(m, THERMAL_DIR, &names);

	for (char **name = names; r == 0 && *name; name++)
		r = add_entry(m, *name);
	return r;
}

const struct backend backend_thermal = {items, ARRAY_SIZE(items), look};
