/*
 * Rates of counters; see measure.h.
 */
#include "pwrapis/measure.h"

#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "pwrapis/pwrapis.h"

struct measure {
	uv_timer_t timer;
	struct call *call; /* NULL: it is gone */
	measure_fn finish;
	uint64_t begin_ns;
	double before[];
};

static void on_closed(uv_handle_t *handle)
{
	free(handle->data);
}

void measure_free(struct measure *m)
{
	if (!m)
		return;
	m->call->session->p->pinned_count--;
	m->call = NULL;
	uv_close((uv_handle_t *)&m->timer, on_closed);
}

static void on_timer(uv_timer_t *timer)
{
	struct measure *m = timer->data;
	double seconds = (double)(time_now_ns(CLOCK_MONOTONIC) - m->begin_ns) / NS_PER_S;
	int code = m->finish(m->call, m->before, seconds);

	if (code != CALL_WAITS)
		call_end(m->call, code);
}

int measure_begin(struct call *c, const double *before, size_t count, measure_fn finish)
{
	struct measure *m = calloc(1, sizeof(*m) + count * sizeof(*before));

	if (!m)
		return PWR_ERR_SYS_EXCEPTION;
	if (count)
		memcpy(m->before, before, count * sizeof(*before));
	m->call = c;
	m->finish = finish;
	m->begin_ns = time_now_ns(CLOCK_MONOTONIC);
	uv_timer_init(&c->session->p->daemon->loop, &m->timer);
	m->timer.data = m;
	uv_timer_start(&m->timer, on_timer, MEASURE_MS, MEASURE_MS);
	c->measure = m;
	c->session->p->pinned_count++;
	return CALL_WAITS;
}
