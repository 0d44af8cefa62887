/*
 * What jansson leaves to its users: ownership by scope, and numbers that are too large.
 */
#ifndef RPC_JSON_H
#define RPC_JSON_H

#include <jansson.h>
#include <stdint.h>

#include "base/def.h"

static inline void json_decref_p(json_t **j)
{
	json_decref(*j);
}

#define _cleanup_json_ _cleanup_(json_decref_p)

/* JSON's integers here have 63 bits; more than that is said as the most there is. */
static inline json_t *json_uint(uint64_t value)
{
	return json_integer(value > INT64_MAX ? INT64_MAX : (json_int_t)value);
}

#endif
