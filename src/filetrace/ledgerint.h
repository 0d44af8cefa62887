/*
 * What the files of the ledger share; nobody else includes it.
 */
#ifndef FILETRACE_LEDGERINT_H
#define FILETRACE_LEDGERINT_H

#include <sys/stat.h>

#include "filetrace/ledger.h"
#include "filetrace/sql.h"

enum ledger_stmt {
	READ_BEGIN,
	READ_END,
	READ_VERSION,
	READ_ROW,
	READ_KEY,
	READ_EXTRA,
	READ_IMAGE,
	READ_CONTENT,
	READ_PATH,
	READ_PATHS,
	READ_PATH_MAX,
	READ_USER_COUNT,
	READ_WINDOW_DOWN,
	READ_WINDOW_UP,
	/* The next id of a cursor; each in two directions, down and up. */
	READ_ALL_DOWN,
	READ_ALL_UP,
	READ_PATH_DOWN,
	READ_PATH_UP,
	READ_UID_DOWN,
	READ_UID_UP,
	READ_LOGIN_DOWN,
	READ_LOGIN_UP,
	READ_WATCHES,
	READ_PRESENT,
	READ_SPAN,
	READ_COUNT,
};

struct ledger {
	int dirfd;
	sqlite3 *db; /* NULL: not open */
	sqlite3_stmt *stmts[READ_COUNT];
	struct stat file; /* of what is open */
	bool brief; /* open without the writer's memory: for one call only */
};

extern const char *const ledger_sql[READ_COUNT];

/* Between the two everything is of one moment. */
int ledger_enter(struct ledger *l);
/* Returns @r. */
int ledger_leave(struct ledger *l, int r);

/* A row of READ_ROW; *@ret_boot is the row of its boot. -ENOENT. */
int ledger_row(struct ledger *l, int64_t id, struct record *ret_record, char **ret_exe,
	       int64_t *ret_boot);

/* The paths that fit a filter (ledger_paths.c). */
enum { LEDGER_PATHS = 4096 };

struct ledger_paths {
	int64_t *ids; /* the first LEDGER_PATHS of them; owned */
	size_t id_count;
	bool more; /* than these */
	uint8_t *bits; /* of all, by id; owned */
	int64_t bit_count;
};

int ledger_paths_find(struct ledger *l, const char *filter, struct ledger_paths *ret_paths);
void ledger_paths_deinit(struct ledger_paths *p);
static inline bool ledger_paths_has(const struct ledger_paths *p, int64_t id)
{
	return id >= 0 && id < p->bit_count && p->bits[id / 8] >> (id % 8) & 1;
}

#endif
