/*
 * Where numbers come from; see level.h.
 *
 * That a machine is a virtual one is told by the processor (x86), by the firmware's tables (DMI:
 * x86 and Arm), by the device tree (Arm), by Xen's folder. A hypervisor that hides all of them is
 * not found out, and is not told from hardware by anything else that a program may read.
 */
#include "pwrapis/machine/level.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "base/def.h"
#include "base/fs.h"
#include "base/str.h"
#include "pwrapis/machine/source.h"

#define DMI "/sys/class/dmi/id/"
#define TREE "/proc/device-tree/"

enum { CPUINFO_MAX = 4 << 20 };

/* ---- a program behind the files ---- */

static bool is_fuse(const struct machine *m, const char *path)
{
	_cleanup_close_ int fd = -1;
	struct statfs st;

	return fs_open(m->root_fd, path, O_PATH, 0, &fd) == 0 && fstatfs(fd, &st) == 0 &&
	       st.f_type == FUSE_SUPER_MAGIC;
}

/* The folders that power, frequencies and temperatures are read from, each of which may be mounted
 * by itself. */
static bool is_plant(const struct machine *m)
{
	static const char *const folders[] = {
		"/sys",
		"/sys/class/hwmon",
		"/sys/class/powercap",
		"/sys/class/thermal",
		"/sys/devices/virtual/powercap",
		"/sys/devices/virtual/thermal",
		MACHINE_CPUFREQ_DIR,
	};

	for (size_t i = 0; i < ARRAY_SIZE(folders); i++)
		if (is_fuse(m, folders[i]))
			return true;
	return false;
}

/* ---- a hypervisor ---- */

/* How texts of the firmware begin; a maker of both kinds is told by its products. */
static const struct maker {
	const char *file, *begins;
	const char *product; /* NULL: any */
} makers[] = {
	{DMI "sys_vendor", "QEMU", NULL},
	{DMI "sys_vendor", "VMware", NULL},
	{DMI "sys_vendor", "innotek GmbH", NULL},
	{DMI "sys_vendor", "Xen", NULL},
	{DMI "sys_vendor", "Bochs", NULL},
	{DMI "sys_vendor", "Parallels", NULL},
	{DMI "sys_vendor", "BHYVE", NULL},
	{DMI "sys_vendor", "OpenStack Foundation", NULL},
	{DMI "sys_vendor", "Microsoft Corporation", "Virtual Machine"},
	{DMI "sys_vendor", "Apple Inc.", "Apple Virtualization"},
	{DMI "product_name", "KVM", NULL},
	{DMI "product_name", "VirtualBox", NULL},
	{DMI "product_name", "Google Compute Engine", NULL},
	{DMI "bios_vendor", "SeaBIOS", NULL},
};

static bool read_line(const struct machine *m, const char *file, char line[SOURCE_BYTES])
{
	return source_line(m, machine_instance(m, POWER_BOARD, 0), file, line) == 0;
}

static bool begins(const struct machine *m, const char *file, const char *text)
{
	char line[SOURCE_BYTES];

	return read_line(m, file, line) && str_starts(line, text);
}

/* Whose machines that are rented whole are called so: "m7g.metal". */
static bool is_rented_part(const struct machine *m)
{
	char line[SOURCE_BYTES];

	return begins(m, DMI "sys_vendor", "Amazon EC2") &&
	       !(read_line(m, DMI "product_name", line) && strstr(line, ".metal"));
}

static bool is_made_by_one(const struct machine *m)
{
	for (size_t i = 0; i < ARRAY_SIZE(makers); i++)
		if (begins(m, makers[i].file, makers[i].begins) &&
		    (!makers[i].product || begins(m, DMI "product_name", makers[i].product)))
			return true;
	return is_rented_part(m);
}

/* Of x86, whose line of flags is the same for all processors: the first is looked at. */
static bool has_flag(const struct machine *m)
{
	_cleanup_free_ char *text = NULL;
	char *line, *end;

	if (fs_read(m->root_fd, "/proc/cpuinfo", CPUINFO_MAX, &text, NULL) < 0)
		return false;
	line = strstr(text, "\nflags");
	if (!line)
		return false;
	end = strchrnul(line + 1, '\n');
	*end = '\0';
	return source_has_word(line + 1, "hypervisor");
}

/* Texts of the device tree end with NUL bytes, and there may be several. */
static bool tree_has(const struct machine *m, const char *file, const char *text)
{
	_cleanup_free_ char *bytes = NULL;
	size_t len;

	return fs_read(m->root_fd, file, SOURCE_BYTES, &bytes, &len) == 0 &&
	       memmem(bytes, len, text, strlen(text));
}

static bool has_file(const struct machine *m, const char *path)
{
	_cleanup_close_ int fd = -1;

	return fs_open(m->root_fd, path, O_PATH, 0, &fd) == 0;
}

static bool is_virtual(const struct machine *m)
{
	return has_flag(m) || is_made_by_one(m) || has_file(m, TREE "hypervisor/compatible") ||
	       tree_has(m, TREE "compatible", "linux,dummy-virt") ||
	       has_file(m, "/sys/hypervisor/type");
}

const char *level_of(const struct machine *m, bool own_root)
{
	if (is_plant(m))
		return "simulated plant";
	if (!own_root)
		return "files";
	return is_virtual(m) ? "virtual machine" : "hardware";
}

/* ---- the item ---- */

static bool is_own_root(const struct machine *m)
{
	struct stat root, own;

	return fstat(m->root_fd, &root) == 0 && stat("/", &own) == 0 && root.st_dev == own.st_dev &&
	       root.st_ino == own.st_ino;
}

static int read_level(struct machine *m, const struct power_item *item, unsigned index,
		      struct power_value *ret_value)
{
	snprintf(ret_value->text, sizeof(ret_value->text), "%s", level_of(m, is_own_root(m)));
	return 0;
}

static const struct power_item items[] = {
	{.name = "power.level",
	 .help = "Where all numbers come from: hardware, virtual machine, simulated plant, files.",
	 .domain = POWER_BOARD,
	 .unit = POWER_TEXT,
	 .flags = POWER_SIGNAL,
	 .read = read_level},
};

const struct backend backend_level = {items, ARRAY_SIZE(items), NULL};
