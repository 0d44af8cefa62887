/*
 * The processes of a record, from the outermost that is known down to the one that did it.
 */
#ifndef LEO_TRACE_TREE_H
#define LEO_TRACE_TREE_H

#include <jansson.h>

#include "leo/leo.h"
#include "leo/names.h"

/* @record is clean. Nothing is printed where no parent is known. 0 or -ENOMEM. */
int trace_tree_print(struct leo *l, struct names *n, const json_t *record);

#endif
