/*
 * What is measured all the time, once a second: so that usage and power can be told at once, and
 * so that a client learns no more by asking more often. It is the only thing that wakes the daemon
 * up while nobody asks.
 */
#include <string.h>

#include "base/time.h"
#include "pwrapis/items.h"
#include "pwrapis/pwrapis.h"

enum { BEAT_MS = 1000, LOOK_MS = 5000 };

static void sample_power(struct pwrapis *p)
{
	power_sample(&p->power, p->machine, time_now_ns(CLOCK_MONOTONIC),
		     time_now_ns(CLOCK_REALTIME));
	attributing_beat(p);
}

/* With the last answer the look is complete. */
static void on_energy(void *data, int r, const struct writer_reply *reply)
{
	struct guarded_zone *g = data;
	struct pwrapis *p = g->p;

	if (r == 0)
		power_feed(&p->power, g->zone, reply->value.number);
	if (--p->guarded_count == 0)
		sample_power(p);
}

/* Counters of energy are root's own on usual kernels, since they tell what others compute. */
static void ask_energy(struct pwrapis *p, unsigned zone)
{
	struct writer_request request = {
		.verb = WRITER_READ,
		.item = item_number(ITEM_ZONE_ENERGY),
		.index = zone,
	};

	strncpy(request.name, machine_name(p->machine, POWER_ZONE, zone), sizeof(request.name) - 1);
	p->guarded[zone] = (struct guarded_zone){.p = p, .zone = zone};
	if (link_request(&p->writer, &request, on_energy, &p->guarded[zone]) == 0)
		p->guarded_count++;
}

static void on_beat(uv_timer_t *timer)
{
	struct pwrapis *p = timer->data;

	if (p->usage)
		usage_sample(p->usage, time_now_ns(CLOCK_MONOTONIC));
	sched_beat(p->sched);
	probed_beat(&p->probed);
	counting_beat(&p->counting);
	/* Answers that are late are waited for. */
	if (p->guarded_count)
		return;
	for (unsigned i = 0; i < p->power.zone_count; i++)
		if (power_is_guarded(&p->power, p->machine, i))
			ask_energy(p, i);
	if (!p->guarded_count)
		sample_power(p);
}

/*
 * Indexes mean others afterwards: not while calls stand on them or zones are being read. A table
 * that cannot be made anew stays as it is.
 */
void beat_look(struct pwrapis *p)
{
	uint64_t now_ms = uv_now(&p->daemon->loop);

	if (now_ms - p->looked_ms < LOOK_MS || p->pinned_count || p->guarded_count)
		return;
	p->looked_ms = now_ms;
	machine_refresh(p->machine);
	power_look(&p->power, p->machine);
}

void beat_start(struct pwrapis *p)
{
	/* A machine without /proc/stat has no usage. */
	if (usage_new(p->daemon->root_fd, &p->usage) < 0)
		p->usage = NULL;
	power_look(&p->power, p->machine);
	uv_timer_init(&p->daemon->loop, &p->beat);
	p->beat.data = p;
	p->looked_ms = uv_now(&p->daemon->loop);
	on_beat(&p->beat);
	uv_timer_start(&p->beat, on_beat, BEAT_MS, BEAT_MS);
}

void beat_close(struct pwrapis *p)
{
	uv_close((uv_handle_t *)&p->beat, NULL);
	usage_free(p->usage);
	p->usage = NULL;
}
