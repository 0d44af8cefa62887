/*
 * A few signs that something is wrong with the machine itself: the reply of Health.
 */
#ifndef NODE_HEALTH_H
#define NODE_HEALTH_H

#include <jansson.h>

#include "node/machine.h"

/* The reply's parameters, the caller's. -ENOMEM. */
int health_collect(const struct machine *m, json_t **ret_reply);

#endif
