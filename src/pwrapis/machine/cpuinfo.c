/*
 * What the processors are; see cpuinfo.h.
 */
#include "pwrapis/machine/cpuinfo.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "base/def.h"
#include "base/fs.h"
#include "base/io.h"
#include "base/parse.h"
#include "base/str.h"
#include "pwrapis/machine/cpulist.h"

#define CPU_DIR "/sys/devices/system/cpu"
#define NODE_DIR "/sys/devices/system/node"

enum { PATH_BYTES = 128, CPUINFO_HEAD_BYTES = 8192, HZ_PER_KHZ = 1000 };

/* What is copied of a line: printable ASCII, others as ?. */
static void copy_plain(char out[CPUINFO_TEXT_BYTES], const char *text, size_t len)
{
	if (len >= CPUINFO_TEXT_BYTES)
		len = CPUINFO_TEXT_BYTES - 1;
	for (size_t i = 0; i < len; i++)
		out[i] = text[i] >= ' ' && text[i] <= '~' ? text[i] : '?';
	out[len] = '\0';
}

/* The value of the first line "KEY : VALUE". */
static bool find_value(const char *text, const char *key, char value[CPUINFO_TEXT_BYTES])
{
	size_t key_len = strlen(key);

	for (; *text; text += strcspn(text, "\n"), text += *text == '\n') {
		const char *p = text + key_len;
		size_t len;

		if (strncmp(text, key, key_len) != 0)
			continue;
		p += strspn(p, " \t");
		if (*p++ != ':')
			continue;
		p += strspn(p, " \t");
		len = strcspn(p, "\n");
		while (len && (p[len - 1] == ' ' || p[len - 1] == '\t'))
			len--;
		copy_plain(value, p, len);
		return len > 0;
	}
	return false;
}

void cpuinfo_parse_model(const char *text, char model[CPUINFO_TEXT_BYTES])
{
	/* Each architecture has its own words. */
	static const char *const keys[] = {"model name", "Model Name", "cpu model", "uarch", "cpu"};
	char maker[CPUINFO_TEXT_BYTES], part[CPUINFO_TEXT_BYTES];

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (find_value(text, keys[i], model))
			return;
	*model = '\0';
	if (find_value(text, "CPU implementer", maker) && find_value(text, "CPU part", part))
		snprintf(model, CPUINFO_TEXT_BYTES, "Arm implementer %.16s part %.16s", maker,
			 part);
}

/* The first processor is enough: the kernel takes its time for each of many. */
static int read_head(int root_fd, const char *path, char text[CPUINFO_HEAD_BYTES])
{
	_cleanup_close_ int fd = -1;
	size_t len;
	int r = fs_open(root_fd, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0, &fd);

	if (r == 0)
		r = io_read_up_to(fd, text, CPUINFO_HEAD_BYTES - 1, &len);
	if (r == 0)
		text[len] = '\0';
	return r;
}

static void read_names(int root_fd, struct cpuinfo *info)
{
	_cleanup_free_ char *arch = NULL;
	char text[CPUINFO_HEAD_BYTES];
	struct utsname uts;

	if (fs_read_line(root_fd, "/proc/sys/kernel/arch", &arch) == 0 && *arch)
		copy_plain(info->arch, arch, strlen(arch));
	else if (uname(&uts) == 0)
		copy_plain(info->arch, uts.machine, strlen(uts.machine));
	if (read_head(root_fd, "/proc/cpuinfo", text) == 0)
		cpuinfo_parse_model(text, info->model);
	info->big_endian = __BYTE_ORDER == __BIG_ENDIAN;
}

/* What is known of sockets and cores while processors are gone through. */
struct places {
	unsigned packages[CPULIST_MAX], package_count, core_count, threads;
};

static void add_package(struct places *p, unsigned package)
{
	for (unsigned i = 0; i < p->package_count; i++)
		if (p->packages[i] == package)
			return;
	p->packages[p->package_count++] = package;
}

/* A core is counted with the first of its threads that is on line. */
static void add_core(struct places *p, size_t cpu, const struct cpulist *siblings,
		     const struct cpulist *online)
{
	unsigned threads = 0;
	size_t first = CPULIST_MAX;

	for (size_t i = bitmap_find_set(&siblings->map, 0); i < CPULIST_MAX;
	     i = bitmap_find_set(&siblings->map, i + 1))
		if (bitmap_test(&online->map, i) && threads++ == 0)
			first = i;
	p->core_count += first == cpu;
	if (threads > p->threads)
		p->threads = threads;
}

static void add_cpu(int root_fd, size_t cpu, const struct cpulist *online, struct places *p)
{
	char path[PATH_BYTES];
	struct cpulist siblings;
	uint64_t package;
	int r;

	snprintf(path, sizeof(path), CPU_DIR "/cpu%zu/topology/physical_package_id", cpu);
	if (fs_read_u64(root_fd, path, &package) == 0 && package <= UINT32_MAX)
		add_package(p, package);
	snprintf(path, sizeof(path), CPU_DIR "/cpu%zu/topology/core_cpus_list", cpu);
	r = cpulist_read(root_fd, path, &siblings);
	if (r == -ENOENT) {
		/* Kernels before 5.3. */
		snprintf(path, sizeof(path), CPU_DIR "/cpu%zu/topology/thread_siblings_list", cpu);
		r = cpulist_read(root_fd, path, &siblings);
	}
	if (r == 0)
		add_core(p, cpu, &siblings, online);
}

static int read_topology(int root_fd, struct cpuinfo *info)
{
	_cleanup_free_ struct places *p = calloc(1, sizeof(*p));
	struct cpulist online, present;

	if (!p)
		return -ENOMEM;
	if (cpulist_read(root_fd, CPU_DIR "/online", &online) < 0)
		return -ENODATA;
	if (cpulist_read(root_fd, CPU_DIR "/present", &present) < 0)
		present.map = online.map;
	for (size_t cpu = bitmap_find_set(&online.map, 0); cpu < CPULIST_MAX;
	     cpu = bitmap_find_set(&online.map, cpu + 1))
		add_cpu(root_fd, cpu, &online, p);
	info->cpus = bitmap_count(&present.map);
	info->threads_per_core = p->threads;
	info->sockets = p->package_count;
	info->cores_per_socket = p->package_count ? p->core_count / p->package_count : 0;
	if (bitmap_format_list(&online.map, info->online, sizeof(info->online)) >=
	    sizeof(info->online))
		info->online[0] = '\0';
	return 0;
}

/* The lowest and highest of what policies say. */
static int read_range(int root_fd, struct cpuinfo *info)
{
	_cleanup_(str_vector_free_p) char **names = NULL;
	int r = fs_list(root_fd, CPU_DIR "/cpufreq", &names);

	if (r < 0)
		return r == -ENOMEM ? r : 0;
	for (char **name = names; *name; name++) {
		char path[PATH_BYTES];
		uint64_t khz;

		if (!str_starts(*name, "policy") || strlen(*name) > 16)
			continue;
		snprintf(path, sizeof(path), CPU_DIR "/cpufreq/%.16s/cpuinfo_min_freq", *name);
		if (fs_read_u64(root_fd, path, &khz) == 0 && khz &&
		    (info->min_hz == 0 || khz * (double)HZ_PER_KHZ < info->min_hz))
			info->min_hz = khz * (double)HZ_PER_KHZ;
		snprintf(path, sizeof(path), CPU_DIR "/cpufreq/%.16s/cpuinfo_max_freq", *name);
		if (fs_read_u64(root_fd, path, &khz) == 0 &&
		    khz * (double)HZ_PER_KHZ > info->max_hz)
			info->max_hz = khz * (double)HZ_PER_KHZ;
	}
	return 0;
}

static void read_node(int root_fd, unsigned number, struct cpuinfo *info)
{
	struct cpuinfo_node *node = &info->nodes[info->node_count];
	char path[PATH_BYTES];
	struct cpulist cpus;

	snprintf(path, sizeof(path), NODE_DIR "/node%u/cpulist", number);
	if (cpulist_read(root_fd, path, &cpus) < 0 ||
	    bitmap_format_list(&cpus.map, node->cpus, sizeof(node->cpus)) >= sizeof(node->cpus))
		return;
	node->number = number;
	info->node_count++;
}

static int read_nodes(int root_fd, struct cpuinfo *info)
{
	struct cpulist online;
	size_t count;

	if (cpulist_read(root_fd, NODE_DIR "/online", &online) < 0)
		return 0;
	bitmap_clear_range(&online.map, CPUINFO_NODES_MAX, CPULIST_MAX - CPUINFO_NODES_MAX);
	count = bitmap_count(&online.map);
	info->nodes = calloc(count ? count : 1, sizeof(*info->nodes));
	if (!info->nodes)
		return -ENOMEM;
	for (size_t node = bitmap_find_set(&online.map, 0); node < CPULIST_MAX;
	     node = bitmap_find_set(&online.map, node + 1))
		read_node(root_fd, node, info);
	return 0;
}

int cpuinfo_read(int root_fd, struct cpuinfo *ret_info)
{
	struct cpuinfo info = {};
	int r = read_topology(root_fd, &info);

	if (r == 0)
		r = read_range(root_fd, &info);
	if (r == 0)
		r = read_nodes(root_fd, &info);
	if (r < 0) {
		cpuinfo_deinit(&info);
		return r;
	}
	read_names(root_fd, &info);
	*ret_info = info;
	return 0;
}

void cpuinfo_deinit(struct cpuinfo *info)
{
	free(info->nodes);
	*info = (struct cpuinfo){};
}
