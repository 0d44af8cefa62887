/*
 * The signs of trouble that services tell of themselves: their method Health, where they have one.
 * A sign has name, condition (good, bad, unknown), detail and evidence; it may be anything.
 */
#ifndef LEO_SIGNS_H
#define LEO_SIGNS_H

#include <jansson.h>
#include <stdbool.h>

#include "leo/leo.h"
#include "rpc/client.h"

/* All signs within the time of a look (talk.h), as they were sent; the caller's. NULL from a
 * service that has none, or does not tell this person. @link may be NULL. */
json_t *signs_ask(struct rpc_link *link, const char *interface);

bool signs_is(const json_t *sign, const char *condition);

/*
 * Prints what a person wants to know of @signs, a block with the title @title behind an empty line:
 * the bad ones; of unknown ones those with a detail; the one that the command of the interface says
 * is always wanted; with -v all. What to try follows where one is not good. Nothing when there is
 * nothing. 0 or a negative errno.
 */
int signs_print(struct leo *l, const char *interface, const char *title, const json_t *signs);

#endif
