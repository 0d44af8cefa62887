/*
 * Within the watches of leonhard-trace: those of the store, as of one moment, and the list of what
 * users have added.
 */
#ifndef FILETRACE_TRACE_WATCHES_H
#define FILETRACE_TRACE_WATCHES_H

#include <jansson.h>

#include "filetrace/trace/trace.h"

struct watches {
	struct ledger_watch *list;
	size_t count;
	uint64_t request; /* the last that is in effect */
};

/* @ret_watches is left alone on failure, which is that of the store. */
int watches_get(struct trace *t, struct watches *ret_watches);
void watches_deinit(struct watches *w);
/* Borrowed; NULL for none. */
const struct ledger_watch *watches_find(const struct watches *w, const char *pattern);

/* Reads the list as it was left, before it is first used. */
int watches_load(struct trace *t);

json_t *json_watch(const char *pattern, bool user, uint64_t files, const char *problem);

#endif
