/*
 * Processors; see topology.h.
 */
#include "node/topology.h"

#include <errno.h>
#include <stdlib.h>

#include "base/def.h"
#include "node/cpulist.h"

#define CPU_DIR "/sys/devices/system/cpu"

enum { PACKAGES_MAX = 512 };

/* Numbers of packages seen. Firmware may number them as it likes. */
struct packages {
	uint64_t ids[PACKAGES_MAX];
	unsigned count;
};

static void add_package(struct packages *p, uint64_t id)
{
	for (unsigned i = 0; i < p->count; i++)
		if (p->ids[i] == id)
			return;
	if (p->count < PACKAGES_MAX)
		p->ids[p->count++] = id;
}

/* The threads of the core that @cpu is of; older kernels have the other name. */
static int read_siblings(const struct machine *m, unsigned cpu, struct cpulist *l)
{
	int r = cpulist_read(l, m, CPU_DIR "/cpu%u/topology/core_cpus_list", cpu);

	if (r == -ENOENT)
		r = cpulist_read(l, m, CPU_DIR "/cpu%u/topology/thread_siblings_list", cpu);
	return r;
}

/* Each core is counted with the first of its threads that is on line. */
static void add_core(unsigned cpu, const struct cpulist *siblings, const struct cpulist *online,
		     struct topology *t)
{
	unsigned threads = 0, first = 0;

	for (size_t i = bitmap_find_set(&siblings->map, 0); i < CPULIST_MAX;
	     i = bitmap_find_set(&siblings->map, i + 1))
		if (bitmap_test(&online->map, i) && threads++ == 0)
			first = i;
	t->cores += threads && first == cpu;
	if (threads > t->threads_per_core)
		t->threads_per_core = threads;
}

static void add_cpu(const struct machine *m, unsigned cpu, const struct cpulist *online,
		    struct packages *packages, struct topology *t)
{
	struct cpulist siblings;
	uint64_t package;

	if (machine_number(m, &package, CPU_DIR "/cpu%u/topology/physical_package_id", cpu) == 0)
		add_package(packages, package);
	if (read_siblings(m, cpu, &siblings) == 0)
		add_core(cpu, &siblings, online, t);
}

int topology_read(const struct machine *m, struct topology *ret_topology)
{
	_cleanup_free_ struct packages *packages = calloc(1, sizeof(*packages));
	struct cpulist online, possible;
	struct topology t = {};

	if (!packages)
		return -ENOMEM;
	cpulist_read(&online, m, CPU_DIR "/online");
	cpulist_read(&possible, m, CPU_DIR "/possible");
	t.online = bitmap_count(&online.map);
	t.possible = bitmap_count(&possible.map);
	for (size_t cpu = bitmap_find_set(&online.map, 0); cpu < CPULIST_MAX;
	     cpu = bitmap_find_set(&online.map, cpu + 1))
		add_cpu(m, cpu, &online, packages, &t);
	t.sockets = packages->count;
	*ret_topology = t;
	return 0;
}
