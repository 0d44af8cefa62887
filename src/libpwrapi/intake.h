/*
 * Messages from a socket, one after the other.
 *
 * Small messages that come together are read together. What a message says of its size is checked
 * before anything is allocated.
 */
#ifndef LIBPWRAPI_INTAKE_H
#define LIBPWRAPI_INTAKE_H

#include <stdint.h>

#include "libpwrapi/wire.h"

enum { INTAKE_BYTES = 4096 };

struct intake {
	int fd; /* borrowed */
	uint32_t from, to; /* what lies in @bytes */
	uint8_t bytes[INTAKE_BYTES];
};

/*
 * Waits for a message. @ret_data is malloc'd, with a NUL behind it. -ECONNRESET at the end, -EPROTO
 * for what cannot be understood, -ENOMEM: nothing more can be read then.
 */
int intake_message(struct intake *in, struct wire_head *ret_head, void **ret_data);

#endif
