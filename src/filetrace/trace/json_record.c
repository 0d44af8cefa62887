/*
 * Records as JSON; see json_record.h.
 *
 * The bound of a reply, worst case, in bytes of JSON, where a byte that is escaped takes five
 * ("\\x0a"): path 20 KiB, program of the process 5 KiB, its arguments 160 KiB and some for quotes,
 * fields of secrets 384 KiB, 32 parents with the path of their programs 170 KiB. The difference of
 * up to 256 KiB is only there where fields are not, or is left out; arguments of the parents get
 * what is left, at most 256 KiB.
 */
#include "filetrace/trace/json_record.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/str.h"
#include "rpc/server.h"

enum {
	ARGV_BYTES = 192 * 1024, /* of the process */
	FIELD_BYTES = 384 * 1024,
	FIELDS_MAX = 1000,
	FIELD_NAME_BYTES = 64,
	PARENT_ARGV_BYTES = 256 * 1024, /* of all parents */
	PARENT_BYTES = 6 * 1024, /* of one, without its arguments */
	RECORD_BYTES = RPC_MESSAGE_MAX - 32 * 1024,
};

/* ---- values ---- */

json_t *json_bytes(const void *bytes, size_t len)
{
	_cleanup_free_ char *text = NULL;

	return str_escape(bytes, len, &text) < 0 ? NULL : json_string(text);
}

json_t *json_text(const char *text)
{
	return text && *text ? json_bytes(text, strlen(text)) : json_null();
}

json_t *json_id(int64_t id)
{
	return json_sprintf("%" PRId64, id);
}

size_t json_size(const json_t *value)
{
	return json_dumpb(value, NULL, 0, JSON_COMPACT | JSON_ENCODE_ANY);
}

/* A text of the kernel in an array that may have no end. */
static json_t *json_array_text(const char *text, size_t max)
{
	size_t len = strnlen(text, max);

	return len ? json_bytes(text, len) : json_null();
}

static json_t *json_hash(const struct sha256 *sha256)
{
	static const char digits[] = "0123456789abcdef";
	char text[2 * SHA256_BYTES];

	for (size_t i = 0; i < SHA256_BYTES; i++) {
		text[2 * i] = digits[sha256->bytes[i] >> 4];
		text[2 * i + 1] = digits[sha256->bytes[i] & 15];
	}
	return json_stringn(text, sizeof(text));
}

/* ---- what every record tells ---- */

bool record_is_private(const struct record *r)
{
	return r->old.private || r->new.private;
}

/* A hash tells whether a guess of the content is right: it is withheld with it. */
static json_t *content_hash(const struct state *s, bool visible)
{
	return s->hashed && !s->secret && visible ? json_hash(&s->sha256) : json_null();
}

static json_t *login(uint32_t number, bool known)
{
	return known && number != FT_UNSET ? json_integer(number) : json_null();
}

static json_t *terminal(const struct ft_actor *a, bool known)
{
	char name[FT_TTY_BYTES + 1];

	if (!known)
		return json_null();
	record_tty(a->tty, name);
	return json_text(name);
}

static json_t *unit(const struct ft_actor *a, bool known)
{
	char path[FT_CGROUP_BYTES], name[FT_CGROUP_BYTES];

	memcpy(path, a->cgroup, sizeof(path));
	path[sizeof(path) - 1] = '\0';
	return known && record_unit(path, name) ? json_text(name) : json_null();
}

/* Who did it, as far as anything is known of them. */
static json_t *json_actor(const struct record *r, const char *exe)
{
	const struct ft_actor *a = &r->actor;
	bool known = r->attribution != ATTRIBUTION_NONE && a->pid != 0;

	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "exe", json_text(exe), "pid",
			 known ? json_integer(a->pid) : json_null(), "uid",
			 known ? json_integer(a->uid) : json_null(), "login_uid",
			 login(a->login_uid, known), "session", login(a->session, known), "tty",
			 terminal(a, known), "unit", unit(a, known));
}

/* A word of a table; what a damaged store has in its place is said as the least. */
static const char *word(const char *name, const char *fallback)
{
	return name ? name : fallback;
}

json_t *json_summary(const struct record *r, const char *exe, bool admin)
{
	bool visible = admin || !record_is_private(r);
	json_t *j = json_pack(
		"{s:o, s:I, s:o, s:s, s:I, s:s, s:s, s:o, s:o}", "id", json_id(r->id), "time_ns",
		(json_int_t)r->time_ns, "path", json_bytes(r->path, strlen(r->path)), "method",
		word(method_name(r->method), "unknown"), "op_count", (json_int_t)r->op_count,
		"attribution", word(attribution_name(r->attribution), "none"), "content",
		r->coalesced ? "coalesced" : "exact", "old_sha256", content_hash(&r->old, visible),
		"new_sha256", content_hash(&r->new, visible));

	if (j && json_object_update_new(j, json_actor(r, exe)) == 0)
		return j;
	json_decref(j);
	return NULL;
}

/* A file without attributes has, in the store, the hash of nothing. */
static json_t *json_attributes(const struct state *s)
{
	static const uint8_t nothing[SHA256_BYTES] = {
		0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4,
		0xc8, 0x99, 0x6f, 0xb9, 0x24, 0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b,
		0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55};

	return s->attributed && memcmp(s->attributes.bytes, nothing, sizeof(nothing)) != 0
		       ? json_hash(&s->attributes)
		       : json_null();
}

static json_t *json_state(const struct state *s)
{
	if (s->kind == STATE_ABSENT)
		return json_null();
	return json_pack(
		"{s:s, s:I, s:I, s:I, s:o, s:o}", "kind", word(state_kind_name(s->kind), "other"),
		"mode", (json_int_t)(s->mode & 07777), "uid", (json_int_t)s->uid, "gid",
		(json_int_t)s->gid, "size", json_uint(s->size), "attributes", json_attributes(s));
}

/* ---- arguments ---- */

/*
 * Splits arguments into an array as long as there is *@room; *@ret_cut tells whether some are
 * missing. The last one may have no end, when it was cut.
 */
static json_t *json_argv(const struct ledger_image *image, size_t *room, bool *ret_cut)
{
	_cleanup_json_ json_t *argv = json_array();
	size_t len = image->args ? image->image.args_bytes : 0;
	const char *p = image->args;
	bool cut = image->image.flags & (FT_IMAGE_ARGS_CUT | FT_IMAGE_NO_ARGS);

	if (len > FT_ARGS_BYTES) {
		len = FT_ARGS_BYTES;
		cut = true;
	}
	while (len) {
		size_t n = strnlen(p, len), step = n < len ? n + 1 : n;
		json_t *arg = json_bytes(p, n);
		size_t size = arg ? json_size(arg) + 1 : 0;

		if (size > *room) {
			json_decref(arg);
			cut = true;
			break;
		}
		if (json_array_append_new(argv, arg) < 0)
			return NULL;
		*room -= size;
		p += step;
		len -= step;
	}
	*ret_cut = cut;
	return take_ptr(argv);
}

static json_t *json_process(const struct ledger_image *image, size_t *room)
{
	const struct ft_image *i = &image->image;
	bool cut = false;
	json_t *argv = json_argv(image, room, &cut);

	return json_pack("{s:I, s:o, s:o, s:o, s:b, s:I}", "pid", (json_int_t)i->pid, "start_ns",
			 json_uint(i->start_ns), "exe", json_array_text(i->exe, sizeof(i->exe)),
			 "argv", argv, "argv_truncated", cut, "uid", (json_int_t)i->uid);
}

static json_t *json_ancestry(const struct ledger_image *images, size_t count, size_t room)
{
	_cleanup_json_ json_t *list = json_array();
	size_t argv_room = room < PARENT_ARGV_BYTES ? room : PARENT_ARGV_BYTES;

	for (size_t i = 0; i < count; i++)
		if (json_array_append_new(list, json_process(&images[i], &argv_room)) < 0)
			return NULL;
	return take_ptr(list);
}

/* ---- what was changed ---- */

static json_t *json_fields(const struct record *r)
{
	_cleanup_json_ json_t *list = json_array();
	size_t room = FIELD_BYTES;

	for (size_t i = 0; i < r->field_count && i < FIELDS_MAX; i++) {
		const struct record_field *f = &r->fields[i];
		json_t *j = json_pack(
			"{s:o, s:o}", "account",
			json_bytes(f->account, strnlen(f->account, sizeof(f->account))), "field",
			json_bytes(f->field, strnlen(f->field, FIELD_NAME_BYTES)));
		size_t size = j ? json_size(j) + 1 : 0;

		if (size > room) {
			json_decref(j);
			break;
		}
		room -= size;
		if (json_array_append_new(list, j) < 0)
			return NULL;
	}
	return take_ptr(list);
}

/* The difference, when there is one that fits; *@ret_cut otherwise. */
static json_t *json_diff(const struct record *r, bool visible, size_t room, bool *ret_cut)
{
	_cleanup_json_ json_t *diff = NULL;

	*ret_cut = visible && r->diff_truncated;
	if (!visible || !r->diff)
		return json_null();
	if (r->diff_len <= DIFF_MAX_BYTES && str_utf8_valid(r->diff, r->diff_len)) {
		diff = json_stringn(r->diff, r->diff_len);
		if (!diff || json_size(diff) <= room)
			return take_ptr(diff);
	}
	*ret_cut = true;
	return json_null();
}

/* Whether something was there whose content only administrators are told. */
static bool is_withheld(const struct record *r)
{
	return (r->old.private && r->old.hashed) || (r->new.private && r->new.hashed) ||
	       (record_is_private(r) && (r->diff || r->diff_truncated));
}

/* ---- the whole ---- */

/* Appends what is told of content; what is then left of *@room is for the parents. */
static int add_content(json_t *j, const struct record *r, bool admin, size_t *room)
{
	bool visible = admin || !record_is_private(r), secret = r->old.secret || r->new.secret;
	bool diff_cut = false;
	json_t *fields = json_fields(r), *diff = NULL, *content;

	*room -= fields ? json_size(fields) : 0;
	diff = json_diff(r, visible && !secret, *room, &diff_cut);
	*room -= diff ? json_size(diff) : 0;
	content =
		json_pack("{s:o, s:o, s:o, s:b, s:b, s:b, s:o}", "old", json_state(&r->old), "new",
			  json_state(&r->new), "diff", diff, "diff_truncated", diff_cut, "withheld",
			  !visible && is_withheld(r), "redacted", secret, "fields", fields);
	return json_object_update_new(j, content) < 0 ? -ENOMEM : 0;
}

/* Appends the process and its parents. */
static int add_processes(json_t *j, const struct ledger_image *images, size_t count, bool cut,
			 size_t room)
{
	static const struct ledger_image none = {};
	size_t argv_room = ARGV_BYTES, parents = count ? count - 1 : 0;
	bool argv_cut = false;
	json_t *argv = json_argv(count ? &images[0] : &none, &argv_room, &argv_cut), *processes;

	if (parents > FT_ANCESTRY) {
		parents = FT_ANCESTRY;
		cut = true;
	}
	room -= argv ? json_size(argv) + parents * PARENT_BYTES : 0;
	processes = json_pack("{s:o, s:b, s:o, s:b}", "argv", argv, "argv_truncated", argv_cut,
			      "ancestry", json_ancestry(parents ? images + 1 : NULL, parents, room),
			      "ancestry_truncated", cut);
	return json_object_update_new(j, processes) < 0 ? -ENOMEM : 0;
}

json_t *json_record(const struct record *r, const struct ledger_image *images, size_t count,
		    bool cut, bool admin)
{
	char exe[FT_EXE_BYTES + 1] = "";
	_cleanup_json_ json_t *j = NULL;
	size_t room = RECORD_BYTES - ARGV_BYTES - FT_ANCESTRY * PARENT_BYTES;

	if (count)
		memcpy(exe, images[0].image.exe, FT_EXE_BYTES);
	j = json_summary(r, exe, admin);
	if (!j)
		return NULL;
	room -= json_size(j);
	if (add_content(j, r, admin, &room) < 0 ||
	    add_processes(j, images, count, cut, room + ARGV_BYTES + FT_ANCESTRY * PARENT_BYTES) <
		    0)
		return NULL;
	return take_ptr(j);
}
