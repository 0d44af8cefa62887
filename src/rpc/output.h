/*
 * The output of a connection: bytes that wait to be written.
 *
 * JSON is written straight into the buffer. An append that fails leaves it as it was. Who appends
 * keeps the bound; output_flush() gives the memory back once all is written. All zero is empty.
 */
#ifndef RPC_OUTPUT_H
#define RPC_OUTPUT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct output {
	char *bytes;
	size_t start, len, cap;
	uint64_t written; /* of all times: with len, the place of a byte in the stream */
};

void output_deinit(struct output *o);

/* -ENOMEM. */
int output_add(struct output *o, const void *bytes, size_t len);
/* The value as compact JSON; -EINVAL for what is none (NaN, a string that is not UTF-8). */
int output_add_json(struct output *o, const json_t *value);

/* Takes back what was appended since the output held @len bytes. */
void output_cut(struct output *o, size_t len);

/* Writes to the non-blocking socket @fd: 0 when nothing is left, 1 when the peer must read first,
 * or a negative errno. Never raises SIGPIPE. */
int output_flush(struct output *o, int fd);

#endif
