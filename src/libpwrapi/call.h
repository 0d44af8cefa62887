/*
 * A call: a request, its reply, and what the reply must be.
 *
 * The daemon is not trusted with the program's memory. A reply is judged as a whole by its shape
 * before a byte of it is copied, never more is copied than there is room for, and every text that
 * is copied ends. All functions return codes of pwrerr.h, and leave what they fill untouched when
 * they fail.
 */
#ifndef LIBPWRAPI_CALL_H
#define LIBPWRAPI_CALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Texts in a structure: where the first is, how many, how far from one to the next. */
struct call_text {
	uint16_t offset, bytes, count, stride;
};

/* A reply is a head and then any number of units; either may be empty. */
struct call_shape {
	uint16_t operation;
	uint32_t head_bytes;
	uint32_t unit_bytes;
	const struct call_text *texts; /* of the head; the last has no bytes. Or NULL. */
	struct call_text unit_text;
	/* Whether counts and the like agree with the size. Or NULL. */
	bool (*sane)(const void *reply, size_t bytes);
};

struct call_request {
	const void *data;
	size_t bytes;
};

#define CALL_NOTHING ((struct call_request){NULL, 0})
#define CALL_WITH(object) ((struct call_request){(object), sizeof(*(object))})

static inline struct call_request call_array(const void *units, uint32_t count, size_t unit_bytes)
{
	return (struct call_request){units, count * unit_bytes};
}

/* What a list is asked for: for those that the units name, or for all. */
static inline struct call_request call_named(const void *units, uint32_t count, size_t unit_bytes,
					     bool named)
{
	return named ? call_array(units, count, unit_bytes) : CALL_NOTHING;
}

/*
 * How every function begins: PWR_ERR_NOT_REGISTED without a registration, PWR_ERR_NULL_POINTER
 * without @pointers, PWR_ERR_INVALIDE_PARAM without @values; in this order, as published.
 */
int call_check(bool pointers, bool values);

/* A request whose reply carries nothing. */
int call_set(uint16_t operation, struct call_request request);

/* @buffer has room for the head and @room units. @ret_count may be NULL. */
int call_get(const struct call_shape *shape, struct call_request request, void *buffer, size_t room,
	     size_t *ret_count);

/* As call_get() for an array that the caller counts in 32 bits: the room, then what was filled. */
int call_list(const struct call_shape *shape, struct call_request request, void *buffer,
	      uint32_t *count);

/* A text for @buffer of @bytes. PWR_ERR_ANSWER_LONGER_THAN_SIZE when it was cut. */
int call_text(uint16_t operation, char *buffer, size_t bytes);

/* call_check() of a name of 1 to 31 bytes, and the request that consists of it. */
int call_name(const char *text, struct call_request *ret_request);

#endif
