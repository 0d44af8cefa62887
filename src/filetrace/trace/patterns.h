/*
 * What users have added to the watches: the list of the half that answers, kept in the file by
 * which it asks the half that captures (request.h). So it survives both.
 */
#ifndef FILETRACE_PATTERNS_H
#define FILETRACE_PATTERNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "filetrace/ledger.h"

/* So that a list of all of them fits a reply. */
enum { PATTERNS_MAX = 1000, PATTERNS_BYTES = 128 * 1024 };

struct patterns {
	bool loaded;
	uint64_t number; /* of the last request; 0: none */
	char **list; /* NULL-terminated, bytes; NULL: none */
	size_t count, bytes;
};

void patterns_deinit(struct patterns *p);

/*
 * The list as it was left. Where there is no file, or one that makes no sense, what the store has
 * (@watches) is taken: the half that captures knows what it was asked for. -EINVAL when the file
 * made no sense and was left out, else 0; -ENOMEM and other failures of reading, with nothing
 * loaded.
 */
int patterns_load(struct patterns *p, int root_fd, const struct ledger_watch *watches, size_t count,
		  uint64_t request);
/* Writes the list as request @number. */
int patterns_write(struct patterns *p, int root_fd, uint64_t number);

bool patterns_contain(const struct patterns *p, const char *pattern);
/* -ENOSPC when there are too many, -EEXIST. */
int patterns_add(struct patterns *p, const char *pattern);
void patterns_remove(struct patterns *p, const char *pattern);

#endif
