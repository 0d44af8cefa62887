/*
 * AddWatch and RemoveWatch; see trace.h.
 *
 * A change of the list is written as a request to the capturing half (patterns.h, request.h), and
 * its call waits until the store says that this request, or a later one, is in effect. Changes that
 * come in one turn of the loop are one request. A change that is not in effect in time is taken
 * back: what was refused has not happened.
 */
#include <errno.h>
#include <string.h>

#include "base/def.h"
#include "base/log.h"
#include "base/str.h"
#include "base/time.h"
#include "filetrace/request.h"
#include "filetrace/trace/capture.h"
#include "filetrace/trace/json_record.h"
#include "filetrace/trace/trace.h"
#include "filetrace/trace/watches.h"
#include "filetrace/watchset.h"

struct waiter {
	struct list_link link;
	struct rpc_call *call;
	struct trace *trace;
	char *pattern; /* owned */
	bool add; /* else remove */
	bool flushed; /* the request was written */
	uint64_t number; /* of the request */
	uint64_t until_ms; /* of the loop's clock */
};

static void refuse(struct rpc_call *call, const char *pattern, const char *reason)
{
	rpc_error(call, TRACE_INTERFACE ".WatchRefused",
		  json_pack("{s:o, s:s}", "path", json_bytes(pattern, strlen(pattern)), "reason",
			    reason));
}

static void reply_watch(struct rpc_call *call, const struct ledger_watch *w)
{
	rpc_reply(call,
		  json_pack("{s:o}", "watch", json_watch(w->path, w->user, w->files, w->problem)));
}

/* ---- who waits ---- */

static void on_deadline(uv_timer_t *timer);

static void start_deadline(struct trace *t)
{
	struct waiter *w = list_first(&t->waiting, struct waiter, link);
	uint64_t now_ms = uv_now(&t->daemon->loop);

	if (!w)
		uv_timer_stop(&t->deadline);
	else
		uv_timer_start(&t->deadline, on_deadline,
			       w->until_ms > now_ms ? w->until_ms - now_ms : 0, 0);
}

static void waiter_free(struct waiter *w)
{
	list_remove(&w->link);
	trace_news_enough(w->trace);
	free(w->pattern);
	free(w);
}

/* What was asked for stays asked for. */
static void on_closed(struct rpc_call *call, void *data)
{
	struct waiter *w = data;
	struct trace *t = w->trace;

	waiter_free(w);
	start_deadline(t);
}

static void on_flush(uv_timer_t *timer);

static void flush_soon(struct trace *t)
{
	uv_timer_start(&t->flush, on_flush, 0, 0);
}

/* Whether somebody else still wants what @w wants. */
static bool is_wanted(const struct waiter *w)
{
	struct waiter *other;

	for (list_each(other, &w->trace->waiting, link))
		if (other != w && other->add == w->add && str_equal(other->pattern, w->pattern))
			return true;
	return false;
}

/* Ends a call without what it wanted, which is taken back. */
static void fail(struct waiter *w, const char *reason)
{
	struct trace *t = w->trace;

	if (is_wanted(w)) {
		/* The last of them takes it back. */
	} else if (w->add) {
		patterns_remove(&t->patterns, w->pattern);
	} else if (patterns_add(&t->patterns, w->pattern) == -ENOMEM) {
		log_warning("the watch of %s is lost: there is no memory", w->pattern);
	}
	refuse(w->call, w->pattern, reason);
	waiter_free(w);
}

static void on_deadline(uv_timer_t *timer)
{
	struct trace *t = timer->data;
	uint64_t now_ms = uv_now(&t->daemon->loop);
	const char *reason = capture_runs(t->daemon->root_fd) > 0
				     ? "leonhard-filetrace has not taken the request in time"
				     : "leonhard-filetrace does not run; systemctl start "
				       "leonhard-filetrace";
	struct waiter *w;

	while ((w = list_first(&t->waiting, struct waiter, link)) && w->until_ms <= now_ms) {
		fail(w, reason);
		flush_soon(t);
	}
	start_deadline(t);
}

/* Replies to @w, whose request is in effect. */
static void answer(struct waiter *w, const struct watches *watches)
{
	const struct ledger_watch *watch = watches_find(watches, w->pattern);

	if (!w->add) {
		rpc_reply(w->call, NULL);
	} else if (watch) {
		reply_watch(w->call, watch);
	} else {
		flush_soon(w->trace);
		fail(w, "leonhard-filetrace did not take it; its log says why");
		return;
	}
	waiter_free(w);
}

void trace_watches_news(struct trace *t)
{
	_cleanup_(watches_deinit) struct watches watches = {};
	struct waiter *w;
	int r;

	if (list_is_empty(&t->waiting))
		return;
	r = watches_get(t, &watches);
	/* It is read again when it has changed. */
	if (r < 0)
		return;
	for (list_each(w, &t->waiting, link))
		if (w->flushed && w->number <= watches.request)
			answer(w, &watches);
	start_deadline(t);
}

/* ---- asking ---- */

/* Larger than that of any before, also of those that we have forgotten and the store has not. */
static uint64_t next_number(struct trace *t)
{
	_cleanup_(watches_deinit) struct watches watches = {};
	uint64_t number = t->patterns.number;

	if (watches_get(t, &watches) == 0 && watches.request > number)
		number = watches.request;
	return number + 1;
}

static void on_flush(uv_timer_t *timer)
{
	struct trace *t = timer->data;
	uint64_t number = next_number(t);
	int r = patterns_write(&t->patterns, t->daemon->root_fd, number);
	char reason[256];
	struct waiter *w;

	snprintf(reason, sizeof(reason), "%s/%s cannot be written: %s", REQUEST_DIR, REQUEST_NAME,
		 strerror(-r));
	for (list_each(w, &t->waiting, link)) {
		if (w->flushed)
			continue;
		if (r < 0) {
			fail(w, reason);
			continue;
		}
		w->flushed = true;
		w->number = number;
	}
	start_deadline(t);
}

/* Waits for the request that will have what is in the list now. Takes @pattern. */
static void wait(struct trace *t, struct rpc_call *call, char *pattern, bool add)
{
	struct waiter *w = calloc(1, sizeof(*w));

	if (!w) {
		free(pattern);
		rpc_failed(call, -ENOMEM, trace_reason(-ENOMEM));
		return;
	}
	*w = (struct waiter){.call = call, .trace = t, .pattern = pattern, .add = add};
	w->until_ms = uv_now(&t->daemon->loop) + trace_settings(t)->watch_timeout_ns / NS_PER_MS;
	list_add_last(&t->waiting, &w->link);
	trace_news_want(t);
	rpc_call_on_closed(call, on_closed, w);
	flush_soon(t);
	start_deadline(t);
}

/* The path of parameters as the set of watches has it, the caller's; false when the call has ended.
 */
static bool take_pattern(struct rpc_call *call, const json_t *parameters, char **ret_pattern)
{
	const char *text = json_string_value(json_object_get(parameters, "path")), *problem = NULL;
	_cleanup_(watchset_free_p) struct watchset *set = NULL;
	_cleanup_free_ char *path = NULL;
	size_t len;
	bool user;
	int r;

	if (str_unescape(text, &path, &len) < 0 || strlen(path) != len) {
		rpc_invalid(call, "path");
		return false;
	}
	r = watchset_new(&set);
	if (r == 0)
		r = watchset_add(set, path, true, &problem);
	if (r == 0 && !(*ret_pattern = strdup(watchset_pattern(set, 0, &user))))
		r = -ENOMEM;
	if (r == -ENOMEM)
		rpc_failed(call, r, trace_reason(r));
	else if (r < 0)
		refuse(call, path, problem ? problem : "it cannot be watched");
	return r == 0;
}

/* Puts @pattern into the list. 0 when it was there already, or is now. */
static int add_pattern(struct trace *t, const char *pattern)
{
	int r = patterns_add(&t->patterns, pattern);

	return r == -EEXIST ? 0 : r;
}

void trace_add_watch(struct trace *t, struct rpc_call *call, const json_t *parameters)
{
	_cleanup_(watches_deinit) struct watches watches = {};
	_cleanup_free_ char *pattern = NULL;
	const struct ledger_watch *watch;
	int r;

	if (!take_pattern(call, parameters, &pattern))
		return;
	r = watches_load(t);
	if (r < 0) {
		rpc_failed(call, r, "the list of watches cannot be read");
		return;
	}
	watches_get(t, &watches);
	watch = watches_find(&watches, pattern);
	if (watch && !watch->user) {
		reply_watch(call, watch);
		return;
	}
	r = add_pattern(t, pattern);
	if (r == 0)
		wait(t, call, take_ptr(pattern), true);
	else if (r == -ENOSPC)
		refuse(call, pattern,
		       "there are too many watches; leo trace remove takes one away");
	else
		rpc_failed(call, r, trace_reason(r));
}

void trace_remove_watch(struct trace *t, struct rpc_call *call, const json_t *parameters)
{
	_cleanup_(watches_deinit) struct watches watches = {};
	_cleanup_free_ char *pattern = NULL;
	const struct ledger_watch *watch;
	int r;

	if (!take_pattern(call, parameters, &pattern))
		return;
	r = watches_load(t);
	if (r < 0) {
		rpc_failed(call, r, "the list of watches cannot be read");
		return;
	}
	if (patterns_contain(&t->patterns, pattern)) {
		patterns_remove(&t->patterns, pattern);
		wait(t, call, take_ptr(pattern), false);
		return;
	}
	watches_get(t, &watches);
	watch = watches_find(&watches, pattern);
	if (watch && !watch->user)
		refuse(call, pattern, "it is of the configuration: /etc/leonhard/filetrace.conf");
	else
		rpc_error(call, TRACE_INTERFACE ".NoSuchWatch",
			  json_pack("{s:o}", "path", json_bytes(pattern, strlen(pattern))));
}

void trace_watches_init(struct trace *t)
{
	list_init(&t->waiting);
	uv_timer_init(&t->daemon->loop, &t->flush);
	uv_timer_init(&t->daemon->loop, &t->deadline);
	t->flush.data = t->deadline.data = t;
}

/* What was asked for stays asked for, and is in effect later. */
void trace_watches_close(struct trace *t)
{
	struct waiter *w;

	if (uv_is_active((uv_handle_t *)&t->flush))
		patterns_write(&t->patterns, t->daemon->root_fd, next_number(t));
	while ((w = list_first(&t->waiting, struct waiter, link))) {
		refuse(w->call, w->pattern, "leonhard-trace ends; the request was made");
		waiter_free(w);
	}
	uv_close((uv_handle_t *)&t->flush, NULL);
	uv_close((uv_handle_t *)&t->deadline, NULL);
	patterns_deinit(&t->patterns);
}
