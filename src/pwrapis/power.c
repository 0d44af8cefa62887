/*
 * Power, once a second; see power.h.
 */
#include "pwrapis/power.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/def.h"
#include "base/str.h"
#include "base/time.h"
#include "pwrapis/items.h"
#include "pwrapis/machine/energy.h"

enum {
	POINTS = 2, /* of the history of a counter, of which the last one is used */
	/* More than these is never used, so that a counter that jumps is seen as one. */
	ZONE_MAX_WATTS = 10000,
	METER_MAX_WATTS = 1000000,
	UJ_PER_J = 1000000,
};

/* Between two looks at a meter nothing is known if it is longer than this. */
#define LONGEST_NS (UINT64_C(2500) * NS_PER_MS)

/* The part that a zone is of, by its name: "package-0", "package-0/dram", "psys". */
static enum power_part part_of(const char *name)
{
	const char *slash = strrchr(name, '/'), *last = slash ? slash + 1 : name;

	if (str_starts(last, "dram"))
		return POWER_PART_MEMORY;
	if (str_starts(last, "psys"))
		return POWER_PART_BOARD;
	return !slash && str_starts(last, "package") ? POWER_PART_CPU : POWER_PARTS;
}

static unsigned count_zones(const struct machine *m)
{
	unsigned count = machine_count(m, POWER_ZONE);

	return count < POWER_ZONES_MAX ? count : POWER_ZONES_MAX;
}

static bool is_as_before(const struct power *p, const struct machine *m)
{
	if (!p->looked || p->zone_count != count_zones(m))
		return false;
	for (unsigned i = 0; i < p->zone_count; i++)
		if (!str_equal(p->zones[i].name, machine_name(m, POWER_ZONE, i)))
			return false;
	return true;
}

static void forget_zones(struct power *p)
{
	for (unsigned i = 0; i < p->zone_count; i++)
		energy_free(take_ptr(p->zones[i].energy));
	p->zone_count = 0;
}

static void begin_zone(struct power_zone *z, const char *name)
{
	*z = (struct power_zone){.part = part_of(name)};
	strncpy(z->name, name, sizeof(z->name) - 1);
	if (energy_new(ZONE_MAX_WATTS, POINTS, &z->energy) < 0)
		z->energy = NULL;
}

void power_look(struct power *p, const struct machine *m)
{
	unsigned count = count_zones(m);

	if (is_as_before(p, m))
		return;
	forget_zones(p);
	p->looked = true;
	for (unsigned i = 0; i < count; i++)
		begin_zone(&p->zones[i], machine_name(m, POWER_ZONE, i));
	p->zone_count = count;
	for (int part = 0; part < POWER_PARTS; part++)
		p->watts[part] = NAN;
}

void power_deinit(struct power *p)
{
	forget_zones(p);
	energy_free(take_ptr(p->meter));
}

static int read_number(struct machine *m, enum item item, unsigned index, double *ret_number)
{
	struct power_value value;
	int r = machine_read(m, item_number(item), index, &value);

	if (r == 0)
		*ret_number = value.number;
	return r;
}

bool power_is_guarded(const struct power *p, struct machine *m, unsigned zone)
{
	double energy;

	return p->zones[zone].part != POWER_PARTS &&
	       read_number(m, ITEM_ZONE_ENERGY, zone, &energy) == -EACCES;
}

void power_feed(struct power *p, unsigned zone, double energy)
{
	if (zone >= p->zone_count)
		return;
	p->zones[zone].fed = true;
	p->zones[zone].fed_energy = energy;
}

/* What was fed counts for one look. */
static bool read_energy(struct power_zone *z, struct machine *m, unsigned index, double *ret_energy)
{
	if (!z->fed)
		return read_number(m, ITEM_ZONE_ENERGY, index, ret_energy) == 0;
	z->fed = false;
	*ret_energy = z->fed_energy;
	return true;
}

/* Of the interval that ends with this look, while it is known. */
static bool last_interval(const struct energy *e, double *ret_watts)
{
	struct energy_point point;

	if (energy_history(e, 1, &point) != 1 || !point.known)
		return false;
	*ret_watts = point.watts;
	return true;
}

/* Of a zone that measures power, or of its energy since the last look. False: unknown. */
static bool zone_watts(struct power_zone *z, struct machine *m, unsigned index, uint64_t now_ns,
		       double *ret_watts)
{
	double energy, range = 0;

	if (!z->energy)
		return false;
	if (read_number(m, ITEM_ZONE_POWER, index, ret_watts) == 0) {
		energy_measure(z->energy, *ret_watts, LONGEST_NS, now_ns);
		return true;
	}
	if (!read_energy(z, m, index, &energy))
		return false;
	read_number(m, ITEM_ZONE_RANGE, index, &range);
	if (energy_update(z->energy, energy_microjoules(energy), energy_microjoules(range),
			  now_ns) < 0)
		return false;
	return last_interval(z->energy, ret_watts);
}

/* What a look has found. */
struct found {
	double watts[POWER_PARTS];
	uint64_t used_uj[POWER_PARTS];
};

static uint64_t total_of(const struct energy *e)
{
	return e ? energy_microjoules(energy_joules(e)) : 0;
}

static void sample_zones(struct power *p, struct machine *m, uint64_t now_ns, struct found *f)
{
	bool unknown[POWER_PARTS] = {};

	for (unsigned i = 0; i < p->zone_count; i++) {
		struct power_zone *z = &p->zones[i];
		uint64_t before = total_of(z->energy);
		double one;

		if (z->part == POWER_PARTS)
			continue;
		if (!zone_watts(z, m, i, now_ns, &one))
			unknown[z->part] = true;
		else
			f->watts[z->part] =
				isnan(f->watts[z->part]) ? one : f->watts[z->part] + one;
		f->used_uj[z->part] += total_of(z->energy) - before;
	}
	/* A sum that lacks a part is none. */
	for (int part = 0; part < POWER_PARTS; part++)
		if (unknown[part])
			f->watts[part] = NAN;
}

/* A meter of the board knows more than the firmware's model of it. */
static void sample_meter(struct power *p, struct machine *m, uint64_t now_ns, struct found *f)
{
	uint64_t before = total_of(p->meter);
	double watts = 0;
	unsigned i = 0;

	while (i < machine_count(m, POWER_METER) && read_number(m, ITEM_METER_POWER, i, &watts) < 0)
		i++;
	if (i == machine_count(m, POWER_METER))
		return;
	f->watts[POWER_PART_BOARD] = watts;
	f->used_uj[POWER_PART_BOARD] = 0;
	if (!p->meter && energy_new(METER_MAX_WATTS, POINTS, &p->meter) < 0)
		return;
	energy_measure(p->meter, watts, LONGEST_NS, now_ns);
	f->used_uj[POWER_PART_BOARD] = total_of(p->meter) - before;
}

static void count(struct power *p, double seconds, uint64_t real_ns)
{
	double watts = p->watts[POWER_PART_BOARD];

	if (isnan(watts))
		return;
	if (!p->start_ns)
		p->start_ns = p->max_ns = real_ns;
	if (watts > p->max_watts) {
		p->max_watts = watts;
		p->max_ns = real_ns;
	}
	/* A mean is of time in which the energy is known. */
	if (p->used_uj[POWER_PART_BOARD] || watts == 0) {
		p->joules += (double)p->used_uj[POWER_PART_BOARD] / UJ_PER_J;
		p->seconds += seconds;
	}
}

void power_sample(struct power *p, struct machine *m, uint64_t now_ns, uint64_t real_ns)
{
	double seconds = p->at_ns ? (double)(now_ns - p->at_ns) / NS_PER_S : 0;
	struct found found = {.watts = {NAN, NAN, NAN}};

	p->at_ns = now_ns;
	sample_zones(p, m, now_ns, &found);
	sample_meter(p, m, now_ns, &found);
	memcpy(p->watts, found.watts, sizeof(p->watts));
	memcpy(p->used_uj, found.used_uj, sizeof(p->used_uj));
	for (int part = 0; part < POWER_PARTS; part++)
		p->total_uj[part] += p->used_uj[part];
	count(p, seconds, real_ns);
}

bool power_energy(const struct power *p, enum power_part *ret_part, uint64_t *ret_uj)
{
	static const enum power_part parts[] = {POWER_PART_BOARD, POWER_PART_CPU};

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		enum power_part part = parts[i];

		/* After the first look nothing is known to have been used. */
		if (isnan(p->watts[part]) || (!p->used_uj[part] && p->watts[part] > 0))
			continue;
		*ret_part = part;
		*ret_uj = p->used_uj[part];
		return true;
	}
	return false;
}
