/*
 * Show: all about one record; see trace.h.
 */
#include <errno.h>

#include "base/def.h"
#include "filetrace/trace/json_record.h"
#include "filetrace/trace/trace.h"

bool trace_take_record(struct trace *t, struct rpc_call *call, const json_t *parameters,
		       struct record *ret_record, struct ledger_image **ret_images,
		       size_t *ret_count, bool *ret_cut)
{
	struct ledger *l;
	int64_t id;
	int r;

	if (!trace_take_id(call, parameters, "id", 1, 0, &id))
		return false;
	r = view_get(&t->view, &l);
	if (r < 0) {
		trace_failed(t, call, r);
		return false;
	}
	r = ledger_show(l, id, ret_record, ret_images, ret_count, ret_cut);
	if (r == -ENOENT)
		rpc_error(call, TRACE_INTERFACE ".NoSuchRecord",
			  json_pack("{s:o}", "id", json_id(id)));
	else if (r < 0)
		trace_failed(t, call, r);
	return r == 0;
}

void trace_show(struct trace *t, struct rpc_call *call, const json_t *parameters)
{
	_cleanup_(record_deinit) struct record record = {};
	struct ledger_image *images;
	size_t count;
	json_t *j;
	bool cut;

	if (!trace_take_record(t, call, parameters, &record, &images, &count, &cut))
		return;
	j = json_record(&record, images, count, cut, trace_is_admin(call));
	ledger_images_free(images, count);
	if (j)
		rpc_reply(call, json_pack("{s:o}", "record", j));
	else
		rpc_failed(call, -ENOMEM, trace_reason(-ENOMEM));
}
