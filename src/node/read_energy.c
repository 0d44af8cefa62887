/*
 * Readers of powers: what limits and measures the use of energy.
 */
#include <fnmatch.h>
#include <inttypes.h>
#include <string.h>

#include "base/def.h"
#include "base/str.h"
#include "node/read.h"

#define CPUFREQ "/sys/devices/system/cpu/cpufreq"
#define CPUIDLE "/sys/devices/system/cpu/cpuidle"

enum { KHZ_PER_MHZ = 1000 };

/* The lowest and highest frequency of all policies, and their number. */
struct range {
	uint64_t min_khz, max_khz;
	unsigned policies;
	const char *first; /* name of a policy */
};

static void add_policy(const struct machine *m, const char *name, struct range *range)
{
	uint64_t min_khz, max_khz;

	range->policies++;
	if (!range->first)
		range->first = name;
	if (machine_number(m, &min_khz, CPUFREQ "/%s/cpuinfo_min_freq", name) == 0 &&
	    (!range->min_khz || min_khz < range->min_khz))
		range->min_khz = min_khz;
	if (machine_number(m, &max_khz, CPUFREQ "/%s/cpuinfo_max_freq", name) == 0 &&
	    max_khz > range->max_khz)
		range->max_khz = max_khz;
}

void read_cpufreq(const struct machine *m, const char *argument, struct finding *f)
{
	_cleanup_(str_vector_free_p) char **names = machine_list(m, CPUFREQ);
	char driver[MACHINE_LINE_MAX], governors[MACHINE_LINE_MAX], governor[MACHINE_LINE_MAX];
	struct range range = {};

	for (char **name = names; name && *name; name++)
		if (str_starts(*name, "policy"))
			add_policy(m, *name, &range);
	if (!range.first) {
		finding_set(f, POWER_NO, "no policy in " CPUFREQ);
		return;
	}
	machine_line(m, driver, sizeof(driver), CPUFREQ "/%s/scaling_driver", range.first);
	machine_line(m, governors, sizeof(governors), CPUFREQ "/%s/scaling_available_governors",
		     range.first);
	machine_line(m, governor, sizeof(governor), CPUFREQ "/%s/scaling_governor", range.first);
	finding_detail(f, "%s, %" PRIu64 " to %" PRIu64 " MHz, %s of %s, %u polic%s",
		       *driver ? driver : "no driver named", range.min_khz / KHZ_PER_MHZ,
		       range.max_khz / KHZ_PER_MHZ, *governor ? governor : "no governor",
		       *governors ? governors : "none", range.policies,
		       range.policies == 1 ? "y" : "ies");
	finding_set(f, *driver ? POWER_YES : POWER_UNKNOWN, "files in " CPUFREQ "/%s", range.first);
}

void read_cpuidle(const struct machine *m, const char *argument, struct finding *f)
{
	char driver[MACHINE_LINE_MAX], governor[MACHINE_LINE_MAX], state[MACHINE_LINE_MAX];

	machine_line(m, driver, sizeof(driver), CPUIDLE "/current_driver");
	if (machine_line(m, governor, sizeof(governor), CPUIDLE "/current_governor") < 0)
		machine_line(m, governor, sizeof(governor), CPUIDLE "/current_governor_ro");
	if (!*driver || str_equal(driver, "none")) {
		finding_set(f, POWER_NO, CPUIDLE "/current_driver %s",
			    *driver ? "says none" : "says nothing");
		return;
	}
	finding_detail(f, "%s, %s:", driver, *governor ? governor : "no governor");
	for (unsigned i = 0;
	     machine_line(m, state, sizeof(state),
			  "/sys/devices/system/cpu/cpu0/cpuidle/state%u/name", i) == 0;
	     i++)
		finding_detail(f, " %s", *state ? state : "?");
	finding_set(f, POWER_YES, "files in " CPUIDLE " and cpu0/cpuidle");
}

/* Adds @name to the detail unless it is there already. */
static void add_once(struct finding *f, const char *name)
{
	size_t len = strlen(name);

	for (const char *p = strstr(f->detail, name); p; p = strstr(p + 1, name))
		if ((p == f->detail || p[-1] == ' ') && (p[len] == ',' || !p[len]))
			return;
	finding_list(f, ", ", name);
}

void read_powercap(const struct machine *m, const char *argument, struct finding *f)
{
	_cleanup_(str_vector_free_p) char **names = machine_list(m, "/sys/class/powercap");
	char zone[MACHINE_LINE_MAX];
	unsigned count = 0;

	for (char **name = names; name && *name; name++) {
		/* Only root may read the counter itself. */
		if (!machine_has(m, "/sys/class/powercap/%s/energy_uj", *name))
			continue;
		machine_line(m, zone, sizeof(zone), "/sys/class/powercap/%s/name", *name);
		add_once(f, *zone ? zone : *name);
		count++;
	}
	if (count)
		finding_set(f, POWER_YES, "zones with energy_uj in /sys/class/powercap: %u", count);
	else
		finding_set(f, POWER_NO, "no zone in /sys/class/powercap has energy_uj");
}

/* The number of files of the monitor @name that measure power. */
static unsigned count_sensors(const struct machine *m, const char *name)
{
	char path[MACHINE_PATH_MAX];
	char **files;
	unsigned count = 0;

	snprintf(path, sizeof(path), "/sys/class/hwmon/%s", name);
	files = machine_list(m, path);
	for (char **file = files; file && *file; file++)
		count += fnmatch("power*_input", *file, 0) == 0 ||
			 fnmatch("power*_average", *file, 0) == 0;
	str_vector_free(files);
	return count;
}

void read_power_sensors(const struct machine *m, const char *argument, struct finding *f)
{
	_cleanup_(str_vector_free_p) char **names = machine_list(m, "/sys/class/hwmon");
	char chip[MACHINE_LINE_MAX];
	unsigned count = 0;

	for (char **name = names; name && *name; name++) {
		unsigned sensors = count_sensors(m, *name);

		if (!sensors)
			continue;
		machine_line(m, chip, sizeof(chip), "/sys/class/hwmon/%s/name", *name);
		add_once(f, *chip ? chip : *name);
		count += sensors;
	}
	if (count)
		finding_set(f, POWER_YES,
			    "files power*_input and power*_average in /sys/class/hwmon: %u", count);
	else
		finding_set(f, POWER_NO, "no power*_input or power*_average in /sys/class/hwmon");
}

void read_acpi_meter(const struct machine *m, const char *argument, struct finding *f)
{
	_cleanup_(str_vector_free_p) char **names = machine_list(m, "/sys/bus/acpi/devices");

	for (char **name = names; name && *name; name++)
		if (str_starts(*name, "ACPI000D:"))
			finding_list(f, ", ", *name);
	if (!f->detail[0])
		finding_set(f, POWER_NO, "no ACPI000D in /sys/bus/acpi/devices");
	else if (machine_has(m, "/sys/bus/acpi/drivers/power_meter"))
		finding_set(f, POWER_YES, "devices in /sys/bus/acpi/devices, and their driver");
	else
		finding_set(f, POWER_NO,
			    "devices in /sys/bus/acpi/devices, but not their driver, power_meter");
}

void read_thermal(const struct machine *m, const char *argument, struct finding *f)
{
	_cleanup_(str_vector_free_p) char **names = machine_list(m, "/sys/class/thermal");
	char type[MACHINE_LINE_MAX], temperature[MACHINE_LINE_MAX];
	unsigned count = 0;

	for (char **name = names; name && *name; name++) {
		if (!str_starts(*name, "thermal_zone") ||
		    machine_line(m, temperature, sizeof(temperature), "/sys/class/thermal/%s/temp",
				 *name) < 0 ||
		    !*temperature)
			continue;
		machine_line(m, type, sizeof(type), "/sys/class/thermal/%s/type", *name);
		add_once(f, *type ? type : *name);
		count++;
	}
	if (count)
		finding_set(f, POWER_YES, "zones with a temperature in /sys/class/thermal: %u",
			    count);
	else
		finding_set(f, POWER_NO, "no zone in /sys/class/thermal has a temperature");
}
