/*
 * The end of a turn of the loop: messages are served and output is written when all that was ready
 * has been read.
 *
 * Both handles run only while something waits: a daemon at rest has none that is active but its
 * sockets, and wakes up for nothing. Meanwhile the idle handle keeps the poll from sleeping.
 */
#include "pwrapis/pwrapis.h"
#include "pwrapis/query.h"
#include "pwrapis/reading.h"

static void on_idle(uv_idle_t *idle)
{
	/* That it runs is all: the poll does not sleep. */
}

static void flush_dirty(struct pwrapis *p)
{
	struct session *s;

	/* What becomes dirty meanwhile is for the next turn. */
	for (unsigned n = p->dirty_count; n && (s = list_first(&p->dirty, struct session, flush));
	     n--)
		session_flush(s);
}

static void rest(struct pwrapis *p)
{
	if (p->turns.count || p->dirty_count || p->query_count || p->reading_count ||
	    p->attributing.looking || p->stopping)
		return;
	p->awake = false;
	uv_idle_stop(&p->idle);
	uv_check_stop(&p->check);
}

static void on_check(uv_check_t *check)
{
	struct pwrapis *p = check->data;

	turns_run(&p->turns);
	query_run(p);
	readings_run(p);
	attributing_run(p);
	flush_dirty(p);
	rest(p);
}

void loop_wake(struct pwrapis *p)
{
	if (p->awake || p->stopping)
		return;
	p->awake = true;
	uv_idle_start(&p->idle, on_idle);
	uv_check_start(&p->check, on_check);
}

static void wake(void *data)
{
	loop_wake(data);
}

void loop_init(struct pwrapis *p)
{
	const struct settings *s = pwrapis_settings(p);
	uv_loop_t *loop = &p->daemon->loop;

	list_init(&p->sessions);
	list_init(&p->dirty);
	list_init(&p->queries);
	list_init(&p->readings);
	/* What a session may hold is bounded by itself. */
	turns_init(&p->turns, SIZE_MAX, wake, call_serve, p);
	uv_check_init(loop, &p->check);
	uv_idle_init(loop, &p->idle);
	p->check.data = p->idle.data = p;
	deadlines_init(&p->messages, loop, s->message_timeout_ns / 1000000,
		       session_message_expired);
	deadlines_init(&p->stalls, loop, s->stall_timeout_ns / 1000000, session_stall_expired);
}

void loop_close(struct pwrapis *p)
{
	uv_close((uv_handle_t *)&p->check, NULL);
	uv_close((uv_handle_t *)&p->idle, NULL);
	uv_close((uv_handle_t *)&p->messages.timer, NULL);
	uv_close((uv_handle_t *)&p->stalls.timer, NULL);
}
