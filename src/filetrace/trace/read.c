/*
 * ReadContent: what was there before, what is there since, or the difference, in pieces; see
 * trace.h.
 *
 * Content is held as a whole while it is read, so how much of it there is at a time is bounded, for
 * all and for each user: who reads slowly keeps others from little.
 */
#include <errno.h>
#include <string.h>

#include "base/def.h"
#include "base/str.h"
#include "base/base64.h"
#include "filetrace/trace/json_record.h"
#include "filetrace/trace/trace.h"

enum {
	PIECE_BYTES = 48 * 1024,
	DIFF_SIDES_BYTES = 8 * 1024 * 1024, /* of both together: more takes time from others */
	USER_READINGS = 4,
};

struct reading {
	struct list_link link;
	struct rpc_call *call;
	struct trace *trace;
	uid_t uid;
	char *bytes; /* owned */
	size_t len, at;
};

void trace_no_content(struct rpc_call *call, const char *reason)
{
	rpc_error(call, TRACE_INTERFACE ".NoContent", json_pack("{s:s}", "reason", reason));
}

/* ---- telling ---- */

static void reading_free(struct reading *r)
{
	r->trace->reading_bytes -= r->len;
	list_remove(&r->link);
	free(r->bytes);
	free(r);
}

static void on_closed(struct rpc_call *call, void *data)
{
	reading_free(data);
}

/* The next piece; NULL without memory. */
static json_t *take_piece(struct reading *r)
{
	size_t left = r->len - r->at, n = left < PIECE_BYTES ? left : PIECE_BYTES;
	_cleanup_free_ char *text = NULL;

	if (base64_encode(r->bytes + r->at, n, &text) < 0)
		return NULL;
	r->at += n;
	return json_pack("{s:s, s:o}", "data", text, "size", json_uint(r->len));
}

static void tell(struct rpc_call *call, void *data)
{
	struct reading *r = data;
	json_t *piece;

	while (rpc_stream_ready(call)) {
		piece = take_piece(r);
		if (!piece || r->at == r->len) {
			reading_free(r);
			if (piece)
				rpc_reply(call, piece);
			else
				rpc_failed(call, -ENOMEM, trace_reason(-ENOMEM));
			return;
		}
		if (rpc_stream(call, piece) < 0)
			return;
	}
	rpc_stream_on_drain(call, tell, r);
}

static bool has_room(struct trace *t, uid_t uid, size_t len)
{
	unsigned count = 0;
	struct reading *r;

	for (list_each(r, &t->readings, link))
		count += r->uid == uid;
	return count < USER_READINGS &&
	       len <= trace_settings(t)->read_memory_bytes - t->reading_bytes;
}

static void no_room(const struct trace *t, struct rpc_call *call, size_t len)
{
	if (len > trace_settings(t)->read_memory_bytes)
		trace_no_content(call, "it is larger than the setting read.memory of trace.conf");
	else
		rpc_failed(call, -EBUSY, "too much is being read at the same time; try again");
}

void trace_read_begin(struct trace *t, struct rpc_call *call, char *bytes, size_t len)
{
	_cleanup_free_ char *owned = bytes;
	uid_t uid = rpc_call_peer(call)->uid;
	struct reading *r;

	r = has_room(t, uid, len) ? malloc(sizeof(*r)) : NULL;
	if (!r) {
		no_room(t, call, len);
		return;
	}
	*r = (struct reading){
		.call = call, .trace = t, .uid = uid, .bytes = take_ptr(owned), .len = len};
	t->reading_bytes += len;
	list_add_last(&t->readings, &r->link);
	rpc_call_on_closed(call, on_closed, r);
	tell(call, r);
}

/* ---- what there is to tell ---- */

/* Why a side has no content that could be read, or NULL. */
static const char *why_none(const struct state *s)
{
	if (s->secret)
		return "it is secret: nothing of its content was kept";
	if (s->kind == STATE_ABSENT)
		return "there was nothing at this path";
	if (s->kind != STATE_FILE && s->kind != STATE_SYMLINK)
		return "it was no regular file";
	return s->hashed ? NULL : "it was too large, or could not be read";
}

/* The content of a side. 1, when the call has ended, for it is not there or there is no room. */
static int side_content(struct ledger *l, struct rpc_call *call, const struct state *s,
			char **ret_bytes, size_t *ret_len)
{
	const char *reason = why_none(s);
	int r = reason ? 1 : ledger_content(l, &s->sha256, ret_bytes, ret_len);

	if (r == -ENOENT)
		reason = "it was dropped to make room for newer content";
	if (!reason)
		return r;
	trace_no_content(call, reason);
	return 1;
}

static size_t kept_bytes(const struct state *s)
{
	return s->hashed ? s->size : 0;
}

static bool is_diff_made(const struct record *rec)
{
	return kept_bytes(&rec->old) <= DIFF_SIDES_BYTES &&
	       kept_bytes(&rec->new) <= DIFF_SIDES_BYTES - kept_bytes(&rec->old);
}

/* How much is held to find a side: so much must be free before. */
static size_t needed(const struct record *rec, const char *side)
{
	if (str_equal(side, "old"))
		return kept_bytes(&rec->old);
	if (str_equal(side, "new"))
		return kept_bytes(&rec->new);
	if (rec->diff)
		return rec->diff_len;
	return is_diff_made(rec) ? kept_bytes(&rec->old) + kept_bytes(&rec->new) : 0;
}

/* Both sides, one of which may be absent. As side_content(). */
static int get_sides(struct ledger *l, struct rpc_call *call, const struct record *rec,
		     struct trace_sides *sides)
{
	int r = 0;

	if (rec->old.kind != STATE_ABSENT)
		r = side_content(l, call, &rec->old, &sides->old, &sides->old_len);
	if (r == 0 && rec->new.kind != STATE_ABSENT)
		r = side_content(l, call, &rec->new, &sides->new, &sides->new_len);
	return r;
}

/* Tells the difference that is in the store, or has it made. */
static int read_diff(struct trace *t, struct ledger *l, struct rpc_call *call, struct record *rec)
{
	_cleanup_(trace_sides_deinit) struct trace_sides sides = {};
	int r;

	if (rec->old.secret || rec->new.secret) {
		trace_no_content(call, why_none(rec->old.secret ? &rec->old : &rec->new));
		return 0;
	}
	if (rec->diff) {
		trace_read_begin(t, call, take_ptr(rec->diff), rec->diff_len);
		return 0;
	}
	if (!is_diff_made(rec)) {
		trace_no_content(call, "both sides are larger than 8 MiB; read them");
		return 0;
	}
	r = get_sides(l, call, rec, &sides);
	if (r == 0)
		trace_make_diff(t, call, rec->path, &sides);
	return r < 0 ? r : 0;
}

static int read_side(struct trace *t, struct ledger *l, struct rpc_call *call,
		     const struct state *s)
{
	char *bytes;
	size_t len;
	int r = side_content(l, call, s, &bytes, &len);

	if (r == 0)
		trace_read_begin(t, call, bytes, len);
	return r < 0 ? r : 0;
}

/* Whether the caller may see that side; a difference shows both. */
static bool may_see(const struct rpc_call *call, const struct record *rec, const char *side)
{
	bool old = !str_equal(side, "new"), new = !str_equal(side, "old");

	return trace_is_admin(call) || !((old && rec->old.private) || (new && rec->new.private));
}

static int find(struct trace *t, struct ledger *l, struct rpc_call *call, struct record *rec,
		const char *side)
{
	if (!may_see(call, rec, side)) {
		rpc_error(call, TRACE_INTERFACE ".Withheld",
			  json_pack("{s:o}", "id", json_id(rec->id)));
		return 0;
	}
	if (!has_room(t, rpc_call_peer(call)->uid, needed(rec, side))) {
		no_room(t, call, needed(rec, side));
		return 0;
	}
	if (str_equal(side, "diff"))
		return read_diff(t, l, call, rec);
	return read_side(t, l, call, str_equal(side, "old") ? &rec->old : &rec->new);
}

void trace_read(struct trace *t, struct rpc_call *call, const json_t *parameters)
{
	const char *side = json_string_value(json_object_get(parameters, "side"));
	_cleanup_(record_deinit) struct record rec = {};
	struct ledger_image *images;
	struct ledger *l;
	size_t count;
	bool cut;
	int r;

	if (!trace_take_record(t, call, parameters, &rec, &images, &count, &cut))
		return;
	ledger_images_free(images, count);
	r = view_get(&t->view, &l);
	if (r == 0)
		r = find(t, l, call, &rec, side);
	if (r < 0)
		trace_failed(t, call, r);
}

void trace_read_init(struct trace *t)
{
	list_init(&t->readings);
	list_init(&t->makings);
}
