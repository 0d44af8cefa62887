/*
 * Keeping the store small; see store.h.
 *
 * Records go from the oldest on and from nowhere else, so the ids that are left have no gap. With
 * them go the paths that no other names, and the images and contents that none of the newer blocks
 * has named (storeint.h). Pages that became free are given back to the file system a few at a
 * time.
 */
#include <errno.h>
#include <time.h>

#include "base/def.h"
#include "base/time.h"
#include "filetrace/storeint.h"

enum { NEWEST_KEPT = 1000, FREE_PAGES_KEPT = 256, VACUUM_PAGES = 64, BATCH = 64 };

struct retain {
	struct store *s;
	const struct store_limits *limits;
	int64_t missing; /* bytes of the disk that are to become free */
	bool low; /* the disk is fuller than it may be */
	unsigned work; /* rows that may still go */
};

static int number(struct store *s, enum store_stmt stmt, int64_t *ret_number)
{
	_cleanup_reset_ sqlite3_stmt *used = s->stmts[stmt];
	int r = sql_step(used);

	if (r <= 0)
		return r < 0 ? r : -EBADMSG;
	*ret_number = sqlite3_column_int64(used, 0);
	return 0;
}

static int drop_row(struct store *s, enum store_stmt stmt, int64_t row)
{
	sql_bind_int(s->stmts[stmt], 1, row);
	s->dropped = true;
	return sql_run(s->stmts[stmt]);
}

struct batch {
	struct {
		int64_t row, stored;
	} contents[BATCH];
	size_t count;
};

/* The oldest contents that no path is now, and whose last record is before @block. Found several
 * at a time: those that have to stay are passed over each time. */
static int find_contents(struct retain *t, int64_t block, struct batch *b)
{
	_cleanup_reset_ sqlite3_stmt *oldest = t->s->stmts[STMT_OLDEST_CONTENTS];
	int r;

	b->count = 0;
	sql_bind_int(oldest, 1, block);
	sql_bind_int(oldest, 2, t->work < BATCH ? t->work : BATCH);
	while ((r = sql_step(oldest)) > 0 && b->count < BATCH) {
		b->contents[b->count].row = sqlite3_column_int64(oldest, 0);
		b->contents[b->count++].stored = sqlite3_column_int64(oldest, 1);
	}
	return r < 0 ? r : 0;
}

static int drop_content(struct retain *t, int64_t row, int64_t stored)
{
	struct store *s = t->s;
	int64_t sum;
	int r = store_content_bytes(s, &sum);

	if (r == 0)
		r = drop_row(s, STMT_BLOB_DROP, row);
	if (r == 0)
		r = drop_row(s, STMT_CONTENT_DROP, row);
	if (r < 0)
		return r;
	s->content_bytes = sum - stored;
	t->missing -= stored;
	t->work--;
	return 0;
}

/* 1 when contents take more than they may. */
static int are_over(struct retain *t)
{
	int64_t sum;
	int r = store_content_bytes(t->s, &sum);

	return r < 0 ? r : t->missing > 0 || (uint64_t)sum > t->limits->content_bytes;
}

/* Drops contents whose last record is before @block: all of them, or until they are few enough. */
static int drop_contents(struct retain *t, int64_t block, bool all)
{
	struct batch b;
	int r;

	do {
		r = all ? 1 : are_over(t);
		if (r <= 0)
			return r;
		r = find_contents(t, block, &b);
		for (size_t i = 0; i < b.count && r >= 0 && (all || (r = are_over(t)) > 0); i++)
			r = drop_content(t, b.contents[i].row, b.contents[i].stored);
	} while (r >= 0 && b.count && t->work);
	return r < 0 ? r : 0;
}

/* Whether the oldest record has to go, and is not among the newest. */
static bool is_over(const struct retain *t, int64_t id, int64_t last_id, int64_t time_ns,
		    int64_t now_ns)
{
	uint64_t count = last_id - id + 1;

	if (count <= NEWEST_KEPT)
		return false;
	return t->missing > 0 || count > t->limits->records ||
	       (t->limits->age_ns && time_ns < now_ns &&
		(uint64_t)(now_ns - time_ns) > t->limits->age_ns);
}

static int drop_record(struct retain *t, int64_t id, int64_t path)
{
	/* About what a record takes; the next call looks at the disk again. */
	enum { RECORD_BYTES = 512 };
	int r = drop_row(t->s, STMT_RECORD_DROP, id);

	if (r == 0)
		r = drop_row(t->s, STMT_DETAIL_DROP, id);
	if (r == 0)
		r = drop_row(t->s, STMT_PATH_DROP, path);
	t->missing -= RECORD_BYTES;
	t->work--;
	return r;
}

static int drop_records(struct retain *t)
{
	struct store *s = t->s;
	int64_t now_ns = time_now_ns(CLOCK_REALTIME), last_id, id, path;
	int r = store_last_id(s, &last_id);

	while (r == 0 && t->work) {
		_cleanup_reset_ sqlite3_stmt *oldest = s->stmts[STMT_OLDEST_RECORD];

		r = sql_step(oldest);
		if (r <= 0)
			return r;
		id = sqlite3_column_int64(oldest, 0);
		path = sqlite3_column_int64(oldest, 2);
		if (!is_over(t, id, last_id, sqlite3_column_int64(oldest, 1), now_ns))
			return 0;
		sql_reset_p(&oldest);
		r = drop_record(t, id, path);
	}
	return r;
}

struct image_batch {
	struct {
		int64_t row;
		bool lives;
	} images[BATCH];
	size_t count;
};

/* The images that no record names since @block. */
static int find_images(struct retain *t, int64_t block, struct image_batch *b)
{
	_cleanup_reset_ sqlite3_stmt *oldest = t->s->stmts[STMT_OLDEST_IMAGES];
	const struct store_limits *l = t->limits;
	int r;

	b->count = 0;
	sql_bind_int(oldest, 1, block);
	sql_bind_int(oldest, 2, t->work < BATCH ? t->work : BATCH);
	while ((r = sql_step(oldest)) > 0) {
		const char *boot_id = (const char *)sqlite3_column_text(oldest, 1);
		uint64_t id = sqlite3_column_int64(oldest, 2);

		b->images[b->count].row = sqlite3_column_int64(oldest, 0);
		b->images[b->count++].lives = l->lives && boot_id && l->lives(l->data, boot_id, id);
	}
	return r;
}

/* One that lives counts as named now, so that it is not looked at again soon. */
static int settle_image(struct retain *t, int64_t row, bool lives, int64_t now_block)
{
	sqlite3_stmt *use = t->s->stmts[STMT_IMAGE_USE];

	t->work--;
	if (!lives)
		return drop_row(t->s, STMT_IMAGE_DROP, row);
	sql_bind_int(use, 1, row);
	sql_bind_int(use, 2, now_block);
	return sql_run(use);
}

static int drop_images(struct retain *t, int64_t block)
{
	struct image_batch b = {.count = BATCH};
	int64_t last_id;
	int r = store_last_id(t->s, &last_id);

	while (r == 0 && t->work && b.count == BATCH) {
		r = find_images(t, block, &b);
		for (size_t i = 0; i < b.count && r == 0; i++)
			r = settle_image(t, b.images[i].row, b.images[i].lives,
					 store_block(last_id));
	}
	return r;
}

/* What only records have named that are gone. */
static int drop_unused(struct retain *t)
{
	int64_t oldest;
	int r = number(t->s, STMT_OLDEST_ID, &oldest);

	if (r == 0 && t->work)
		r = drop_contents(t, store_block(oldest), true);
	/* A new image waits for its first record with the block before. */
	if (r == 0 && t->work)
		r = drop_images(t, store_block(oldest) - 1);
	return r;
}

/* 1 when there are more pages to give back. */
static int give_back(struct retain *t)
{
	_cleanup_reset_ sqlite3_stmt *vacuum = t->s->stmts[STMT_VACUUM];
	int64_t free_pages, kept = t->low ? 0 : FREE_PAGES_KEPT;
	int r = number(t->s, STMT_FREE_PAGES, &free_pages);

	if (r < 0 || free_pages <= kept)
		return r;
	while ((r = sql_step(vacuum)) > 0)
		;
	t->s->dropped = true;
	return r < 0 ? r : free_pages - VACUUM_PAGES > kept;
}

/* Space that is set aside is had again, too. Pages that are free in the file count as given back:
 * they will be. */
static int find_missing(struct retain *t)
{
	enum { PAGE_BYTES = 4096 };
	uint64_t free_bytes = 0;
	int64_t free_pages = 0;
	int r = store_free_bytes(t->s->dirfd, &free_bytes);

	if (r == 0)
		r = number(t->s, STMT_FREE_PAGES, &free_pages);
	if (r < 0)
		return r;
	t->missing =
		(int64_t)(t->limits->free_bytes - free_bytes) + store_missing_reserve(t->s->dirfd);
	t->low = t->missing > 0;
	t->missing -= free_pages * PAGE_BYTES;
	return 0;
}

static int retain_some(struct store *s, const struct store_limits *limits, unsigned work)
{
	struct retain t = {.s = s, .limits = limits, .work = work};
	int r = find_missing(&t);

	if (r == 0)
		r = drop_contents(&t, INT64_MAX, false);
	if (r == 0)
		r = drop_records(&t);
	if (r == 0)
		r = drop_unused(&t);
	if (r == 0)
		r = give_back(&t);
	return r < 0 ? r : r || !t.work;
}

static int retain_once(struct store *s, const struct store_limits *limits, unsigned work)
{
	int r = store_begin(s), more;

	if (r < 0)
		return r;
	more = retain_some(s, limits, work);
	r = store_end(s, more);
	return r < 0 ? r : more;
}

/* The file becomes smaller when the log has found its place in it. Readers may be in the way: then
 * it is done another time. */
static void shrink(struct store *s)
{
	s->dropped = false;
	sqlite3_wal_checkpoint_v2(s->db, "main", SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
}

int store_retain(struct store *s, const struct store_limits *limits, unsigned work)
{
	int r = retain_once(s, limits, work);

	if (r == -ENOSPC && store_drop_reserve(s->dirfd)) {
		shrink(s);
		r = retain_once(s, limits, work);
	}
	if (r >= 0 && s->dropped)
		shrink(s);
	if (r == 0)
		store_make_reserve(s->dirfd, limits->free_bytes);
	return r;
}
