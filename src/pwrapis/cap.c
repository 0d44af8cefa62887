/*
 * The cap of the machine; see cap.h.
 */
#include "pwrapis/cap.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/str.h"

static int read_number(struct machine *m, enum item item, unsigned index, double *ret_number)
{
	struct power_value value;
	int r = machine_read(m, item_number(item), index, &value);

	if (r == 0)
		*ret_number = value.number;
	return r;
}

static int find_meter(struct machine *m, struct cap *c)
{
	int r = -EOPNOTSUPP;

	*c = (struct cap){.item = ITEM_METER_CAP, .count = 1};
	for (unsigned i = 0; r == -EOPNOTSUPP && i < machine_count(m, POWER_METER); i++) {
		r = read_number(m, ITEM_METER_CAP, i, &c->watts);
		/* Gone since the last look at the machine: there is none. */
		if (r == -ENODEV)
			r = -EOPNOTSUPP;
		c->places[0] = i;
	}
	return r;
}

static bool is_package(const struct machine *m, unsigned index)
{
	const char *name = machine_name(m, POWER_ZONE, index);

	return str_starts(name, "package") && !strchr(name, '/');
}

static int find_packages(struct machine *m, struct cap *c)
{
	double watts = 0;
	int r = 0;

	*c = (struct cap){.item = ITEM_ZONE_LIMIT};
	for (unsigned i = 0; r == 0 && i < machine_count(m, POWER_ZONE); i++) {
		if (!is_package(m, i))
			continue;
		/* A cap over some of them is none. */
		r = c->count < POWER_ZONES_MAX ? read_number(m, ITEM_ZONE_LIMIT, i, &watts)
					       : -EOPNOTSUPP;
		if (r < 0)
			return r;
		c->places[c->count++] = i;
		c->watts += watts;
	}
	return c->count ? 0 : -EOPNOTSUPP;
}

/* Only the privileged half may ask the controller. */
static int find_controller(struct machine *m, struct cap *c)
{
	const struct power_value lowest = {.number = 1};
	int r = machine_check(m, item_number(ITEM_IPMI_LIMIT), 0, &lowest);

	*c = (struct cap){.item = ITEM_IPMI_LIMIT, .count = 1, .watts = NAN};
	return r == -EACCES ? 0 : r;
}

int cap_find(struct machine *m, struct cap *ret_cap)
{
	struct cap c;
	int r = find_meter(m, &c);

	if (r == -EOPNOTSUPP)
		r = find_packages(m, &c);
	if (r == -EOPNOTSUPP)
		r = find_controller(m, &c);
	if (r == 0)
		*ret_cap = c;
	return r;
}

static int sum(struct machine *m, const struct cap *c, enum item item, double *ret_watts)
{
	double all = 0, one;
	int r = 0;

	for (unsigned i = 0; r == 0 && i < c->count; i++) {
		r = read_number(m, item, c->places[i], &one);
		all += r == 0 ? one : 0;
	}
	if (r == 0)
		*ret_watts = all;
	return r;
}

/* A bound of the cap that there is; ITEM_NONE: the control that it is has none. */
static int read_bound(struct machine *m, const enum item items[ITEMS], double *ret_watts)
{
	struct cap c;
	int r = cap_find(m, &c);

	if (r == 0 && !items[c.item])
		r = -EOPNOTSUPP;
	return r < 0 ? r : sum(m, &c, items[c.item], ret_watts);
}

int cap_min(struct machine *m, double *ret_watts)
{
	static const enum item items[ITEMS] = {[ITEM_METER_CAP] = ITEM_METER_CAP_MIN};

	return read_bound(m, items, ret_watts);
}

int cap_max(struct machine *m, double *ret_watts)
{
	static const enum item items[ITEMS] = {
		[ITEM_METER_CAP] = ITEM_METER_CAP_MAX,
		[ITEM_ZONE_LIMIT] = ITEM_ZONE_LIMIT_MAX,
	};

	return read_bound(m, items, ret_watts);
}

bool cap_has(const struct cap *c, unsigned item, unsigned place)
{
	for (unsigned i = 0; item == item_number(c->item) && i < c->count; i++)
		if (c->places[i] == place)
			return true;
	return false;
}
