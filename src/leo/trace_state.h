/*
 * What has changed of a file apart from its content, in words.
 */
#ifndef LEO_TRACE_STATE_H
#define LEO_TRACE_STATE_H

#include <jansson.h>

#include "leo/leo.h"
#include "leo/names.h"

/* Calls overview_label() and prints a line for each thing that differs; @record is clean. */
void trace_state_print(struct leo *l, struct names *n, const json_t *record);

#endif
