/*
 * The store as it is now, for reading: opened when it comes into being, opened anew when another
 * one has taken its place (the writer sets a damaged one aside), when the folder is another, and
 * after it made no sense.
 */
#ifndef FILETRACE_VIEW_H
#define FILETRACE_VIEW_H

#include <sys/types.h>

#include "filetrace/ledger.h"

struct view {
	int root_fd; /* base/fs.h; borrowed */
	int dir_fd; /* the folder; -1 while there is none */
	struct ledger *ledger;
	dev_t dev;
	ino_t ino; /* of the database that was opened last */
	unsigned stores; /* how many different ones were opened */
};

void view_init(struct view *v, int root_fd);
void view_deinit(struct view *v);

/* *@ret_ledger is borrowed until the next call. -ENOENT while there is no store. */
int view_get(struct view *v, struct ledger **ret_ledger);
/* It made no sense: the next view_get() opens it anew. */
void view_drop(struct view *v);

/* Ids of the oldest record and the newest; 0 when there is none. */
int view_ends(struct view *v, int64_t *ret_oldest, int64_t *ret_newest);

#endif
