/*
 * Processors in their order; see topology.h.
 */
#include "pwrapis/sched/topology.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/def.h"
#include "base/fs.h"
#include "pwrapis/machine/backend.h"
#include "pwrapis/machine/cpulist.h"

#define NODES "/sys/devices/system/node"

enum { CACHES_MAX = 8, NODES_MAX = 1024 };

/* ---- reading ---- */

/* The lowest of the list in a file of the processor, or @otherwise. */
static unsigned lowest(int root_fd, unsigned cpu, const char *file, unsigned otherwise)
{
	struct cpulist list;
	char path[192];
	size_t first;

	snprintf(path, sizeof(path), MACHINE_CPU_DIR "/cpu%u/%s", cpu, file);
	if (cpulist_read(root_fd, path, &list) < 0)
		return otherwise;
	first = bitmap_find_set(&list.map, 0);
	return first < CPULIST_MAX ? first : otherwise;
}

static unsigned core_of(int root_fd, unsigned cpu)
{
	unsigned core = lowest(root_fd, cpu, "topology/core_cpus_list", CPULIST_MAX);

	return core < CPULIST_MAX ? core
				  : lowest(root_fd, cpu, "topology/thread_siblings_list", cpu);
}

static unsigned package_of(int root_fd, unsigned cpu)
{
	uint64_t package;
	char path[128];

	snprintf(path, sizeof(path), MACHINE_CPU_DIR "/cpu%u/topology/physical_package_id", cpu);
	return fs_read_u64(root_fd, path, &package) < 0 || package > INT32_MAX ? 0 : package;
}

/* The cache of the highest level; without any, all of the package share one. */
static unsigned llc_of(int root_fd, unsigned cpu, unsigned package)
{
	unsigned llc = CPULIST_MAX + package;
	uint64_t highest = 0;

	for (unsigned i = 0; i < CACHES_MAX; i++) {
		char path[128];
		uint64_t level;

		snprintf(path, sizeof(path), MACHINE_CPU_DIR "/cpu%u/cache/index%u/level", cpu, i);
		if (fs_read_u64(root_fd, path, &level) < 0 || level <= highest)
			continue;
		highest = level;
		snprintf(path, sizeof(path), "cache/index%u/shared_cpu_list", i);
		llc = lowest(root_fd, cpu, path, llc);
	}
	return llc;
}

static void read_nodes(int root_fd, struct topology *t)
{
	for (unsigned node = 0; node < NODES_MAX; node++) {
		struct cpulist list;
		char path[64];

		snprintf(path, sizeof(path), NODES "/node%u/cpulist", node);
		if (cpulist_read(root_fd, path, &list) < 0)
			break;
		for (unsigned i = 0; i < t->count; i++)
			if (bitmap_test(&list.map, t->cpus[i].cpu))
				t->cpus[i].group[TOPOLOGY_NODE] = node;
	}
}

int topology_read(int root_fd, struct topology *ret_topology)
{
	struct topology t = {};
	struct cpulist online;
	int r = cpulist_read(root_fd, MACHINE_CPU_DIR "/online", &online);

	if (r < 0 || !bitmap_count(&online.map))
		return -ENODATA;
	t.cpus = calloc(bitmap_count(&online.map), sizeof(*t.cpus));
	if (!t.cpus)
		return -ENOMEM;
	for (size_t cpu = 0; (cpu = bitmap_find_set(&online.map, cpu)) < CPULIST_MAX; cpu++) {
		struct topology_cpu *c = &t.cpus[t.count++];

		c->cpu = cpu;
		c->group[TOPOLOGY_CORE] = core_of(root_fd, cpu);
		c->group[TOPOLOGY_PACKAGE] = package_of(root_fd, cpu);
		c->group[TOPOLOGY_LLC] = llc_of(root_fd, cpu, c->group[TOPOLOGY_PACKAGE]);
	}
	read_nodes(root_fd, &t);
	*ret_topology = t;
	return 0;
}

void topology_deinit(struct topology *t)
{
	free(t->cpus);
	*t = (struct topology){};
}

/* ---- order ---- */

/* From the level whose groups are largest to the one whose are smallest. */
static const enum topology_level nesting[] = {TOPOLOGY_PACKAGE, TOPOLOGY_NODE, TOPOLOGY_LLC,
					      TOPOLOGY_CORE};

static int compare(const void *a, const void *b, void *data)
{
	const struct topology_cpu *x = a, *y = b, *first = data;

	for (size_t i = 0; i < ARRAY_SIZE(nesting); i++) {
		unsigned gx = x->group[nesting[i]], gy = y->group[nesting[i]];
		unsigned home = first->group[nesting[i]];

		if (gx == gy)
			continue;
		if (gx == home || gy == home)
			return gx == home ? -1 : 1;
		return gx < gy ? -1 : 1;
	}
	return (x->cpu > y->cpu) - (x->cpu < y->cpu);
}

void topology_order(struct topology *t, unsigned first)
{
	struct topology_cpu home;

	if (!t->count)
		return;
	home = t->cpus[0];
	for (unsigned i = 0; i < t->count; i++)
		if (t->cpus[i].cpu == first || (home.cpu != first && t->cpus[i].cpu < home.cpu))
			home = t->cpus[i];
	qsort_r(t->cpus, t->count, sizeof(*t->cpus), compare, &home);
}

bool topology_ends(const struct topology *t, unsigned count, enum topology_level level)
{
	if (!count || count >= t->count)
		return count == t->count;
	return t->cpus[count - 1].group[level] != t->cpus[count].group[level];
}

void topology_set(const struct topology *t, unsigned from, unsigned count, struct bitmap *set)
{
	bitmap_clear_range(set, 0, set->bit_count);
	for (unsigned i = from; i < t->count && i - from < count; i++)
		bitmap_set(set, t->cpus[i].cpu);
}
