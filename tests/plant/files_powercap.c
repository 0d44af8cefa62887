/*
 * Zones of powercap as intel-rapl has them: packages with two limits, memory, perhaps the board.
 *
 * Limits come in eighths of a watt, windows in quarters of powers of two of 976 us, as the
 * registers hold them. Energy is root's own to read, as on usual kernels.
 */
#include <errno.h>
#include <inttypes.h>
#include <math.h>

#include "base/def.h"
#include "tree.h"

#define ZONES_DIR "sys/devices/virtual/powercap/intel-rapl"
#define CLASS_DIR "sys/class/powercap"

enum { UW_PER_W = 1000000, US_PER_S = 1000000, UW_STEP = 125000 };

static const double window_unit_us = 976.5625;

static struct package *package(struct plant *p, unsigned i)
{
	return &p->model.packages[i];
}

static void show_energy_of(struct plant *p, const struct energy *e, struct strbuf *out)
{
	strbuf_addf(out, "%" PRIu64 "\n", model_energy_uj(&p->model, e->joules));
}

static void show_range(struct plant *p, unsigned i, unsigned j, struct strbuf *out)
{
	strbuf_addf(out, "%" PRIu64 "\n", model_energy_range_uj(&p->model));
}

static void show_package_name(struct plant *p, unsigned i, unsigned j, struct strbuf *out)
{
	strbuf_addf(out, "package-%u\n", i);
}

static void show_package_energy(struct plant *p, unsigned i, unsigned j, struct strbuf *out)
{
	show_energy_of(p, &package(p, i)->cpu, out);
}

static void show_enabled(struct plant *p, unsigned i, unsigned j, struct strbuf *out)
{
	strbuf_addf(out, "%d\n", package(p, i)->enabled);
}

static int store_enabled(struct plant *p, unsigned i, unsigned j, const char *text)
{
	return store_flag(text, &package(p, i)->enabled);
}

static const struct attribute package_files[] = {
	{"name", 0444, show_package_name, NULL, NULL},
	{"energy_uj", 0400, show_package_energy, NULL, NULL},
	{"max_energy_range_uj", 0444, show_range, NULL, NULL},
	{"enabled", 0644, show_enabled, store_enabled, NULL},
};

/* ---- limits ---- */

static void show_limit_name(struct plant *p, unsigned i, unsigned j, struct strbuf *out)
{
	strbuf_addf(out, "%s\n", j == 0 ? "long_term" : "short_term");
}

static void show_limit(struct plant *p, unsigned i, unsigned j, struct strbuf *out)
{
	strbuf_addf(out, "%.0f\n", package(p, i)->limits[j].limit_w * UW_PER_W);
}

static int store_limit(struct plant *p, unsigned i, unsigned j, const char *text)
{
	long long uw;
	int r = store_number(text, 0, 4096LL * UW_PER_W, &uw);

	if (r < 0)
		return r;
	package(p, i)->limits[j].limit_w = (double)(uw / UW_STEP * UW_STEP) / UW_PER_W;
	return 0;
}

static void show_max(struct plant *p, unsigned i, unsigned j, struct strbuf *out)
{
	double watts = round((j == 0 ? 1 : 1.5) * p->model.params.nominal_w);

	strbuf_addf(out, "%.0f\n", watts * UW_PER_W);
}

static void show_window(struct plant *p, unsigned i, unsigned j, struct strbuf *out)
{
	strbuf_addf(out, "%.0f\n", package(p, i)->limits[j].window_s * US_PER_S);
}

/* The longest window that the register has and that is no longer. */
static int store_window(struct plant *p, unsigned i, unsigned j, const char *text)
{
	long long us;
	double units, power;
	int r = store_number(text, 1, 40LL * US_PER_S, &us);

	if (r < 0)
		return r;
	units = fmax(1, us / window_unit_us);
	power = exp2(floor(log2(units)));
	package(p, i)->limits[j].window_s =
		power * (1 + floor(4 * (units / power - 1)) / 4) * window_unit_us / US_PER_S;
	return 0;
}

static const struct attribute limit_files[] = {
	{"constraint_#_name", 0444, show_limit_name, NULL, NULL},
	{"constraint_#_power_limit_uw", 0644, show_limit, store_limit, NULL},
	{"constraint_#_max_power_uw", 0444, show_max, NULL, NULL},
	{"constraint_#_time_window_us", 0644, show_window, store_window, NULL},
};

/* ---- memory and board: energy alone ---- */

static void show_memory_name(struct plant *p, unsigned i, unsigned j, struct strbuf *out)
{
	strbuf_addf(out, "dram\n");
}

static void show_memory_energy(struct plant *p, unsigned i, unsigned j, struct strbuf *out)
{
	show_energy_of(p, &package(p, i)->memory, out);
}

static const struct attribute memory_files[] = {
	{"name", 0444, show_memory_name, NULL, NULL},
	{"energy_uj", 0400, show_memory_energy, NULL, NULL},
	{"max_energy_range_uj", 0444, show_range, NULL, NULL},
};

static void show_board_name(struct plant *p, unsigned i, unsigned j, struct strbuf *out)
{
	strbuf_addf(out, "psys\n");
}

static void show_board_energy(struct plant *p, unsigned i, unsigned j, struct strbuf *out)
{
	show_energy_of(p, &p->model.board, out);
}

static const struct attribute board_files[] = {
	{"name", 0444, show_board_name, NULL, NULL},
	{"energy_uj", 0400, show_board_energy, NULL, NULL},
	{"max_energy_range_uj", 0444, show_range, NULL, NULL},
};

/* A zone, in its folder, and where the class lists it. */
static unsigned make_zone(struct maker *m, const char *within, const char *name)
{
	char link[TREE_PATH_BYTES], target[TREE_PATH_BYTES];

	snprintf(link, sizeof(link), CLASS_DIR "/%s", name);
	snprintf(target, sizeof(target), "../../devices/virtual/powercap/intel-rapl/%s%s", within,
		 name);
	make_link(m, link, target);
	return make_folderf(m, ZONES_DIR "/%s%s", within, name);
}

static void make_package(struct maker *m, unsigned i)
{
	char name[32], within[32], memory[32];
	unsigned folder;

	snprintf(name, sizeof(name), "intel-rapl:%u", i);
	snprintf(within, sizeof(within), "intel-rapl:%u/", i);
	snprintf(memory, sizeof(memory), "intel-rapl:%u:0", i);
	folder = make_zone(m, "", name);
	make_files(m, folder, package_files, ARRAY_SIZE(package_files), i, 0);
	for (unsigned j = 0; j < 2; j++)
		make_files(m, folder, limit_files, ARRAY_SIZE(limit_files), i, j);
	make_files(m, make_zone(m, within, memory), memory_files, ARRAY_SIZE(memory_files), i, 0);
}

void make_powercap(struct maker *m)
{
	const struct plant *p = m->tree->plant;
	char name[32];

	make_link(m, CLASS_DIR "/intel-rapl", "../../devices/virtual/powercap/intel-rapl");
	for (unsigned i = 0; i < p->model.shape.packages && m->error == 0; i++)
		make_package(m, i);
	snprintf(name, sizeof(name), "intel-rapl:%u", p->model.shape.packages);
	if (p->psys)
		make_files(m, make_zone(m, "", name), board_files, ARRAY_SIZE(board_files), 0, 0);
}
