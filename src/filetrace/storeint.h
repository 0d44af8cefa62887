/*
 * What the files of the store share; nobody else includes it.
 *
 * Each function that writes is between store_enter() and store_leave(): in the caller's
 * transaction, or in one of its own. A write that fails undoes the whole transaction, and what
 * follows in it fails alike, so that no half of anything is ever committed.
 */
#ifndef FILETRACE_STOREINT_H
#define FILETRACE_STOREINT_H

#include "filetrace/sql.h"
#include "filetrace/squeeze.h"
#include "filetrace/store.h"

enum store_stmt {
	STMT_BEGIN,
	STMT_COMMIT,
	STMT_ROLLBACK,
	STMT_LAST_ID,
	STMT_BOOT_FIND,
	STMT_BOOT_ADD,
	STMT_PATH_FIND,
	STMT_PATH_ADD,
	STMT_IMAGE_PUT,
	STMT_IMAGE_FIND,
	STMT_IMAGE_GET,
	STMT_IMAGE_USE,
	STMT_RECORD_ADD,
	STMT_DETAIL_ADD,
	STMT_CONTENT_USE,
	STMT_CONTENT_ADD,
	STMT_BLOB_ADD,
	STMT_CONTENT_GET,
	STMT_CONTENT_SUM,
	STMT_BASELINE_PUT,
	STMT_BASELINE_DROP,
	STMT_BASELINE_GET,
	STMT_BASELINE_EACH,
	STMT_DIGEST_PUT,
	STMT_DIGEST_DROP,
	STMT_DIGEST_GET,
	STMT_SERIAL_PUT,
	STMT_SERIAL_GET,
	STMT_POSITION_PUT,
	STMT_POSITION_GET,
	STMT_EVENT_ADD,
	STMT_EVENT_DROP,
	STMT_EVENT_BOUND,
	STMT_EVENT_EACH,
	STMT_WATCH_CLEAR,
	STMT_WATCH_ADD,
	STMT_WATCH_FIND,
	STMT_REQUEST_PUT,
	STMT_STATUS_PUT,
	STMT_OLDEST_ID,
	STMT_OLDEST_RECORD,
	STMT_RECORD_DROP,
	STMT_DETAIL_DROP,
	STMT_PATH_DROP,
	STMT_OLDEST_CONTENTS,
	STMT_CONTENT_DROP,
	STMT_BLOB_DROP,
	STMT_OLDEST_IMAGES,
	STMT_IMAGE_DROP,
	STMT_FREE_PAGES,
	STMT_VACUUM,
	STMT_COUNT,
};

struct store {
	int dirfd;
	sqlite3 *db;
	sqlite3_stmt *stmts[STMT_COUNT];
	struct squeeze *squeeze;
	struct redact_key key;
	unsigned depth; /* of store_enter() and store_begin() */
	int failed; /* what undid the transaction */
	bool both; /* the transaction writes both files */
	bool dropped; /* by store_retain(), and the log holds it still */

	/* What is remembered of the database, and read anew after a rollback. */
	char boot_id[64]; /* "" for none */
	int64_t boot; /* its row */
	int64_t last_id; /* of a record; -1: not known */
	int64_t content_bytes; /* of all contents, compressed; -1: not known */
};

int store_enter(struct store *s);
int store_leave(struct store *s, int r);

/* The row of a boot, made when it is not there. */
int store_boot(struct store *s, const char *boot_id, int64_t *ret_boot);

/*
 * Records are counted in blocks of 1024. Images and contents remember the last block in which a
 * record named them: that is written once a block, not with each record, and tells retention what
 * nobody needs any more.
 */
static inline int64_t store_block(int64_t id)
{
	return id >> 10;
}

int store_last_id(struct store *s, int64_t *ret_id);
int store_use_content(struct store *s, const struct state *state, int64_t block);
int store_content_bytes(struct store *s, int64_t *ret_bytes);

/* Brings the tables of main and secret to this version: store_schema.c. */
int store_schema(sqlite3 *db);
/* The key in secret.sqlite, made at the first time. */
int store_load_key(struct store *s);
extern const char *const store_sql[STMT_COUNT];

/* The files, with their modes: store_files.c. */
int store_make_files(int dirfd);
/* Space that is set aside for the time when the disk is full. */
int64_t store_missing_reserve(int dirfd); /* bytes, 0 when it is there */
void store_make_reserve(int dirfd, uint64_t free_bytes);
bool store_drop_reserve(int dirfd);
int store_free_bytes(int dirfd, uint64_t *ret_bytes);

#endif
