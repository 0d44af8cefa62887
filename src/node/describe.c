/*
 * What the machine is; see describe.h.
 */
#include "node/describe.h"

#include <errno.h>
#include <string.h>
#include <sys/utsname.h>

#include "base/def.h"
#include "base/str.h"
#include "base/time.h"
#include "node/cpuinfo.h"
#include "node/finding.h"
#include "node/meminfo.h"
#include "node/numa.h"
#include "node/osrelease.h"
#include "node/topology.h"
#include "rpc/json.h"

/* The first entry of /proc/cpuinfo is in the first few KiB, whatever the number of processors. */
enum {
	CPUINFO_BYTES_MAX = 256 * 1024,
	FILE_BYTES_MAX = 64 * 1024,
	STAT_BYTES_MAX = 1024 * 1024,
	COMMAND_LINE_MAX = 4096,
};

static const char local_version[] = "-leonhard";

void describe_fixed_deinit(struct describe_fixed *f)
{
	json_decref(f->kernel);
	json_decref(f->hardware);
	json_decref(f->cpu_names);
	*f = (struct describe_fixed){};
}

static int collect_kernel(const struct machine *m, json_t **ret_kernel)
{
	char release[MACHINE_LINE_MAX], version[MACHINE_LINE_MAX], arch[MACHINE_LINE_MAX];
	char command_line[COMMAND_LINE_MAX];
	struct utsname names;

	machine_line(m, release, sizeof(release), "/proc/sys/kernel/osrelease");
	machine_line(m, version, sizeof(version), "/proc/sys/kernel/version");
	/* The file is there since Linux 6.1. */
	if (machine_line(m, arch, sizeof(arch), "/proc/sys/kernel/arch") < 0 && uname(&names) == 0)
		finding_copy(arch, sizeof(arch), names.machine);
	machine_line(m, command_line, sizeof(command_line), "/proc/cmdline");
	*ret_kernel = json_pack("{s:s, s:s, s:s, s:s, s:b}", "release", release, "version", version,
				"machine", arch, "command_line", command_line, "leonhard",
				strstr(release, local_version) != NULL);
	return *ret_kernel ? 0 : -ENOMEM;
}

/* The first of the NULL-terminated @paths that says something, or null. */
static json_t *first_line(const struct machine *m, const char *const *paths)
{
	char line[MACHINE_LINE_MAX];

	for (; *paths; paths++)
		if (machine_line(m, line, sizeof(line), "%s", *paths) == 0 && *line)
			return json_string(line);
	return json_null();
}

static int collect_hardware(const struct machine *m, json_t **ret_hardware)
{
	static const char *const vendor[] = {"/sys/class/dmi/id/sys_vendor", NULL};
	static const char *const product[] = {"/sys/class/dmi/id/product_name",
					      "/sys/firmware/devicetree/base/model", NULL};
	static const char *const firmware[] = {"/sys/class/dmi/id/bios_version", NULL};

	*ret_hardware = json_pack("{s:o, s:o, s:o}", "vendor", first_line(m, vendor), "product",
				  first_line(m, product), "firmware", first_line(m, firmware));
	return *ret_hardware ? 0 : -ENOMEM;
}

static int collect_cpu_names(const struct machine *m, struct describe_fixed *f)
{
	_cleanup_free_ char *text = NULL;
	struct cpuinfo info = {};
	int r = machine_text(m, "/proc/cpuinfo", CPUINFO_BYTES_MAX, &text);

	if (r == 0)
		r = cpuinfo_parse(text, &info);
	if (r == -ENOMEM)
		return r;
	f->cpu_names = json_pack("{s:s, s:s}", "model", info.model, "vendor", info.vendor);
	f->cpuinfo_processors = info.processors;
	return f->cpu_names ? 0 : -ENOMEM;
}

static int fill_fixed(const struct machine *m, struct describe_fixed *f)
{
	struct describe_fixed new = {};
	int r;

	if (f->kernel)
		return 0;
	r = collect_kernel(m, &new.kernel);
	if (r == 0)
		r = collect_hardware(m, &new.hardware);
	if (r == 0)
		r = collect_cpu_names(m, &new);
	if (r < 0) {
		describe_fixed_deinit(&new);
		return r;
	}
	virt_detect(m, &new.virt);
	*f = new;
	return 0;
}

static int collect_cpu(const struct machine *m, const struct describe_fixed *f, json_t **ret_cpu)
{
	_cleanup_json_ json_t *cpu = NULL;
	struct topology t;
	int r = topology_read(m, &t);

	if (r < 0)
		return r;
	/* Where /sys is hidden, /proc may not be. */
	if (!t.online)
		t.online = f->cpuinfo_processors;
	if (!t.possible)
		t.possible = t.online;
	cpu = json_pack("{s:i, s:i, s:i, s:i, s:i}", "online", t.online, "possible", t.possible,
			"sockets", t.sockets, "cores", t.cores, "threads_per_core",
			t.threads_per_core);
	if (!cpu || json_object_update(cpu, f->cpu_names) < 0)
		return -ENOMEM;
	*ret_cpu = take_ptr(cpu);
	return 0;
}

/* The name for people in os-release; the file in /usr is the vendor's. The caller's. */
static int find_system(const struct machine *m, char **ret_name)
{
	static const char *const paths[] = {"/etc/os-release", "/usr/lib/os-release"};
	static const char *const keys[] = {"PRETTY_NAME", "NAME", "ID"};
	_cleanup_free_ char *text = NULL, *value = NULL;
	int r = -ENOENT;

	for (size_t i = 0; i < ARRAY_SIZE(paths) && r < 0; i++)
		r = machine_text(m, paths[i], FILE_BYTES_MAX, &text);
	if (r < 0)
		return r;
	r = -ENOENT;
	for (size_t i = 0; i < ARRAY_SIZE(keys) && r == -ENOENT; i++)
		r = osrelease_find(text, keys[i], &value);
	return r < 0 ? r : str_escape(value, strlen(value), ret_name);
}

static uint64_t read_memory(const struct machine *m)
{
	_cleanup_free_ char *text = NULL;
	uint64_t bytes = 0;

	if (machine_text(m, "/proc/meminfo", FILE_BYTES_MAX, &text) == 0)
		meminfo_find(text, "MemTotal", &bytes);
	return bytes;
}

/* Decimal digits, at most @max of them; the number of digits read. */
static unsigned digits(const char *p, unsigned max, uint64_t *ret_value)
{
	unsigned n = 0;

	*ret_value = 0;
	for (; n < max && p[n] >= '0' && p[n] <= '9'; n++)
		*ret_value = *ret_value * 10 + (p[n] - '0');
	return n;
}

/* "12345.67 ..." in /proc/uptime: seconds and hundredths. */
static uint64_t read_uptime_ns(const struct machine *m)
{
	char line[MACHINE_LINE_MAX];
	uint64_t seconds, hundredths;
	unsigned n;

	machine_line(m, line, sizeof(line), "/proc/uptime");
	n = digits(line, 9, &seconds);
	if (!n || line[n] != '.' || digits(line + n + 1, 2, &hundredths) != 2)
		return 0;
	return seconds * NS_PER_S + hundredths * (NS_PER_S / 100);
}

/* The line "btime SECONDS" of /proc/stat. */
static uint64_t read_boot_time_ns(const struct machine *m)
{
	static const char key[] = "\nbtime ";
	_cleanup_free_ char *text = NULL;
	const char *line;
	uint64_t seconds;

	if (machine_text(m, "/proc/stat", STAT_BYTES_MAX, &text) < 0)
		return 0;
	line = strstr(text, key);
	/* Ten digits last until the year 2286, and do not overflow. */
	if (!line || !digits(line + strlen(key), 10, &seconds) || seconds > INT64_MAX / NS_PER_S)
		return 0;
	return seconds * NS_PER_S;
}

static json_t *line_or_null(const struct machine *m, const char *path)
{
	return first_line(m, (const char *const[]){path, NULL});
}

int describe_collect(const struct machine *m, struct describe_fixed *f, json_t **ret_reply)
{
	_cleanup_json_ json_t *cpu = NULL, *numa = NULL;
	_cleanup_free_ char *system = NULL;
	char hostname[MACHINE_LINE_MAX];
	json_t *reply;
	int r = fill_fixed(m, f);

	if (r == 0)
		r = collect_cpu(m, f, &cpu);
	if (r == 0)
		r = numa_collect(m, &numa);
	if (r == 0 && find_system(m, &system) == -ENOMEM)
		r = -ENOMEM;
	if (r < 0)
		return r;
	machine_line(m, hostname, sizeof(hostname), "/proc/sys/kernel/hostname");
	reply = json_pack(
		"{s:s, s:o, s:s, s:s, s:s, s:O, s:O, s:O, s:O, s:o, s:o, s:o}", "hostname",
		hostname, "machine_id", line_or_null(m, "/etc/machine-id"), "operating_system",
		system ? system : "", "virtualization", f->virt.name, "virtualization_evidence",
		f->virt.evidence, "hardware", f->hardware, "kernel", f->kernel, "cpu", cpu, "numa",
		numa, "memory_bytes", json_uint(read_memory(m)), "boot_time_ns",
		json_uint(read_boot_time_ns(m)), "uptime_ns", json_uint(read_uptime_ns(m)));
	if (!reply)
		return -ENOMEM;
	*ret_reply = reply;
	return 0;
}
