/*
 * A look at power; see powerlook.h.
 */
#include "pwrapis/powerlook.h"

#include <string.h>

#include "base/time.h"
#include "pwrapis/items.h"
#include "pwrapis/pwrapis.h"

void powerlook_init(struct powerlook *l, struct pwrapis *p, struct power *power,
		    void (*done)(struct pwrapis *p))
{
	*l = (struct powerlook){.p = p, .power = power, .done = done};
}

static void sample(struct powerlook *l)
{
	power_sample(l->power, l->p->machine, time_now_ns(CLOCK_MONOTONIC),
		     time_now_ns(CLOCK_REALTIME));
	if (l->done)
		l->done(l->p);
}

static void on_energy(void *data, int r, const struct writer_reply *reply)
{
	struct powerlook_zone *z = data;
	struct powerlook *l = z->look;

	if (r == 0)
		power_feed(l->power, z->zone, reply->value.number);
	if (--l->waiting == 0)
		sample(l);
}

static void ask_energy(struct powerlook *l, unsigned zone)
{
	struct pwrapis *p = l->p;
	struct writer_request request = {
		.verb = WRITER_READ,
		.item = item_number(ITEM_ZONE_ENERGY),
		.index = zone,
	};

	strncpy(request.name, machine_name(p->machine, POWER_ZONE, zone), sizeof(request.name) - 1);
	l->zones[zone] = (struct powerlook_zone){.look = l, .zone = zone};
	if (link_request(&p->writer, &request, on_energy, &l->zones[zone]) == 0)
		l->waiting++;
}

void powerlook_begin(struct powerlook *l)
{
	if (l->waiting)
		return;
	for (unsigned i = 0; i < l->power->zone_count; i++)
		if (power_is_guarded(l->power, l->p->machine, i))
			ask_energy(l, i);
	if (!l->waiting)
		sample(l);
}
