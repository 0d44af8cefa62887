/*
 * JSON for people: indented, what is short on one line, names of members in bold.
 */
#ifndef LEO_PRETTY_H
#define LEO_PRETTY_H

#include <jansson.h>

#include "leo/leo.h"

/* -ENOMEM. Nothing in @value can control a terminal (text_json()). */
int pretty_print(struct leo *l, const json_t *value);

#endif
