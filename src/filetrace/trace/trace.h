/*
 * The daemon leonhard-trace: what its parts share. It reads the store (ledger.h), answers
 * io.leonhard.Trace and asks the capturing half for watches (request.h); it has no power.
 */
#ifndef FILETRACE_TRACE_H
#define FILETRACE_TRACE_H

#include <uv.h>

#include "base/daemon.h"
#include "core/list.h"
#include "filetrace/trace/patterns.h"
#include "filetrace/trace/settings.h"
#include "filetrace/trace/view.h"
#include "rpc/server.h"

struct trace {
	struct daemon *daemon;
	struct rpc_server *server;
	struct view view;

	/* news.c: events of the folder of the store, while somebody waits for what is new. */
	unsigned news_users;
	uv_fs_event_t folder, parent;
	uv_timer_t settle, later;

	/* list.c, follow.c, read.c, making.c: calls that go on. */
	struct list listings, streams, readings, makings;
	uv_timer_t turn; /* the next piece of listings */
	size_t reading_bytes;

	/* watches.c: calls that wait for the capturing half. */
	struct patterns patterns;
	struct list waiting;
	uv_timer_t flush, deadline;
};

static inline const struct settings *trace_settings(const struct trace *t)
{
	return t->daemon->conf;
}

#define TRACE_INTERFACE "io.leonhard.Trace"

/* methods.c: the handlers of api/io.leonhard.Trace.varlink; their data is the struct trace. */
extern const struct rpc_method trace_methods[];

/* Ends a call because of the store, with a reason for people. @r is of a ledger_ function. */
void trace_failed(struct trace *t, struct rpc_call *call, int r);
/* What @r means for the store, for people; static. */
const char *trace_reason(int r);
/* Whether the caller may see what not everybody may read. */
bool trace_is_admin(const struct rpc_call *call);
/* The filter's members that a path and a user of parameters give; @ret_path is the caller's. False
 * when the call has ended, since they make no sense. */
bool trace_take_filter(struct rpc_call *call, const json_t *parameters, char **ret_path,
		       struct ledger_filter *filter);
/* A decimal id of at least @min; the call ends and false is returned when @name is none. A member
 * that is null gives @fallback. */
bool trace_take_id(struct rpc_call *call, const json_t *parameters, const char *name, int64_t min,
		   int64_t fallback, int64_t *ret_id);

/* Replies that make up to RPC_MESSAGE_MAX keep so much free for what is around their list. */
enum { TRACE_REPLY_BYTES = RPC_MESSAGE_MAX - 16 * 1024 };

/* list.c */
void trace_list(struct trace *t, struct rpc_call *call, const json_t *parameters);
void trace_list_init(struct trace *t);
void trace_list_close(struct trace *t);

/* show.c */
void trace_show(struct trace *t, struct rpc_call *call, const json_t *parameters);
/* The record that "id" of parameters names, as of ledger_show(). False when the call has ended. */
bool trace_take_record(struct trace *t, struct rpc_call *call, const json_t *parameters,
		       struct record *ret_record, struct ledger_image **ret_images,
		       size_t *ret_count, bool *ret_cut);

/* read.c */
void trace_read(struct trace *t, struct rpc_call *call, const json_t *parameters);
void trace_read_init(struct trace *t);
/* Streams @bytes, which it takes, and ends the call. */
void trace_read_begin(struct trace *t, struct rpc_call *call, char *bytes, size_t len);
/* Ends the call: there is nothing to read, for a reason. */
void trace_no_content(struct rpc_call *call, const char *reason);

/* Contents of both sides, owned; NULL where nothing was. */
struct trace_sides {
	char *old, *new;
	size_t old_len, new_len;
};

void trace_sides_deinit(struct trace_sides *s);

/* making.c: makes the difference beside the loop, and streams it. Takes what is in @sides. */
void trace_make_diff(struct trace *t, struct rpc_call *call, const char *path,
		     struct trace_sides *sides);

/* follow.c */
void trace_follow(struct trace *t, struct rpc_call *call, const json_t *parameters);
void trace_follow_init(struct trace *t);
/* There may be new records. */
void trace_follow_news(struct trace *t);

/* watches.c */
void trace_add_watch(struct trace *t, struct rpc_call *call, const json_t *parameters);
void trace_remove_watch(struct trace *t, struct rpc_call *call, const json_t *parameters);
void trace_list_watches(struct trace *t, struct rpc_call *call);
void trace_watches_init(struct trace *t);
void trace_watches_close(struct trace *t);
/* A request may be in effect. */
void trace_watches_news(struct trace *t);

/* describe.c, health.c */
void trace_describe(struct trace *t, struct rpc_call *call);
void trace_health(struct trace *t, struct rpc_call *call);

/* news.c: to be told, by the two functions above; from the first want() to the last enough(). */
void trace_news_want(struct trace *t);
void trace_news_enough(struct trace *t);
void trace_news_init(struct trace *t);
void trace_news_close(struct trace *t);

#endif
