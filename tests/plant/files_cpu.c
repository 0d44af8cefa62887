/*
 * /sys/devices/system/cpu and node, and what of /proc tells about processors.
 */
#include <errno.h>
#include <inttypes.h>
#include <math.h>

#include "base/def.h"
#include "tree.h"

#define CPU_DIR "sys/devices/system/cpu"

enum { TICKS_PER_S = 100 };

static void show_range(struct strbuf *out, unsigned first, unsigned count)
{
	strbuf_addf(out, count > 1 ? "%u-%u\n" : "%u\n", first, first + count - 1);
}

static void show_all(struct plant *p, unsigned i, unsigned j, struct strbuf *out)
{
	show_range(out, 0, p->model.shape.cpus);
}

static void show_online_list(struct plant *p, unsigned i, unsigned j, struct strbuf *out)
{
	const struct model *m = &p->model;
	const char *comma = "";

	for (unsigned c = 0; c < m->shape.cpus; c++) {
		unsigned last = c;

		if (!m->cpus[c].online)
			continue;
		while (last + 1 < m->shape.cpus && m->cpus[last + 1].online)
			last++;
		strbuf_addf(out, last > c ? "%s%u-%u" : "%s%u", comma, c, last);
		comma = ",";
		c = last;
	}
	strbuf_addf(out, "\n");
}

static const struct attribute machine_files[] = {
	{"possible", 0444, show_all, NULL, NULL},
	{"present", 0444, show_all, NULL, NULL},
	{"online", 0444, show_online_list, NULL, NULL},
};

static void show_online(struct plant *p, unsigned i, unsigned j, struct strbuf *out)
{
	strbuf_addf(out, "%d\n", p->model.cpus[i].online);
}

static int store_online(struct plant *p, unsigned i, unsigned j, const char *text)
{
	return store_flag(text, &p->model.cpus[i].online);
}

static bool is_hotplug(struct plant *p, unsigned i, unsigned j)
{
	return i > 0;
}

static const struct attribute cpu_files[] = {
	{"online", 0644, show_online, store_online, is_hotplug},
};

static void show_package(struct plant *p, unsigned i, unsigned j, struct strbuf *out)
{
	strbuf_addf(out, "%u\n", model_package_of(&p->model, i));
}

static void show_number(struct plant *p, unsigned i, unsigned j, struct strbuf *out)
{
	strbuf_addf(out, "%u\n", i);
}

static void show_siblings(struct plant *p, unsigned i, unsigned j, struct strbuf *out)
{
	unsigned count = p->model.shape.cpus / p->model.shape.packages;

	show_range(out, model_package_of(&p->model, i) * count, count);
}

static bool is_online(struct plant *p, unsigned i, unsigned j)
{
	return p->model.cpus[i].online;
}

static const struct attribute topology_files[] = {
	{"physical_package_id", 0444, show_package, NULL, is_online},
	{"die_id", 0444, show_package, NULL, is_online},
	{"core_id", 0444, show_number, NULL, is_online},
	{"core_cpus_list", 0444, show_number, NULL, is_online},
	{"thread_siblings_list", 0444, show_number, NULL, is_online},
	{"package_cpus_list", 0444, show_siblings, NULL, is_online},
	{"core_siblings_list", 0444, show_siblings, NULL, is_online},
};

static void show_level(struct plant *p, unsigned i, unsigned j, struct strbuf *out)
{
	strbuf_addf(out, "3\n");
}

static void show_unified(struct plant *p, unsigned i, unsigned j, struct strbuf *out)
{
	strbuf_addf(out, "Unified\n");
}

static const struct attribute cache_files[] = {
	{"level", 0444, show_level, NULL, is_online},
	{"type", 0444, show_unified, NULL, is_online},
	{"shared_cpu_list", 0444, show_siblings, NULL, is_online},
};

static void show_node_cpus(struct plant *p, unsigned i, unsigned j, struct strbuf *out)
{
	unsigned count = p->model.shape.cpus / p->model.shape.packages;

	show_range(out, i * count, count);
}

static void show_nodes(struct plant *p, unsigned i, unsigned j, struct strbuf *out)
{
	show_range(out, 0, p->model.shape.packages);
}

static const struct attribute node_files[] = {
	{"cpulist", 0444, show_node_cpus, NULL, NULL},
};

static const struct attribute nodes_files[] = {
	{"online", 0444, show_nodes, NULL, NULL},
	{"possible", 0444, show_nodes, NULL, NULL},
};

void make_cpus(struct maker *m)
{
	const struct shape *s = &m->tree->plant->model.shape;

	make_files(m, make_folder(m, CPU_DIR), machine_files, ARRAY_SIZE(machine_files), 0, 0);
	for (unsigned i = 0; i < s->cpus; i++) {
		make_files(m, make_folderf(m, CPU_DIR "/cpu%u", i), cpu_files,
			   ARRAY_SIZE(cpu_files), i, 0);
		make_files(m, make_folderf(m, CPU_DIR "/cpu%u/topology", i), topology_files,
			   ARRAY_SIZE(topology_files), i, 0);
		make_files(m, make_folderf(m, CPU_DIR "/cpu%u/cache/index3", i), cache_files,
			   ARRAY_SIZE(cache_files), i, 0);
	}
	make_files(m, make_folder(m, "sys/devices/system/node"), nodes_files,
		   ARRAY_SIZE(nodes_files), 0, 0);
	for (unsigned i = 0; i < s->packages; i++)
		make_files(m, make_folderf(m, "sys/devices/system/node/node%u", i), node_files,
			   ARRAY_SIZE(node_files), i, 0);
}

/* ---- /proc ---- */

static void show_times(struct strbuf *out, const char *name, double busy_s, double idle_s)
{
	strbuf_addf(out, "%s %" PRIu64 " 0 0 %" PRIu64 " 0 0 0 0 0 0\n", name,
		    (uint64_t)(busy_s * TICKS_PER_S), (uint64_t)(idle_s * TICKS_PER_S));
}

static double idle_seconds(const struct cpu *c)
{
	return c->idle_s[0] + c->idle_s[1] + c->idle_s[2];
}

static void show_stat(struct plant *p, unsigned i, unsigned j, struct strbuf *out)
{
	const struct model *m = &p->model;
	double busy = 0, idle = 0;

	for (unsigned c = 0; c < m->shape.cpus; c++) {
		busy += m->cpus[c].busy_s;
		idle += idle_seconds(&m->cpus[c]);
	}
	show_times(out, "cpu ", busy, idle);
	for (unsigned c = 0; c < m->shape.cpus; c++) {
		char name[16];

		snprintf(name, sizeof(name), "cpu%u", c);
		if (m->cpus[c].online)
			show_times(out, name, m->cpus[c].busy_s, idle_seconds(&m->cpus[c]));
	}
	strbuf_addf(out, "intr 0\nctxt 0\nprocesses 1\n");
}

static void show_cpuinfo(struct plant *p, unsigned i, unsigned j, struct strbuf *out)
{
	for (unsigned c = 0; c < p->model.shape.cpus; c++)
		if (p->model.cpus[c].online)
			strbuf_addf(out,
				    "processor\t: %u\nmodel name\t: simulated plant\n"
				    "physical id\t: %u\ncore id\t\t: %u\n\n",
				    c, model_package_of(&p->model, c), c);
}

static const struct attribute proc_files[] = {
	{"stat", 0444, show_stat, NULL, NULL},
	{"cpuinfo", 0444, show_cpuinfo, NULL, NULL},
};

void make_proc(struct maker *m)
{
	make_files(m, make_folder(m, "proc"), proc_files, ARRAY_SIZE(proc_files), 0, 0);
}
