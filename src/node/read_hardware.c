/*
 * Readers of powers: hardware and firmware.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <unistd.h>

#include "base/def.h"
#include "base/fs.h"
#include "base/str.h"
#include "node/cpulist.h"
#include "node/read.h"

/* The variable is of the EFI specification (3.3, Globally Defined Variables). */
#define SECURE_BOOT "/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"

void read_tpm(const struct machine *m, const char *argument, struct finding *f)
{
	_cleanup_(str_vector_free_p) char **names = machine_list(m, "/sys/class/tpm");
	uint64_t version;

	if (!names || !*names || !machine_has(m, "/sys/class/tpm/%s", *names)) {
		finding_set(f, POWER_NO, "no device in /sys/class/tpm");
		return;
	}
	if (machine_number(m, &version, "/sys/class/tpm/%s/tpm_version_major", *names) < 0 ||
	    version < 1 || version > 2)
		finding_detail(f, "%s, of unknown version", *names);
	else
		finding_detail(f, "%s, TPM %s", *names, version == 1 ? "1.2" : "2.0");
	if (machine_has(m, "/sys/class/tpmrm/%s", "tpmrm0"))
		finding_detail(f, ", with a resource manager");
	finding_set(f, POWER_YES, "/sys/class/tpm/%s is there", *names);
}

void read_watchdog(const struct machine *m, const char *argument, struct finding *f)
{
	_cleanup_(str_vector_free_p) char **names = machine_list(m, "/sys/class/watchdog");
	char identity[MACHINE_LINE_MAX];

	for (char **name = names; name && *name; name++) {
		if (!machine_has(m, "/sys/class/watchdog/%s", *name))
			continue;
		machine_line(m, identity, sizeof(identity), "/sys/class/watchdog/%s/identity",
			     *name);
		finding_list(f, ", ", *identity ? identity : *name);
	}
	if (f->detail[0])
		finding_set(f, POWER_YES, "devices in /sys/class/watchdog");
	else
		finding_set(f, POWER_NO, "no device in /sys/class/watchdog");
}

/* Four bytes of attributes, then 0 or 1. */
void read_secure_boot(const struct machine *m, const char *argument, struct finding *f)
{
	_cleanup_close_ int fd = -1;
	uint8_t bytes[5];
	int r = fs_open(m->root_fd, SECURE_BOOT, O_RDONLY, 0, &fd);

	if (r == -ENOENT || r == -ENOTDIR) {
		finding_set(f, POWER_NO, "the firmware has no variable SecureBoot");
		return;
	}
	if (r < 0 || read(fd, bytes, sizeof(bytes)) != sizeof(bytes) || bytes[4] > 1) {
		finding_set(f, POWER_UNKNOWN, "the variable SecureBoot cannot be read as 0 or 1");
		return;
	}
	finding_detail(f, "%s", bytes[4] ? "on" : "off");
	finding_set(f, bytes[4] ? POWER_YES : POWER_NO,
		    "the firmware's variable SecureBoot says %u", bytes[4]);
}

void read_dmi(const struct machine *m, const char *argument, struct finding *f)
{
	static const char *const files[] = {"sys_vendor", "product_name", "bios_version"};
	char line[MACHINE_LINE_MAX];

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		machine_line(m, line, sizeof(line), "/sys/class/dmi/id/%s", files[i]);
		if (*line)
			finding_list(f, ", ", line);
	}
	finding_set(f, f->detail[0] ? POWER_YES : POWER_NO, "%s in /sys/class/dmi/id",
		    f->detail[0] ? "files" : "no names");
}

void read_cpu_hotplug(const struct machine *m, const char *argument, struct finding *f)
{
	_cleanup_(str_vector_free_p) char **names = machine_list(m, "/sys/devices/system/cpu");
	struct cpulist online;
	unsigned count = 0;

	for (char **name = names; name && *name; name++)
		count += str_starts(*name, "cpu") &&
			 machine_has(m, "/sys/devices/system/cpu/%s/online", *name);
	if (cpulist_read(&online, m, "/sys/devices/system/cpu/online") == 0)
		finding_detail(f, "%zu processors on line", bitmap_count(&online.map));
	if (count)
		finding_set(f, POWER_YES, "processors with a switch in /sys/devices/system/cpu: %u",
			    count);
	else
		finding_set(f, POWER_NO, "no processor in /sys/devices/system/cpu has a switch");
}
