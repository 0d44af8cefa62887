/*
 * A thermal zone for each package: its temperature in whole degrees, and two trip points.
 */
#include <math.h>

#include "base/def.h"
#include "tree.h"

enum { MILLI = 1000, TRIPS = 2 };

static void show_type(struct plant *p, unsigned i, unsigned j, struct strbuf *out)
{
	strbuf_addf(out, "x86_pkg_temp\n");
}

static void show_temp(struct plant *p, unsigned i, unsigned j, struct strbuf *out)
{
	strbuf_addf(out, "%.0f\n", round(p->model.packages[i].temp_c) * MILLI);
}

static void show_mode(struct plant *p, unsigned i, unsigned j, struct strbuf *out)
{
	strbuf_addf(out, "enabled\n");
}

static void show_policy(struct plant *p, unsigned i, unsigned j, struct strbuf *out)
{
	strbuf_addf(out, "step_wise\n");
}

static const struct attribute zone_files[] = {
	{"type", 0444, show_type, NULL, NULL},
	{"temp", 0444, show_temp, NULL, NULL},
	{"mode", 0444, show_mode, NULL, NULL},
	{"policy", 0444, show_policy, NULL, NULL},
	{"available_policies", 0444, show_policy, NULL, NULL},
};

static void show_trip_type(struct plant *p, unsigned i, unsigned j, struct strbuf *out)
{
	strbuf_addf(out, "%s\n", j == 0 ? "passive" : "critical");
}

static void show_trip(struct plant *p, unsigned i, unsigned j, struct strbuf *out)
{
	const struct params *params = &p->model.params;

	strbuf_addf(out, "%.0f\n", (j == 0 ? params->passive_c : params->critical_c) * MILLI);
}

static const struct attribute trip_files[] = {
	{"trip_point_#_type", 0444, show_trip_type, NULL, NULL},
	{"trip_point_#_temp", 0444, show_trip, NULL, NULL},
};

void make_thermal(struct maker *m)
{
	for (unsigned i = 0; i < m->tree->plant->model.shape.packages; i++) {
		char link[TREE_PATH_BYTES], target[TREE_PATH_BYTES];
		unsigned folder = make_folderf(m, "sys/devices/virtual/thermal/thermal_zone%u", i);

		make_files(m, folder, zone_files, ARRAY_SIZE(zone_files), i, 0);
		for (unsigned j = 0; j < TRIPS; j++)
			make_files(m, folder, trip_files, ARRAY_SIZE(trip_files), i, j);
		snprintf(link, sizeof(link), "sys/class/thermal/thermal_zone%u", i);
		snprintf(target, sizeof(target), "../../devices/virtual/thermal/thermal_zone%u", i);
		make_link(m, link, target);
	}
}
