/*
 * A machine on a few lines, as io.leonhard.Node.Describe tells it.
 */
#ifndef LEO_OVERVIEW_H
#define LEO_OVERVIEW_H

#include <jansson.h>

#include "leo/leo.h"

/* @node: the reply, which may be anything, clean (text.h); with -v more of it. */
void overview_print(struct leo *l, const json_t *node);

/* What stands before each line. */
void overview_label(struct leo *l, const char *name);

#endif
