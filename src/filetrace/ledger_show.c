/*
 * One record with all that belongs to it; see ledger.h.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/def.h"
#include "filetrace/ledgerint.h"
#include "filetrace/squeeze.h"

enum { FIELDS_BYTES_MAX = 1024 * 1024 };

void ledger_images_free(struct ledger_image *images, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(images[i].args);
	free(images);
}

/* Pairs of strings, each with its NUL. */
static size_t count_fields(const char *bytes, size_t len)
{
	size_t n = 0;

	if (!len || bytes[len - 1])
		return 0;
	for (size_t i = 0; i < len; i++)
		n += !bytes[i];
	return n % 2 ? 0 : n / 2;
}

/* Fields and the texts they name are one piece of memory, so that it is freed with them. */
static int take_fields(const char *bytes, size_t len, struct record *r)
{
	size_t count = count_fields(bytes, len);
	struct record_field *fields;
	char *text;

	if (!len)
		return 0;
	if (!count || len > FIELDS_BYTES_MAX)
		return -EBADMSG;
	fields = calloc(1, count * sizeof(*fields) + len);
	if (!fields)
		return -ENOMEM;
	r->fields = fields;
	r->field_count = count;
	text = memcpy(fields + count, bytes, len);
	for (size_t i = 0; i < count; i++) {
		size_t n = strlen(text);

		if (n >= sizeof(fields[i].account))
			return -EBADMSG;
		memcpy(fields[i].account, text, n);
		text += n + 1;
		fields[i].field = text;
		text += strlen(text) + 1;
	}
	return 0;
}

static int take_extra(struct ledger *l, struct record *r)
{
	_cleanup_reset_ sqlite3_stmt *extra = l->stmts[READ_EXTRA];
	const void *fields, *frame;
	size_t fields_len, frame_len;
	int64_t len;
	int error;

	sql_bind_int(extra, 1, r->id);
	error = sql_step(extra);
	if (error <= 0)
		return error < 0 ? error : -EBADMSG;
	fields = sql_blob(extra, 0, &fields_len);
	error = take_fields(fields, fields_len, r);
	if (error < 0 || sqlite3_column_type(extra, 1) == SQLITE_NULL)
		return error;
	len = sqlite3_column_int64(extra, 1);
	frame = sql_blob(extra, 2, &frame_len);
	if (len < 0 || len > DIFF_MAX_BYTES || !frame)
		return -EBADMSG;
	error = squeeze_expand(frame, frame_len, len, &r->diff);
	if (error == 0)
		r->diff_len = len;
	return error;
}

static int take_args(sqlite3_stmt *row, int i, struct ledger_image *image)
{
	size_t len;
	const void *bytes = sql_blob(row, i, &len);

	if (len > FT_ARGS_BYTES)
		return -EBADMSG;
	image->args = calloc(1, len + 1);
	if (!image->args)
		return -ENOMEM;
	if (len)
		memcpy(image->args, bytes, len);
	image->image.args_bytes = len;
	return 0;
}

/* 1 when there is such an image. */
static int take_image(struct ledger *l, int64_t boot, uint64_t id, struct ledger_image *image)
{
	_cleanup_reset_ sqlite3_stmt *row = l->stmts[READ_IMAGE];
	struct ft_image *i = &image->image;
	int r;

	sql_bind_int(row, 1, boot);
	sql_bind_int(row, 2, id);
	r = sql_step(row);
	if (r <= 0)
		return r;
	i->id = id;
	i->parent = sqlite3_column_int64(row, 1);
	i->start_ns = sqlite3_column_int64(row, 2);
	i->exec_ns = sqlite3_column_int64(row, 3);
	i->pid = sqlite3_column_int64(row, 4);
	i->uid = sqlite3_column_int64(row, 5);
	i->flags = sqlite3_column_int64(row, 6);
	r = sql_copy(row, 7, i->comm, sizeof(i->comm));
	if (r == 0)
		r = sql_copy(row, 8, i->exe, sizeof(i->exe));
	if (r == 0)
		r = take_args(row, 9, image);
	return r < 0 ? r : 1;
}

struct chain {
	struct ledger_image *images;
	size_t count;
	bool cut;
};

static void chain_deinit(struct chain *c)
{
	ledger_images_free(c->images, c->count);
}

/* The image and its ancestors, each once: one that is its own ancestor was not written by us. */
static int take_images(struct ledger *l, int64_t boot, uint64_t id, struct chain *c)
{
	c->images = calloc(FT_ANCESTRY + 1, sizeof(*c->images));
	if (!c->images)
		return -ENOMEM;
	c->cut = !id;
	while (id) {
		struct ledger_image *next = &c->images[c->count];
		int r;

		if (c->count == FT_ANCESTRY + 1) {
			c->cut = true;
			return 0;
		}
		r = take_image(l, boot, id, next);
		if (r <= 0) {
			c->cut = true;
			return r;
		}
		c->count++;
		c->cut = next->image.flags & FT_IMAGE_ORPHAN;
		id = next->image.parent;
	}
	return 0;
}

static int show(struct ledger *l, int64_t id, struct record *record, struct chain *chain)
{
	_cleanup_free_ char *exe = NULL;
	int64_t boot;
	int r = ledger_row(l, id, record, &exe, &boot);

	if (r == 0)
		r = take_extra(l, record);
	return r < 0 ? r : take_images(l, boot, record->actor.image, chain);
}

int ledger_show(struct ledger *l, int64_t id, struct record *ret_record,
		struct ledger_image **ret_images, size_t *ret_count, bool *ret_cut)
{
	_cleanup_(record_deinit) struct record record = {};
	_cleanup_(chain_deinit) struct chain chain = {};
	int r = ledger_enter(l);

	if (r == 0)
		r = ledger_leave(l, show(l, id, &record, &chain));
	if (r < 0)
		return r;
	*ret_record = record;
	*ret_images = chain.images;
	*ret_count = chain.count;
	*ret_cut = chain.cut;
	record = (struct record){};
	chain = (struct chain){};
	return 0;
}
