/*
 * The input of a session, cut into messages of the wire.
 *
 * The buffer holds the message at hand and at most INPUT_AHEAD_BYTES beyond, and is given back as
 * soon as nothing is left. All zero is empty.
 */
#ifndef PWRAPIS_INPUT_H
#define PWRAPIS_INPUT_H

#include <stddef.h>
#include <stdint.h>

#include "libpwrapi/wire.h"

enum { INPUT_AHEAD_BYTES = 4096 };

struct input {
	uint8_t *bytes; /* NULL while nothing is there */
	size_t room, start, end;
};

void input_deinit(struct input *in);

static inline size_t input_len(const struct input *in)
{
	return in->end - in->start;
}

/* How many bytes may be added now: 0 when enough waits already. */
size_t input_wanted(const struct input *in);
/* -ENOMEM. */
int input_add(struct input *in, const void *bytes, size_t len);

/*
 * The first message: 1 when it is whole, 0 when not, -EPROTO when what is there is no request and
 * what follows cannot be understood. The data is borrowed until the next call that is not a peek;
 * it is aligned to nothing.
 */
int input_peek(const struct input *in, struct wire_head *ret_head, const uint8_t **ret_data);
/* Drops the whole message that was seen. */
void input_consume(struct input *in);

#endif
