/*
 * What table.c, progress.c and their tests share behind table.h: output with a clock of the caller.
 */
#ifndef BASE_TABLEINT_H
#define BASE_TABLEINT_H

#include "base/table.h"

/* Whether lines on @f can be rewritten and coloured: a terminal, and TERM is set and not dumb. */
bool table_is_capable(FILE *f);

/* As in table.h, to @out, which is @terminal or not, at @now_ns of a clock that only goes forward.
 */
void progress_begin_at(struct progress *p, const char *what, const char *unit, uint64_t total,
		       FILE *out, bool terminal, uint64_t now_ns);
void progress_step_at(struct progress *p, uint64_t done, uint64_t now_ns);

#endif
