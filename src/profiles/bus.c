/*
 * sd-bus on a loop; see bus.h. Before each poll of the loop some of what is there is processed, so
 * that a sender who does not stop keeps nothing else waiting, and sd-bus is asked what it waits
 * for.
 */
#include "profiles/bus.h"

#include <errno.h>
#include <poll.h>

#include "base/def.h"
#include "base/time.h"

enum { BATCH = 32 /* messages in a turn of the loop */ };

static void lose(struct bus *b, int r)
{
	void (*lost)(void *data, int r) = take_ptr(b->lost);

	uv_prepare_stop(&b->prepare);
	uv_poll_stop(&b->poll);
	uv_timer_stop(&b->timer);
	if (lost)
		lost(b->data, r);
}

/* Some of what is there: of the rest sd_bus_get_timeout() says that it is to be done now. */
static int process(struct bus *b)
{
	int r = 1;

	for (int i = 0; r > 0 && i < BATCH && b->open; i++)
		r = sd_bus_process(b->bus, NULL);
	if (r > 0)
		r = 0;
	if (r == 0 && b->open && sd_bus_is_open(b->bus) <= 0)
		r = -ECONNRESET;
	return r;
}

/* That something is ready is all: the next prepare handle processes it. */
static void on_ready(uv_poll_t *poll, int status, int events)
{
}

static void on_timer(uv_timer_t *timer)
{
	struct bus *b = timer->data;

	b->deadline_us = UINT64_MAX;
}

static int watch(struct bus *b)
{
	int events = sd_bus_get_events(b->bus), wanted;

	if (events < 0)
		return events;
	wanted = (events & POLLIN ? UV_READABLE : 0) | (events & POLLOUT ? UV_WRITABLE : 0);
	if (wanted == b->events)
		return 0;
	b->events = wanted;
	return wanted ? uv_poll_start(&b->poll, wanted, on_ready) : uv_poll_stop(&b->poll);
}

/* sd-bus tells a point of CLOCK_MONOTONIC. */
static int watch_deadline(struct bus *b)
{
	uint64_t us, now_us = time_now_ns(CLOCK_MONOTONIC) / NS_PER_US;
	int r = sd_bus_get_timeout(b->bus, &us);

	if (r < 0 || us == b->deadline_us)
		return r < 0 ? r : 0;
	b->deadline_us = us;
	if (us == UINT64_MAX)
		return uv_timer_stop(&b->timer);
	return uv_timer_start(&b->timer, on_timer, us > now_us ? (us - now_us) / 1000 + 1 : 0, 0);
}

static void on_prepare(uv_prepare_t *prepare)
{
	struct bus *b = prepare->data;
	int r = process(b);

	if (!b->open)
		return;
	if (r == 0)
		r = watch(b);
	if (r == 0)
		r = watch_deadline(b);
	if (r < 0)
		lose(b, r);
}

int bus_open(struct bus *b, uv_loop_t *loop, void (*lost)(void *data, int r), void *data)
{
	int r = sd_bus_open_system(&b->bus);

	if (r >= 0)
		r = sd_bus_get_fd(b->bus);
	if (r >= 0)
		r = uv_poll_init(loop, &b->poll, r);
	if (r < 0) {
		b->bus = sd_bus_unref(b->bus);
		return r;
	}
	uv_prepare_init(loop, &b->prepare);
	uv_timer_init(loop, &b->timer);
	b->poll.data = b->prepare.data = b->timer.data = b;
	b->lost = lost;
	b->data = data;
	b->deadline_us = UINT64_MAX;
	b->open = true;
	return uv_prepare_start(&b->prepare, on_prepare);
}

void bus_close(struct bus *b)
{
	if (!b->open)
		return;
	b->open = false;
	uv_close((uv_handle_t *)&b->poll, NULL);
	uv_close((uv_handle_t *)&b->prepare, NULL);
	uv_close((uv_handle_t *)&b->timer, NULL);
	sd_bus_close(b->bus);
	b->bus = sd_bus_unref(b->bus);
}
