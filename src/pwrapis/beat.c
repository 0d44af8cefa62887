/*
 * What is measured all the time, once a second: so that usage and power can be told at once, and
 * so that a client learns no more by asking more often. It is the only thing that wakes the daemon
 * up while nobody asks.
 */
#include "base/time.h"
#include "pwrapis/pwrapis.h"

enum {
	BEAT_MS = 1000,
	/* A beat is this long after a whole second of CLOCK_BOOTTIME: a timer may be early by a
	 * little, and each second is to have its own. */
	AFTER_MS = 20,
	LOOK_MS = 5000,
	/* Unasked: a meter whose driver comes after us is to have a past, too. */
	LOOK_IDLE_MS = 30000,
};

static void on_power(struct pwrapis *p)
{
	recorder_feed_power(p);
	rings_beat(p);
	attributing_beat(p);
}

static void on_beat(uv_timer_t *timer);

static void await_next(struct pwrapis *p)
{
	uint64_t ms = time_now_ns(CLOCK_BOOTTIME) / NS_PER_MS - AFTER_MS;
	uint64_t wait_ms = BEAT_MS - ms % BEAT_MS;

	if (wait_ms <= AFTER_MS)
		wait_ms += BEAT_MS;
	uv_timer_start(&p->beat, on_beat, wait_ms, 0);
}

static void on_beat(uv_timer_t *timer)
{
	struct pwrapis *p = timer->data;

	await_next(p);
	if (uv_now(&p->daemon->loop) - p->looked_ms >= LOOK_IDLE_MS)
		beat_look(p);
	frequency_sample(&p->frequency, p->machine);
	recorder_feed(p);
	if (p->usage)
		usage_sample(p->usage, time_now_ns(CLOCK_MONOTONIC));
	governors_beat(p);
	sched_beat(p->sched);
	probed_beat(&p->probed);
	counting_beat(&p->counting);
	powerlook_begin(&p->look);
}

/* Indexes mean others afterwards: not while calls stand on them or zones are being read. A table
 * that cannot be made anew stays as it is. */
void beat_look(struct pwrapis *p)
{
	uint64_t now_ms = uv_now(&p->daemon->loop);

	if (now_ms - p->looked_ms < LOOK_MS || p->pinned_count || p->look.waiting ||
	    rings_are_looking(p))
		return;
	p->looked_ms = now_ms;
	if (control_leave_places(p) == 0)
		machine_refresh(p->machine);
	control_find_places(p);
	powerlook_forget(&p->look);
	power_look(&p->power, p->machine);
	frequency_look(&p->frequency, p->machine);
	rings_look(p);
}

void beat_start(struct pwrapis *p)
{
	/* A machine without /proc/stat has no usage. */
	if (usage_new(p->daemon->root_fd, &p->usage) < 0)
		p->usage = NULL;
	power_look(&p->power, p->machine);
	frequency_look(&p->frequency, p->machine);
	powerlook_init(&p->look, p, &p->power, on_power);
	uv_timer_init(&p->daemon->loop, &p->beat);
	p->beat.data = p;
	p->looked_ms = uv_now(&p->daemon->loop);
	on_beat(&p->beat);
}

void beat_close(struct pwrapis *p)
{
	uv_close((uv_handle_t *)&p->beat, NULL);
	usage_free(p->usage);
	p->usage = NULL;
	powerlook_forget(&p->look);
	governors_deinit(&p->governors);
	power_deinit(&p->power);
	recorder_deinit(&p->recorder);
}
