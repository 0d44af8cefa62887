/*
 * A queue of bytes: appended at the end, consumed at the front.
 *
 * It grows as needed; who appends keeps the bound, which in the lab is a window of the protocol.
 * A queue that is all zero is empty and valid.
 */
#ifndef LAB_QUEUE_H
#define LAB_QUEUE_H

#include <stddef.h>
#include <stdint.h>

struct queue {
	uint8_t *bytes;
	size_t start, len, cap;
};

void queue_deinit(struct queue *q);
int queue_append(struct queue *q, const void *bytes, size_t len);

/* Borrows the first bytes, q->len of them. */
const uint8_t *queue_front(const struct queue *q);
void queue_consume(struct queue *q, size_t len);

/* Writes once, at most @max bytes: bytes written, 0 when @fd would block, or a negative errno. */
int queue_write(struct queue *q, int fd, size_t max);

#endif
