/*
 * Records and images in the store; see store.h.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/def.h"
#include "base/str.h"
#include "filetrace/statecode.h"
#include "filetrace/storeint.h"

/* A number by a key of one column: looked up, or made. */
static int find_or_add(struct store *s, enum store_stmt find, enum store_stmt add, const void *key,
		       size_t len, bool text, int64_t *ret_row)
{
	_cleanup_reset_ sqlite3_stmt *stmt = s->stmts[find];
	int r;

	for (int i = 0; i < 2; i++) {
		sqlite3_stmt *each = s->stmts[i ? add : find];

		if (text)
			sql_bind_text(each, 1, key);
		else
			sql_bind_blob(each, 1, key, len);
	}
	r = sql_step(stmt);
	if (r > 0)
		*ret_row = sqlite3_column_int64(stmt, 0);
	if (r != 0)
		return r < 0 ? r : 0;
	r = sql_run(s->stmts[add]);
	if (r == 0)
		*ret_row = sqlite3_last_insert_rowid(s->db);
	return r;
}

int store_boot(struct store *s, const char *boot_id, int64_t *ret_boot)
{
	int r;

	if (!*boot_id || strlen(boot_id) >= sizeof(s->boot_id))
		return -EINVAL;
	if (!str_equal(s->boot_id, boot_id)) {
		r = find_or_add(s, STMT_BOOT_FIND, STMT_BOOT_ADD, boot_id, 0, true, &s->boot);
		if (r < 0)
			return r;
		strcpy(s->boot_id, boot_id);
	}
	*ret_boot = s->boot;
	return 0;
}

int store_last_id(struct store *s, int64_t *ret_id)
{
	_cleanup_reset_ sqlite3_stmt *stmt = s->stmts[STMT_LAST_ID];
	int r;

	if (s->last_id < 0) {
		r = sql_step(stmt);
		if (r < 0)
			return r;
		s->last_id = r ? sqlite3_column_int64(stmt, 0) : 0;
	}
	*ret_id = s->last_id;
	return 0;
}

static int add_image(struct store *s, const char *boot_id, const struct ft_image *image,
		     const char *args, size_t len)
{
	sqlite3_stmt *stmt = s->stmts[STMT_IMAGE_PUT];
	int64_t boot, last_id;
	int r = store_boot(s, boot_id, &boot);

	if (r == 0)
		r = store_last_id(s, &last_id);
	if (r < 0)
		return r;
	sql_bind_int(stmt, 1, boot);
	sql_bind_int(stmt, 2, image->id);
	sql_bind_int(stmt, 3, image->parent);
	sql_bind_int(stmt, 4, image->start_ns);
	sql_bind_int(stmt, 5, image->exec_ns);
	sql_bind_int(stmt, 6, image->pid);
	sql_bind_int(stmt, 7, image->uid);
	sql_bind_int(stmt, 8, image->flags);
	/* The block before, so that its first record marks it, and those above it that are older.
	 */
	sql_bind_int(stmt, 9, store_block(last_id + 1) - 1);
	sql_bind_blob(stmt, 10, image->comm, strnlen(image->comm, sizeof(image->comm) - 1));
	sql_bind_blob(stmt, 11, image->exe, strnlen(image->exe, sizeof(image->exe) - 1));
	sql_bind_blob(stmt, 12, args ?: "", len);
	return sql_run(stmt);
}

int store_put_image(struct store *s, const char *boot_id, const struct ft_image *image,
		    const char *args, size_t len)
{
	int r;

	if (len > FT_ARGS_BYTES)
		return -E2BIG;
	r = store_enter(s);
	return r < 0 ? r : store_leave(s, add_image(s, boot_id, image, args, len));
}

int store_get_image(struct store *s, const char *boot_id, uint64_t id, struct ft_image *ret_image)
{
	_cleanup_reset_ sqlite3_stmt *stmt = s->stmts[STMT_IMAGE_GET];
	_cleanup_reset_ sqlite3_stmt *boot = s->stmts[STMT_BOOT_FIND];
	int r;

	sql_bind_text(boot, 1, boot_id);
	r = sql_step(boot);
	if (r <= 0)
		return r < 0 ? r : -ENOENT;
	sql_bind_int(stmt, 1, sqlite3_column_int64(boot, 0));
	sql_bind_int(stmt, 2, id);
	r = sql_step(stmt);
	if (r <= 0)
		return r < 0 ? r : -ENOENT;
	*ret_image = (struct ft_image){
		.id = id,
		.parent = sqlite3_column_int64(stmt, 0),
		.start_ns = sqlite3_column_int64(stmt, 1),
		.exec_ns = sqlite3_column_int64(stmt, 2),
		.pid = sqlite3_column_int64(stmt, 3),
		.uid = sqlite3_column_int64(stmt, 4),
		.flags = sqlite3_column_int64(stmt, 5),
		.args_bytes = sqlite3_column_int64(stmt, 6),
	};
	return 0;
}

/* 1 when the image was marked now; then its parent is next. */
static int use_one(struct store *s, int64_t boot, int64_t id, int64_t block, int64_t *ret_parent)
{
	_cleanup_reset_ sqlite3_stmt *find = s->stmts[STMT_IMAGE_FIND];
	sqlite3_stmt *use = s->stmts[STMT_IMAGE_USE];
	int r;

	sql_bind_int(find, 1, boot);
	sql_bind_int(find, 2, id);
	r = sql_step(find);
	if (r <= 0 || sqlite3_column_int64(find, 2) >= block)
		return r < 0 ? r : 0;
	*ret_parent = sqlite3_column_int64(find, 1);
	sql_bind_int(use, 1, sqlite3_column_int64(find, 0));
	sql_bind_int(use, 2, block);
	r = sql_run(use);
	return r < 0 ? r : 1;
}

/* One that is marked for this block has ancestors that are. */
static int use_images(struct store *s, int64_t boot, uint64_t image, int64_t block)
{
	int64_t id = image;

	for (int i = 0; id && i <= 2 * FT_ANCESTRY; i++) {
		int r = use_one(s, boot, id, block, &id);

		if (r <= 0)
			return r;
	}
	return 0;
}

/* Of somebody who is not known there is nothing, and nobody is found by it. */
static void bind_actor(sqlite3_stmt *stmt, int i, const struct ft_actor *a)
{
	if (!a->image)
		return;
	sql_bind_int(stmt, i, a->image);
	sql_bind_int(stmt, i + 1, a->pid);
	sql_bind_int(stmt, i + 2, a->tid);
	sql_bind_int(stmt, i + 3, a->uid);
	if (a->login_uid != FT_UNSET)
		sql_bind_int(stmt, i + 4, a->login_uid);
	if (a->session != FT_UNSET)
		sql_bind_int(stmt, i + 5, a->session);
}

static int add_record(struct store *s, int64_t boot, const struct record *r, int64_t *ret_id)
{
	sqlite3_stmt *stmt = s->stmts[STMT_RECORD_ADD];
	int64_t path;
	int error = find_or_add(s, STMT_PATH_FIND, STMT_PATH_ADD, r->path, strlen(r->path), false,
				&path);

	if (error < 0)
		return error;
	sql_bind_int(stmt, 1, r->time_ns);
	sql_bind_int(stmt, 2, path);
	sql_bind_int(stmt, 3, r->method);
	sql_bind_int(stmt, 4, r->attribution);
	sql_bind_int(stmt, 5, r->coalesced);
	sql_bind_int(stmt, 6, r->op_count);
	sql_bind_int(stmt, 7, boot);
	bind_actor(stmt, 8, &r->actor);
	error = sql_run(stmt);
	if (error == 0)
		*ret_id = sqlite3_last_insert_rowid(s->db);
	return error;
}

/* Account and field of each, one behind the other, as strings with a NUL. */
static int pack_fields(const struct record *r, struct strbuf *b)
{
	int error = 0;

	for (size_t i = 0; i < r->field_count && error == 0; i++) {
		const struct record_field *f = &r->fields[i];

		error = strbuf_add(b, f->account, strnlen(f->account, sizeof(f->account) - 1));
		if (error == 0)
			error = strbuf_add(b, "", 1);
		if (error == 0)
			error = strbuf_add(b, f->field, strlen(f->field) + 1);
	}
	return error;
}

static void bind_state(sqlite3_stmt *stmt, int i, const struct state *state,
		       uint8_t bytes[STATECODE_BYTES_MAX])
{
	size_t len = statecode_write(state, bytes);

	if (len)
		sql_bind_blob(stmt, i, bytes, len);
}

static int add_detail(struct store *s, int64_t id, const struct record *r)
{
	sqlite3_stmt *stmt = s->stmts[STMT_DETAIL_ADD];
	_cleanup_(strbuf_deinit) struct strbuf fields = {};
	uint8_t old[STATECODE_BYTES_MAX], new[STATECODE_BYTES_MAX];
	const struct ft_actor *a = &r->actor;
	_cleanup_free_ void *frame = NULL;
	size_t frame_len;
	int error = pack_fields(r, &fields);

	if (error == 0 && r->diff)
		error = squeeze_bytes(s->squeeze, r->diff, r->diff_len, &frame, &frame_len);
	if (error < 0)
		return error;
	sql_bind_int(stmt, 1, id);
	if (a->image && a->tty[0])
		sql_bind_blob(stmt, 2, a->tty, strnlen(a->tty, sizeof(a->tty) - 1));
	if (a->image && a->cgroup[0])
		sql_bind_blob(stmt, 3, a->cgroup, strnlen(a->cgroup, sizeof(a->cgroup) - 1));
	bind_state(stmt, 4, &r->old, old);
	bind_state(stmt, 5, &r->new, new);
	if (fields.len)
		sql_bind_blob(stmt, 6, fields.text, fields.len);
	sql_bind_int(stmt, 7, r->diff_truncated);
	if (frame) {
		sql_bind_int(stmt, 8, r->diff_len);
		sql_bind_blob(stmt, 9, frame, frame_len);
	}
	return sql_run(stmt);
}

static int put_record(struct store *s, const char *boot_id, const struct record *r, int64_t *ret_id)
{
	int64_t boot = 0, id = 0, block;
	int error = store_boot(s, boot_id, &boot);

	if (error == 0)
		error = add_record(s, boot, r, &id);
	if (error < 0)
		return error;
	block = store_block(id);
	error = add_detail(s, id, r);
	if (error == 0)
		error = use_images(s, boot, r->actor.image, block);
	if (error == 0)
		error = store_use_content(s, &r->old, block);
	if (error == 0)
		error = store_use_content(s, &r->new, block);
	if (error == 0)
		s->last_id = *ret_id = id;
	return error;
}

int store_put_record(struct store *s, const char *boot_id, const struct record *r, int64_t *ret_id)
{
	int64_t id = 0;
	int error;

	if (r->diff && r->diff_len > DIFF_MAX_BYTES)
		return -EFBIG;
	error = store_enter(s);
	if (error == 0)
		error = store_leave(s, put_record(s, boot_id, r, &id));
	if (error == 0)
		*ret_id = id;
	return error;
}
