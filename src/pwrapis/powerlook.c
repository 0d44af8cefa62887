/*
 * A look at power; see powerlook.h.
 */
#include "pwrapis/powerlook.h"

#include <errno.h>
#include <string.h>

#include "base/def.h"
#include "base/time.h"
#include "pwrapis/items.h"
#include "pwrapis/pwrapis.h"

/* What was refused or is gone is tried again, but not each second. */
#define REST_NS (10 * NS_PER_S)

void powerlook_init(struct powerlook *l, struct pwrapis *p, struct power *power,
		    void (*done)(struct pwrapis *p))
{
	*l = (struct powerlook){.p = p, .power = power, .done = done};
	for (unsigned i = 0; i < POWER_ZONES_MAX; i++)
		l->zones[i] = (struct powerlook_zone){.look = l, .zone = i, .fd = -1};
}

static void sample(struct powerlook *l)
{
	power_sample(l->power, l->p->machine, time_now_ns(CLOCK_MONOTONIC),
		     time_now_ns(CLOCK_REALTIME));
	if (l->done)
		l->done(l->p);
}

static void close_zone(struct powerlook_zone *z)
{
	if (z->fd >= 0)
		close(take_fd(&z->fd));
}

static void rest(struct powerlook_zone *z)
{
	close_zone(z);
	z->not_before_ns = time_now_ns(CLOCK_MONOTONIC) + REST_NS;
}

static void read_open(struct powerlook_zone *z)
{
	struct power_value value;

	if (machine_read_open(item_number(ITEM_ZONE_ENERGY), z->fd, &value) == 0)
		power_feed(z->look->power, z->zone, value.number);
	else
		rest(z);
}

/* When the link is lost, it has a pause of its own. */
static void on_opened(void *data, int r, const struct writer_reply *reply)
{
	struct powerlook_zone *z = data;
	struct powerlook *l = z->look;

	if (r == 0) {
		z->fd = link_take_fd(&l->p->writer);
		read_open(z);
	} else if (r != -ECONNRESET) {
		rest(z);
	}
	if (--l->waiting == 0)
		sample(l);
}

static void ask_for(struct powerlook_zone *z)
{
	struct powerlook *l = z->look;
	struct writer_request request = {
		.verb = WRITER_OPEN,
		.item = item_number(ITEM_ZONE_ENERGY),
		.index = z->zone,
	};

	strncpy(request.name, machine_name(l->p->machine, POWER_ZONE, z->zone),
		sizeof(request.name) - 1);
	if (link_request(&l->p->writer, &request, on_opened, z) == 0)
		l->waiting++;
}

static bool is_missing(const struct powerlook_zone *z, uint64_t now_ns)
{
	return now_ns >= z->not_before_ns &&
	       power_is_guarded(z->look->power, z->look->p->machine, z->zone);
}

void powerlook_begin(struct powerlook *l)
{
	uint64_t now_ns = time_now_ns(CLOCK_MONOTONIC);

	if (l->waiting)
		return;
	for (unsigned i = 0; i < l->power->zone_count; i++) {
		if (l->zones[i].fd >= 0)
			read_open(&l->zones[i]);
		else if (is_missing(&l->zones[i], now_ns))
			ask_for(&l->zones[i]);
	}
	if (!l->waiting)
		sample(l);
}

void powerlook_forget(struct powerlook *l)
{
	for (unsigned i = 0; i < POWER_ZONES_MAX; i++) {
		close_zone(&l->zones[i]);
		l->zones[i].not_before_ns = 0;
	}
}
