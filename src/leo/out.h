/*
 * What a command writes to, and how that reaches its reader.
 *
 * Output is gathered in memory and given out when the command has ended: on a terminal that it does
 * not fit, through a pager; elsewhere as it is. A stream gives out each record at once.
 *
 * A reader that has gone away is no failure: nobody waits for the rest.
 */
#ifndef LEO_OUT_H
#define LEO_OUT_H

#include <jansson.h>

#include "leo/leo.h"

/* Finds out about the reader and begins to gather. */
int out_begin(struct leo *l);

/* Gives out what was gathered so far: a record of a stream. From now on there is no pager. 0,
 * -EPIPE when nobody reads any more, or another errno. */
int out_flush(struct leo *l);

/* Gives out the rest and closes. That nobody reads any more counts as success. */
int out_finish(struct leo *l);

/* One object on one line. */
int out_json(struct leo *l, const json_t *value);

/* "" without colours; see base/table.h. */
const char *out_bold(const struct leo *l);
const char *out_dim(const struct leo *l);
const char *out_plain(const struct leo *l);

#endif
