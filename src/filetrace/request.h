/*
 * How the half that answers asks the half that captures for watches: a file that the first one
 * replaces and the second one reads. It holds no data of clients but paths, and is read with
 * suspicion.
 *
 *	leonhard-trace watches 1
 *	request NUMBER
 *	PATTERN			escaped (base/str.h), one a line, each absolute
 *
 * The number grows with each request; when the watches of the store (store_put_watches) have the
 * same number or a larger one, the request is in effect.
 */
#ifndef FILETRACE_REQUEST_H
#define FILETRACE_REQUEST_H

#include <stddef.h>
#include <stdint.h>

#define REQUEST_DIR "/var/lib/leonhard/trace"
#define REQUEST_NAME "watches"

enum { REQUEST_BYTES_MAX = 1024 * 1024 };

struct request {
	uint64_t number;
	char **patterns; /* bytes; str_vector_free() */
};

void request_deinit(struct request *r);

/* -EINVAL for a text that is none. */
int request_parse(const char *text, size_t len, struct request *ret_request);
/* The text of @r, the caller's. -E2BIG when it would be over the bound. */
int request_format(const struct request *r, char **ret_text, size_t *ret_len);

#endif
