/*
 * The powers of a machine, as io.leonhard.Node tells them: shown as a table, and as changes.
 */
#ifndef LEO_POWERS_H
#define LEO_POWERS_H

#include <jansson.h>

#include "leo/leo.h"

#define POWERS_INTERFACE "io.leonhard.Node"

/* @powers: the array of a reply; see records_print(). */
int powers_print(struct leo *l, const json_t *powers);

/* "31 yes, 2 no, 1 unknown" without a line end. */
void powers_print_sum(struct leo *l, const json_t *powers);

/* The power of that name, borrowed, or NULL. */
const json_t *powers_find(const json_t *powers, const char *name);

/* What differs between two arrays, a line each: "12:30:45  kvm  no -> yes  /dev/kvm opens". */
int powers_print_changes(struct leo *l, const json_t *before, const json_t *now);

#endif
