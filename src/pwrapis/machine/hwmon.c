/*
 * Sensors of power and fans of hwmon, the ACPI power meter among them.
 *
 * A chip is a folder; its files carry numbers: power1_input, fan2_input. Older drivers have them in
 * the folder of the device. An instance is one number of one chip: "power_meter/power1".
 */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/def.h"
#include "base/str.h"
#include "pwrapis/machine/source.h"

#define HWMON_DIR "/sys/class/hwmon"

enum { SENSORS_MAX = 64, CHIPS_MAX = 1000, PWM_MAX = 255, PWM_MANUAL = 1, UW_PER_W = 1000000 };

/* The mean over the meter's own interval, where it does not measure at once. */
static int read_power(struct machine *m, const struct power_item *item, unsigned index,
		      struct power_value *ret_value)
{
	static const struct source average = {.file = "power#_average", .per = UW_PER_W};
	const struct power_item mean = {.unit = item->unit, .more = &average};
	const struct instance *meter = machine_instance(m, POWER_METER, index);
	int r = source_read(m, item, index, ret_value);

	return r == -EOPNOTSUPP ? source_read_at(m, &mean, meter, ret_value) : r;
}

/* Whether the file says that the number is over its bound; one that is not there says nothing. */
static bool is_beyond(struct machine *m, const struct instance *meter, const char *suffix,
		      double raw, int sign)
{
	char file[64];
	int64_t bound;

	snprintf(file, sizeof(file), "power%d_cap_%s", meter->number[0], suffix);
	return source_number(m, meter, file, &bound) == 0 && sign * raw > sign * (double)bound;
}

static int check_cap(struct machine *m, const struct power_item *item, unsigned index,
		     const struct power_value *value)
{
	const struct instance *meter = machine_instance(m, POWER_METER, index);
	double raw = round(value->number * UW_PER_W);
	int r = source_check(m, item, index, value);

	if (r < 0)
		return r;
	return is_beyond(m, meter, "min", raw, -1) || is_beyond(m, meter, "max", raw, 1) ? -ERANGE
											 : 0;
}

/* A fan that is not in manual mode takes no level: -EOPNOTSUPP. */
static int check_pwm(struct machine *m, const struct power_item *item, unsigned index,
		     const struct power_value *value)
{
	const struct instance *fan = machine_instance(m, POWER_FAN, index);
	char file[64];
	int64_t mode;
	int r = source_check(m, item, index, value);

	if (r < 0)
		return r;
	snprintf(file, sizeof(file), "pwm%d_enable", fan->number[0]);
	r = source_number(m, fan, file, &mode);
	if (r == -EOPNOTSUPP)
		return 0;
	if (r < 0)
		return r;
	return mode == PWM_MANUAL ? 0 : -EOPNOTSUPP;
}

#define METER_SIGNAL(item_name, item_help, item_read, ...)                                        \
	{                                                                                         \
		.name = item_name, .help = item_help, .domain = POWER_METER, .unit = POWER_WATTS, \
		.flags = POWER_SIGNAL | POWER_PRIVATE, .read = item_read,                         \
		.more = &(const struct source)                                                    \
		{                                                                                 \
			__VA_ARGS__, .per = UW_PER_W                                              \
		}                                                                                 \
	}

static const struct power_item items[] = {
	METER_SIGNAL("hwmon.power", "Power now; of meters that only have it, the mean.", read_power,
		     .file = "power#_input"),
	METER_SIGNAL("hwmon.power-mean", "Mean power over the meter's interval.", source_read,
		     .file = "power#_average"),
	SOURCE_SIGNAL("hwmon.interval", "The interval of the mean.", POWER_METER, POWER_SECONDS,
		      .file = "power#_average_interval", .per = 1000, .positive = true),
	SOURCE_SIGNAL("hwmon.label", "What is measured, as the driver calls it.", POWER_METER,
		      POWER_TEXT, .file = "power#_label"),
	SOURCE_CONTROL("hwmon.cap", "Power that what is measured may use.", POWER_METER,
		       POWER_WATTS, check_cap, .file = "power#_cap", .per = UW_PER_W, .min = 0.001,
		       .max = 1e6),
	SOURCE_SIGNAL("hwmon.cap-min", "The lowest cap.", POWER_METER, POWER_WATTS,
		      .file = "power#_cap_min", .per = UW_PER_W),
	SOURCE_SIGNAL("hwmon.cap-max", "The highest cap.", POWER_METER, POWER_WATTS,
		      .file = "power#_cap_max", .per = UW_PER_W, .positive = true),
	SOURCE_SIGNAL("hwmon.fan", "Revolutions of the fan.", POWER_FAN, POWER_PER_SECOND,
		      .file = "fan#_input", .per = 60),
	SOURCE_CONTROL("hwmon.fan-level", "How much of its full power the fan gets.", POWER_FAN,
		       POWER_FRACTION, check_pwm, .file = "pwm#", .per = PWM_MAX, .min = 0,
		       .max = 1),
	SOURCE_CONTROL("hwmon.fan-mode", "0: at full power, 1: at its level, above: by the chip.",
		       POWER_FAN, POWER_NONE, source_check, .file = "pwm#_enable", .min = 0,
		       .max = 5),
};

/* A prefix of files, those of its suffixes that make an instance, and the domain. */
static const struct kind {
	const char *prefix, *suffixes[2];
	enum power_domain domain;
} kinds[] = {
	{"power", {"_input", "_average"}, POWER_METER},
	{"fan", {"_input", ""}, POWER_FAN},
	{"pwm", {"", ""}, POWER_FAN},
};

/* The number in a name of this kind, or -1. */
static int sensor_number(const char *name, const struct kind *kind)
{
	for (size_t i = 0; i < ARRAY_SIZE(kind->suffixes); i++) {
		char head[32];
		size_t len = strlen(name), tail = strlen(kind->suffixes[i]);
		int number;

		if (len >= sizeof(head) || !str_ends(name, kind->suffixes[i]))
			continue;
		snprintf(head, sizeof(head), "%.*s", (int)(len - tail), name);
		number = machine_numbered(head, kind->prefix, SENSORS_MAX);
		if (number >= 0)
			return number;
	}
	return -1;
}

/* Numbers of the sensors of @domain among the files. */
static uint64_t find_sensors(char *const *files, enum power_domain domain)
{
	uint64_t found = 0;

	for (; *files; files++)
		for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
			int number =
				kinds[i].domain == domain ? sensor_number(*files, &kinds[i]) : -1;

			found |= number >= 0 ? UINT64_C(1) << number : 0;
		}
	return found;
}

static int add_sensor(struct machine *m, enum power_domain domain, const char *chip,
		      const char *hwmon, const char *path, int number)
{
	const char *what = domain == POWER_METER ? "power" : "fan";
	char name[2 * POWER_NAME_BYTES];
	struct instance *sensor;
	unsigned taken;
	int r;

	snprintf(name, sizeof(name), "%s/%s%d", chip, what, number);
	/* Of two chips of a kind, the second one says which it is. */
	if (machine_index(m, domain, name, &taken) == 0)
		snprintf(name, sizeof(name), "%s@%s/%s%d", chip, hwmon, what, number);
	r = machine_add(m, domain, name, path, &sensor);
	if (sensor)
		sensor->number[0] = number;
	return r;
}

static int add_folder(struct machine *m, const char *chip, const char *hwmon, const char *path)
{
	static const enum power_domain domains[] = {POWER_METER, POWER_FAN};
	_cleanup_(str_vector_free_p) char **files = NULL;
	int r = machine_list(m, path, &files);

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(domains); i++) {
		uint64_t found = find_sensors(files, domains[i]);

		for (int number = 0; r == 0 && number < SENSORS_MAX; number++)
			if (found >> number & 1)
				r = add_sensor(m, domains[i], chip, hwmon, path, number);
	}
	return r;
}

static int add_chip(struct machine *m, const char *hwmon)
{
	char text[POWER_TEXT_BYTES], chip[POWER_NAME_BYTES];
	struct instance own = {}, device = {};
	int r;

	snprintf(own.path, sizeof(own.path), HWMON_DIR "/%.32s", hwmon);
	snprintf(device.path, sizeof(device.path), HWMON_DIR "/%.32s/device", hwmon);
	if (source_text(m, &own, "name", text) < 0 && source_text(m, &device, "name", text) < 0)
		snprintf(text, sizeof(text), "%.32s", hwmon);
	machine_plain_name(text, chip);
	r = add_folder(m, chip, hwmon, own.path);
	return r < 0 ? r : add_folder(m, chip, hwmon, device.path);
}

static int look(struct machine *m)
{
	_cleanup_(str_vector_free_p) char **names = NULL;
	int r = machine_list(m, HWMON_DIR, &names);

	for (char **name = names; r == 0 && *name; name++)
		if (machine_numbered(*name, "hwmon", CHIPS_MAX) >= 0)
			r = add_chip(m, *name);
	return r;
}

const struct backend backend_hwmon = {items, ARRAY_SIZE(items), look};
