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

void power_look(struct power *p, const struct machine *m)
{
	if (is_as_before(p, m))
		return;
	p->looked = true;
	p->zone_count = count_zones(m);
	for (unsigned i = 0; i < p->zone_count; i++) {
		const char *name = machine_name(m, POWER_ZONE, i);

		p->zones[i] = (struct power_zone){.part = part_of(name)};
		strncpy(p->zones[i].name, name, sizeof(p->zones[i].name) - 1);
	}
	for (int part = 0; part < POWER_PARTS; part++)
		p->watts[part] = NAN;
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

/* Of a zone that measures power, or of its energy since the last look. False: unknown. */
static bool zone_watts(struct power_zone *z, struct machine *m, unsigned index, double seconds,
		       double *ret_watts)
{
	double energy, range = 0, before = z->energy;
	bool known = z->known;

	if (read_number(m, ITEM_ZONE_POWER, index, ret_watts) == 0)
		return true;
	z->known = read_energy(z, m, index, &energy);
	if (!z->known)
		return false;
	z->energy = energy;
	if (!known || seconds <= 0)
		return false;
	if (energy < before) {
		if (read_number(m, ITEM_ZONE_RANGE, index, &range) < 0 || range < before)
			return false;
		energy += range;
	}
	*ret_watts = (energy - before) / seconds;
	return true;
}

static void sample_zones(struct power *p, struct machine *m, double seconds,
			 double watts[POWER_PARTS])
{
	bool unknown[POWER_PARTS] = {};

	for (unsigned i = 0; i < p->zone_count; i++) {
		struct power_zone *z = &p->zones[i];
		double one;

		if (z->part == POWER_PARTS)
			continue;
		if (!zone_watts(z, m, i, seconds, &one))
			unknown[z->part] = true;
		else
			watts[z->part] = isnan(watts[z->part]) ? one : watts[z->part] + one;
	}
	/* A sum that lacks a part is none. */
	for (int part = 0; part < POWER_PARTS; part++)
		if (unknown[part])
			watts[part] = NAN;
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
	p->joules += watts * seconds;
	p->seconds += seconds;
}

void power_sample(struct power *p, struct machine *m, uint64_t now_ns, uint64_t real_ns)
{
	double seconds = p->at_ns ? (double)(now_ns - p->at_ns) / NS_PER_S : 0;
	double watts[POWER_PARTS] = {NAN, NAN, NAN}, meter;

	p->at_ns = now_ns;
	p->span = seconds;
	sample_zones(p, m, seconds, watts);
	/* A meter of the board knows more than the firmware's model of it. */
	for (unsigned i = 0; i < machine_count(m, POWER_METER); i++)
		if (read_number(m, ITEM_METER_POWER, i, &meter) == 0) {
			watts[POWER_PART_BOARD] = meter;
			break;
		}
	memcpy(p->watts, watts, sizeof(watts));
	count(p, seconds, real_ns);
}

bool power_energy(const struct power *p, enum power_part *ret_part, uint64_t *ret_uj)
{
	static const enum power_part parts[] = {POWER_PART_BOARD, POWER_PART_CPU};

	if (p->span <= 0)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		double joules = p->watts[parts[i]] * p->span;

		if (isnan(joules) || joules < 0)
			continue;
		*ret_part = parts[i];
		*ret_uj = energy_microjoules(joules);
		return true;
	}
	return false;
}
