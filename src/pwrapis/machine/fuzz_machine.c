/*
 * Fuzzing the backends: the input is a machine, a file a line, a letter for the file and what it
 * holds. All of it is read, and everything is offered to every control; nothing may be NaN.
 */
#include <fcntl.h>
#include <ftw.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/def.h"
#include "base/fs.h"
#include "base/io.h"
#include "base/str.h"
#include "pwrapis/machine.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CPU "/sys/devices/system/cpu"

static char top[] = "/tmp/fuzz-machine.XXXXXX";
static int root_fd = -1;

static const char *const files[] = {
	CPU "/present",
	CPU "/online",
	CPU "/cpufreq/boost",
	CPU "/cpufreq/policy0/scaling_governor",
	CPU "/cpufreq/policy0/scaling_available_governors",
	CPU "/cpufreq/policy0/scaling_min_freq",
	CPU "/cpufreq/policy0/scaling_max_freq",
	CPU "/cpufreq/policy0/cpuinfo_min_freq",
	CPU "/cpufreq/policy0/cpuinfo_max_freq",
	CPU "/cpufreq/policy0/scaling_setspeed",
	CPU "/cpufreq/policy0/related_cpus",
	CPU "/cpufreq/ondemand/up_threshold",
	CPU "/cpu0/cpuidle/state0/disable",
	CPU "/cpu1/cpuidle/state0/disable",
	"/dev/cpu_dma_latency",
	"/sys/class/powercap/z:0/name",
	"/sys/class/powercap/z:0/energy_uj",
	"/sys/class/powercap/z:0/max_energy_range_uj",
	"/sys/class/powercap/z:0/constraint_0_name",
	"/sys/class/powercap/z:0/constraint_0_power_limit_uw",
	"/sys/class/powercap/z:0/constraint_0_max_power_uw",
	"/sys/class/hwmon/hwmon0/name",
	"/sys/class/hwmon/hwmon0/power1_average",
	"/sys/class/hwmon/hwmon0/power1_cap",
	"/sys/class/hwmon/hwmon0/power1_cap_max",
	"/sys/class/hwmon/hwmon0/pwm1",
	"/sys/class/hwmon/hwmon0/pwm1_enable",
	"/sys/class/thermal/thermal_zone0/type",
	"/sys/class/thermal/thermal_zone0/temp",
	"/sys/class/thermal/thermal_zone0/trip_point_0_type",
	"/sys/class/thermal/cooling_device0/type",
	"/sys/class/thermal/cooling_device0/cur_state",
	"/sys/class/thermal/cooling_device0/max_state",
	"/sys/block/sda/device/power/control",
	"/sys/block/sda/stat",
	"/sys/block/sda/queue/scheduler",
	"/sys/power/state",
	"/sys/fs/resctrl/mon_data/mon_L3_00/mbm_total_bytes",
	"/sys/firmware/acpi/platform_profile",
	"/sys/firmware/acpi/platform_profile_choices",
	"/sys/kernel/hbm_cache/cache0/state",
	"/sys/bus/acpi/devices/HISI04A1:00/status",
};

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(path);
}

static void clean(void)
{
	nftw(top, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

static void put(size_t file, const char *content)
{
	const char *path = files[file % ARRAY_SIZE(files)];
	int fd;

	if (fs_open(root_fd, path, O_WRONLY | O_CREAT | O_TRUNC, 0644, &fd) < 0)
		abort();
	io_write_all(fd, content, strlen(content));
	close(fd);
}

static void prepare(void)
{
	if (root_fd >= 0)
		return;
	if (!mkdtemp(top) || fs_open_root(top, &root_fd) < 0)
		abort();
	atexit(clean);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		_cleanup_free_ char *folder = strdup(files[i]);

		if (!folder)
			abort();
		*strrchr(folder, '/') = '\0';
		if (fs_mkdir(root_fd, folder, 0755) < 0)
			abort();
	}
}

static void use(struct machine *m, unsigned item, unsigned index)
{
	struct power_value value = {}, low = {.number = -1, .text = "performance"};
	char **words;

	if (machine_read(m, item, index, &value) == 0 &&
	    (!isfinite(value.number) || strnlen(value.text, POWER_TEXT_BYTES) == POWER_TEXT_BYTES))
		abort();
	machine_check(m, item, index, &value);
	machine_check(m, item, index, &low);
	if (machine_words(m, item, index, &words) == 0)
		str_vector_free(words);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(machine_free_p) struct machine *m = NULL;
	_cleanup_free_ char *text = malloc(size + 1);
	char *line, *rest = text;

	if (!text)
		return 0;
	prepare();
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		put(i, "");
	memcpy(text, data, size);
	text[size] = '\0';
	while ((line = strsep(&rest, "\n")))
		put((unsigned char)*line, *line ? line + 1 : line);
	if (machine_new(root_fd, &m) < 0)
		return 0;
	for (unsigned item = 0; item < power_item_count(); item++)
		for (unsigned i = 0; i < machine_count(m, power_item(item)->domain) && i < 4; i++)
			use(m, item, i);
	return 0;
}
