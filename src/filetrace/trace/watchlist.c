/*
 * What is under watch: the watches of the store, and ListWatches; see watches.h and trace.h.
 */
#include "filetrace/trace/watches.h"

#include <errno.h>
#include <string.h>

#include "base/def.h"
#include "base/log.h"
#include "base/str.h"
#include "filetrace/request.h"
#include "filetrace/trace/json_record.h"

void watches_deinit(struct watches *w)
{
	ledger_watches_free(w->list, w->count);
}

int watches_get(struct trace *t, struct watches *ret_watches)
{
	struct ledger *l;
	int r = view_get(&t->view, &l);

	return r < 0 ? r
		     : ledger_watches(l, &ret_watches->list, &ret_watches->count,
				      &ret_watches->request);
}

const struct ledger_watch *watches_find(const struct watches *w, const char *pattern)
{
	for (size_t i = 0; i < w->count; i++)
		if (str_equal(w->list[i].path, pattern))
			return &w->list[i];
	return NULL;
}

/* A reason of others, which may be long. */
static json_t *json_problem(const char *problem)
{
	enum { PROBLEM_BYTES = 512 };

	return problem ? json_bytes(problem, strnlen(problem, PROBLEM_BYTES)) : json_null();
}

json_t *json_watch(const char *pattern, bool user, uint64_t files, const char *problem)
{
	return json_pack("{s:o, s:s, s:o, s:o}", "path", json_bytes(pattern, strlen(pattern)),
			 "origin", user ? "user" : "default", "files", json_uint(files), "problem",
			 json_problem(problem));
}

int watches_load(struct trace *t)
{
	_cleanup_(watches_deinit) struct watches watches = {};
	int r;

	if (t->patterns.loaded)
		return 0;
	/* Without a store there is nothing in it. */
	watches_get(t, &watches);
	r = patterns_load(&t->patterns, t->daemon->root_fd, watches.list, watches.count,
			  watches.request);
	if (r == -EINVAL)
		log_warning("%s/%s made no sense; what the store has is taken instead", REQUEST_DIR,
			    REQUEST_NAME);
	return t->patterns.loaded ? 0 : r;
}

/* Appends @watch while there is room; what there is no room for is left out. */
static int tell(json_t *list, json_t *watch, size_t *room)
{
	size_t size = watch ? json_size(watch) + 1 : 0;

	if (size > *room) {
		json_decref(watch);
		*room = 0;
		return 0;
	}
	*room -= size;
	return json_array_append_new(list, watch) < 0 ? -ENOMEM : 0;
}

/* What is wrong with a watch; in short when others still need the room. */
static const char *short_problem(const struct ledger_watch *w, size_t room)
{
	if (w->problem && room < TRACE_REPLY_BYTES / 2)
		return "see the log of leonhard-filetrace";
	return w->problem;
}

/* Those that are asked for and not in effect. */
static int tell_others(struct trace *t, const struct watches *watches, json_t *list, size_t *room)
{
	int r = 0;

	for (size_t i = 0; i < t->patterns.count && r == 0; i++) {
		const char *pattern = t->patterns.list[i];

		if (!watches_find(watches, pattern))
			r = tell(
				list,
				json_watch(pattern, true, 0, "leonhard-filetrace has not taken it"),
				room);
	}
	return r;
}

void trace_list_watches(struct trace *t, struct rpc_call *call)
{
	_cleanup_(watches_deinit) struct watches watches = {};
	_cleanup_json_ json_t *list = json_array();
	size_t room = TRACE_REPLY_BYTES;
	int r = watches_get(t, &watches);

	if (r < 0) {
		trace_failed(t, call, r);
		return;
	}
	r = watches_load(t);
	for (size_t i = 0; i < watches.count && r == 0; i++) {
		const struct ledger_watch *w = &watches.list[i];

		r = tell(list, json_watch(w->path, w->user, w->files, short_problem(w, room)),
			 &room);
	}
	if (r == 0)
		r = tell_others(t, &watches, list, &room);
	if (r < 0)
		rpc_failed(call, r, "the list of watches cannot be read");
	else
		rpc_reply(call, json_pack("{s:O}", "watches", list));
}
