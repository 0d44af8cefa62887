/*
 * Watch: the same readings again and again. Each stream has a timer, so that nothing runs while
 * nobody watches. A stream tells a state: while its reader is behind, or the last look is not over,
 * a look is left out.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/def.h"
#include "base/time.h"
#include "pwrapis/front.h"

enum { OBSERVER_MS = 1000, CONTROLLER_MS = 100, LONGEST_MS = 24 * 3600 * 1000 };

struct watching {
	uv_timer_t timer;
	struct pwrapis *p;
	struct rpc_call *call;
	struct reading_choice choice;
	struct reading *reading; /* NULL: none is under way */
	bool coarse;
};

static void on_timer_closed(uv_handle_t *handle)
{
	struct watching *w = handle->data;

	free(w->choice.items);
	free(w);
}

static void end(struct watching *w)
{
	reading_cancel(take_ptr(w->reading));
	uv_close((uv_handle_t *)&w->timer, on_timer_closed);
}

static void on_closed(struct rpc_call *call, void *data)
{
	end(data);
}

static void on_read(void *data, int r, json_t *readings)
{
	struct watching *w = data;

	w->reading = NULL;
	if (r == 0) {
		rpc_stream(w->call, json_pack("{s:o}", "readings", readings));
		return;
	}
	if (r == -E2BIG)
		rpc_error(w->call, FRONT_INTERFACE ".TooMany",
			  json_pack("{s:i}", "limit", READINGS_MAX));
	else
		rpc_failed(w->call, r, "cannot read");
	end(w);
}

/* A grant may have been taken back meanwhile. */
static bool may(const struct watching *w)
{
	for (size_t i = 0; i < w->choice.count; i++)
		if (!front_may(w->p->front, w->call, w->choice.items[i].number))
			return false;
	return true;
}

/* Without memory, the next one may have some. */
static void on_timer(uv_timer_t *timer)
{
	struct watching *w = timer->data;

	if (!may(w)) {
		front_deny(w->call);
		end(w);
		return;
	}
	if (!w->reading && rpc_stream_ready(w->call))
		reading_begin(w->p, &w->choice, w->coarse, on_read, w, &w->reading);
}

void front_watch(struct rpc_call *call, const json_t *parameters, void *data)
{
	struct front *f = data;
	bool coarse = rpc_call_class(call) < ACCESS_CONTROL;
	json_int_t ms = json_integer_value(json_object_get(parameters, "interval_ns")) /
			(json_int_t)NS_PER_MS;
	struct reading_choice choice;
	struct watching *w;

	if (!rpc_expect_more(call))
		return;
	if (ms < (coarse ? OBSERVER_MS : CONTROLLER_MS) || ms > LONGEST_MS) {
		rpc_invalid(call, "interval_ns");
		return;
	}
	if (!reading_choose(f->p, call, json_object_get(parameters, "items"), &choice))
		return;
	w = calloc(1, sizeof(*w));
	if (!w) {
		free(choice.items);
		rpc_failed(call, -ENOMEM, "cannot watch");
		return;
	}
	*w = (struct watching){.p = f->p, .call = call, .choice = choice, .coarse = coarse};
	uv_timer_init(&f->p->daemon->loop, &w->timer);
	w->timer.data = w;
	rpc_call_on_closed(call, on_closed, w);
	uv_timer_start(&w->timer, on_timer, 0, ms);
}
