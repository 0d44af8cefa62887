/*
 * Batches: events in, and one transaction of the store that holds all that follows from them and
 * the position behind them. See capture.h.
 */
#include <errno.h>
#include <string.h>

#include "base/def.h"
#include "base/log.h"
#include "base/time.h"
#include "filetrace/capture/capture.h"

enum {
	BATCH_EVENTS = 256,
	ALIGNMENT = 8,
	BATCH_MORE = 8, /* further reads for arguments that are still to come */
	WAITING_READS = 256, /* more than a ring of the usual size holds */
};

static struct log_limit nonsense = {.interval_ns = 60 * NS_PER_S, .burst = 5};

/* Events lie one behind the other, each where it can be read. */
static const char padding[ALIGNMENT];

/* An event is kept until nothing that is not finished can need it. */
static int take(struct capture *c, const struct ft_event *event)
{
	int r = edits_event(c->edits, event);

	if (r == 0)
		r = strbuf_add(&c->read, event, event->size);
	return r < 0 ? r : strbuf_add(&c->read, padding, -event->size % ALIGNMENT);
}

static int on_event(void *data, const struct ft_event *event)
{
	struct capture *c = data;
	int r;

	c->read_ns = event->time_ns;
	if (event->type == FT_IMAGE || event->type == FT_ARGS)
		r = images_event(c->images, event);
	else
		r = take(c, event);
	if (r == -EBADMSG) {
		log_limited(&nonsense, LOG_LEVEL_WARNING, "an event of type %u makes no sense",
			    event->type);
		r = 0;
	}
	c->read_failed = r;
	return r;
}

/* A source tells how many events it has handed out, also when the last one was not taken. */
static int read_some(struct capture *c)
{
	int n;

	c->read_failed = 0;
	n = c->ops->read(c->source, BATCH_EVENTS, on_event, c);
	if (c->read_failed)
		return c->read_failed;
	/* What -EBADMSG says of the store, it does not say of the source. */
	return n == -EBADMSG ? -EIO : n;
}

/* Reads a batch; the number of events. *@ret_all: there are no others now. */
static int read_batch(struct capture *c, bool *ret_all)
{
	int n = read_some(c), more = n;

	for (int i = 0; i < BATCH_MORE && more > 0 && images_incomplete(c->images); i++) {
		more = read_some(c);
		n = more < 0 ? more : n + more;
	}
	*ret_all = more < BATCH_EVENTS;
	return n;
}

int consume_waiting(struct capture *c)
{
	int n = BATCH_EVENTS;

	for (int i = 0; i < WAITING_READS && n == BATCH_EVENTS; i++)
		n = read_some(c);
	return n < 0 ? n : 0;
}

static bool is_needed(void *data, const struct ft_event *event)
{
	struct capture *c = data;

	return edits_need(c->edits, event);
}

/* Of what was kept and what was read, that which is still needed. */
static int keep_events(struct capture *c)
{
	int r = store_keep_events(c->store, is_needed, c);

	for (size_t at = 0; at < c->read.len && r == 0;) {
		const struct ft_event *event = (const void *)(c->read.text + at);

		at += event->size + -event->size % ALIGNMENT;
		if (is_needed(c, event))
			r = store_put_event(c->store, event);
	}
	c->read.len = 0;
	return r;
}

/* What follows from the events, in the transaction that holds them. */
static int conclude(struct capture *c, bool all)
{
	struct source_counts counts;
	int r = images_save(c->images);

	/* While there are events left, no time has passed behind the last one. */
	if (r == 0)
		r = edits_tick(c->edits, all ? time_now_ns(CLOCK_BOOTTIME) : c->read_ns);
	if (r == 0 && all)
		r = suspects_settle(c);
	c->ops->counts(c->source, &counts);
	if (r == 0 && counts.lost > c->lost)
		r = chore_lost(c, counts.lost);
	if (all && c->doubt) {
		edits_doubt(c->edits, time_now_ns(CLOCK_BOOTTIME));
		c->doubt = false;
	}
	if (r == 0)
		r = chores_do(c);
	if (r == 0)
		r = keep_events(c);
	if (r == 0)
		r = watches_tell(c);
	if (r == 0)
		r = status_tell(c);
	return r;
}

/* One transaction. The number of events that were read. */
static int batch(struct capture *c)
{
	uint64_t attributed[ATTRIBUTION_COUNT];
	int r = store_begin(c->store), n = 0;
	bool all = true;

	memcpy(attributed, c->attributed, sizeof(attributed));
	if (r == 0)
		r = n = read_batch(c, &all);
	if (r >= 0)
		r = conclude(c, all);
	if (r == 0)
		r = store_put_position(c->store, c->boot_id, c->ops->position(c->source));
	r = store_end(c->store, r);
	if (r < 0) {
		memcpy(c->attributed, attributed, sizeof(attributed));
		return r;
	}
	c->ops->commit(c->source);
	return n;
}

int consume(struct capture *c)
{
	int r = batch(c);

	return r < 0 ? r : 0;
}

int consume_all(struct capture *c)
{
	int r;

	do
		r = batch(c);
	while (r > 0);
	return r;
}

static void on_due(uv_timer_t *handle)
{
	struct capture *c = handle->data;
	int r = consume(c);

	if (r < 0)
		capture_fail(c, r, "cannot write down what happened");
	else
		consume_arm(c);
}

void consume_arm(struct capture *c)
{
	uint64_t now_ns = time_now_ns(CLOCK_BOOTTIME), next_ns = edits_next_ns(c->edits);
	uint64_t others_ns[] = {chores_next_ns(c), suspects_next_ns(c)};

	for (size_t i = 0; i < ARRAY_SIZE(others_ns); i++)
		if (others_ns[i] < next_ns)
			next_ns = others_ns[i];
	tidy_arm(c);
	if (next_ns == UINT64_MAX) {
		uv_timer_stop(&c->due);
		return;
	}
	/* Rounded up: a timer that is early would find nothing to do. */
	uv_timer_start(&c->due, on_due,
		       next_ns > now_ns ? (next_ns - now_ns + NS_PER_MS - 1) / NS_PER_MS : 0, 0);
}
