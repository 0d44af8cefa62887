/*
 * Describe: how changes are seen, and what is kept; see trace.h.
 */
#include <errno.h>
#include <string.h>

#include "base/def.h"
#include "filetrace/trace/capture.h"
#include "filetrace/trace/json_record.h"
#include "filetrace/trace/trace.h"

static json_t *json_end(int64_t id)
{
	return id ? json_id(id) : json_null();
}

static json_t *json_sentences(char *const *sentences)
{
	_cleanup_json_ json_t *list = json_array();

	for (; sentences && *sentences; sentences++)
		if (json_array_append_new(list, json_bytes(*sentences, strlen(*sentences))) < 0)
			return NULL;
	return take_ptr(list);
}

static json_t *json_description(const struct ledger_status *s, bool runs)
{
	const char *backend = runs && s->backend && *s->backend ? s->backend : "none";

	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "backend", json_text(backend),
			 "cannot_see", json_sentences(runs ? s->cannot_see : NULL), "oldest",
			 json_end(s->oldest), "newest", json_end(s->newest), "records",
			 json_uint(s->records), "lost", json_uint(s->lost), "store_bytes",
			 json_uint(s->store_bytes));
}

void trace_describe(struct trace *t, struct rpc_call *call)
{
	_cleanup_(ledger_status_deinit) struct ledger_status status = {};
	struct ledger *l;
	json_t *reply = NULL;
	int r = view_get(&t->view, &l);

	if (r == 0)
		r = ledger_status(l, &status);
	if (r == 0) {
		reply = json_description(&status, capture_runs(t->daemon->root_fd) > 0);
		r = reply ? 0 : -ENOMEM;
	}
	if (r < 0)
		trace_failed(t, call, r);
	else
		rpc_reply(call, reply);
}
