/*
 * The methods of io.leonhard.Trace, and what their handlers share; see trace.h.
 */
#include <errno.h>
#include <string.h>

#include "base/def.h"
#include "base/parse.h"
#include "base/str.h"
#include "filetrace/trace/json_record.h"
#include "filetrace/trace/trace.h"

enum { PATH_BYTES_MAX = 4096 };

const char *trace_reason(int r)
{
	static const struct {
		int r;
		const char *reason;
	} reasons[] = {
		{-ENOENT, "there is no store of records yet; leonhard-filetrace.service makes it "
			  "when it starts"},
		{-ENOTDIR, "there is no store of records, but something else in its place"},
		{-EBADMSG, "the store of records is damaged; leonhard-filetrace.service sets it "
			   "aside when it starts, and begins a new one"},
		{-EPROTO, "the store of records is of a later version than this program"},
		{-EACCES, "the store of records may not be read; it belongs to the group "
			  "leonhard-trace"},
		{-EBUSY, "the store of records is busy; try again"},
		{-ENOMEM, "there is no memory for it"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(reasons); i++)
		if (reasons[i].r == r)
			return reasons[i].reason;
	return "the store of records cannot be read";
}

void trace_failed(struct trace *t, struct rpc_call *call, int r)
{
	if (r != -ENOMEM)
		view_drop(&t->view);
	rpc_failed(call, r, trace_reason(r));
}

bool trace_is_admin(const struct rpc_call *call)
{
	return rpc_call_class(call) >= ACCESS_ADMIN;
}

/* A path of parameters as bytes; NULL when there is none. False: it is no such thing. */
static bool unescape_path(const char *text, char **ret_path)
{
	_cleanup_free_ char *path = NULL;
	size_t len;

	if (!text) {
		*ret_path = NULL;
		return true;
	}
	if (str_unescape(text, &path, &len) < 0 || strlen(path) != len || path[0] != '/' ||
	    len > PATH_BYTES_MAX)
		return false;
	*ret_path = take_ptr(path);
	return true;
}

bool trace_take_filter(struct rpc_call *call, const json_t *parameters, char **ret_path,
		       struct ledger_filter *filter)
{
	const json_t *user = json_object_get(parameters, "user");

	filter->user = json_is_integer(user) ? json_integer_value(user) : -1;
	if (json_is_integer(user) && (filter->user < 0 || filter->user >= FT_UNSET)) {
		rpc_invalid(call, "user");
		return false;
	}
	if (!unescape_path(json_string_value(json_object_get(parameters, "path")), ret_path)) {
		rpc_invalid(call, "path");
		return false;
	}
	filter->path = *ret_path;
	return true;
}

bool trace_take_id(struct rpc_call *call, const json_t *parameters, const char *name, int64_t min,
		   int64_t fallback, int64_t *ret_id)
{
	const char *text = json_string_value(json_object_get(parameters, name));
	uint64_t id = fallback;

	if (text && parse_u64(text, min, INT64_MAX, &id) < 0) {
		rpc_invalid(call, name);
		return false;
	}
	*ret_id = id;
	return true;
}

static void handle_list(struct rpc_call *call, const json_t *parameters, void *data)
{
	trace_list(data, call, parameters);
}

static void handle_show(struct rpc_call *call, const json_t *parameters, void *data)
{
	trace_show(data, call, parameters);
}

static void handle_read_content(struct rpc_call *call, const json_t *parameters, void *data)
{
	if (rpc_expect_more(call))
		trace_read(data, call, parameters);
}

static void handle_follow(struct rpc_call *call, const json_t *parameters, void *data)
{
	if (rpc_expect_more(call))
		trace_follow(data, call, parameters);
}

static void handle_add_watch(struct rpc_call *call, const json_t *parameters, void *data)
{
	trace_add_watch(data, call, parameters);
}

static void handle_remove_watch(struct rpc_call *call, const json_t *parameters, void *data)
{
	trace_remove_watch(data, call, parameters);
}

static void handle_list_watches(struct rpc_call *call, const json_t *parameters, void *data)
{
	trace_list_watches(data, call);
}

static void handle_describe(struct rpc_call *call, const json_t *parameters, void *data)
{
	trace_describe(data, call);
}

static void handle_health(struct rpc_call *call, const json_t *parameters, void *data)
{
	trace_health(data, call);
}

const struct rpc_method trace_methods[] = {
	{"List", handle_list},
	{"Show", handle_show},
	{"ReadContent", handle_read_content},
	{"Follow", handle_follow},
	{"AddWatch", handle_add_watch},
	{"RemoveWatch", handle_remove_watch},
	{"ListWatches", handle_list_watches},
	{"Describe", handle_describe},
	{"Health", handle_health},
	{},
};
