/*
 * A queue of bytes; see queue.h.
 */
#include "lab/queue.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "base/def.h"

void queue_deinit(struct queue *q)
{
	free(q->bytes);
	*q = (struct queue){};
}

static int make_room(struct queue *q, size_t len)
{
	size_t need = q->len + len, cap = q->cap ? q->cap : 4096;
	uint8_t *grown;

	if (q->start + need <= q->cap)
		return 0;
	if (q->start) {
		memmove(q->bytes, q->bytes + q->start, q->len);
		q->start = 0;
	}
	if (need <= q->cap)
		return 0;
	while (cap < need)
		cap *= 2;
	grown = realloc(q->bytes, cap);
	if (!grown)
		return -ENOMEM;
	q->bytes = grown;
	q->cap = cap;
	return 0;
}

int queue_append(struct queue *q, const void *bytes, size_t len)
{
	int r;

	if (len == 0)
		return 0;
	r = make_room(q, len);
	if (r < 0)
		return r;
	memcpy(q->bytes + q->start + q->len, bytes, len);
	q->len += len;
	return 0;
}

const uint8_t *queue_front(const struct queue *q)
{
	return q->len ? q->bytes + q->start : NULL;
}

void queue_consume(struct queue *q, size_t len)
{
	assert(len <= q->len);
	q->len -= len;
	q->start = q->len ? q->start + len : 0;
}

int queue_write(struct queue *q, int fd, size_t max)
{
	size_t n = q->len < max ? q->len : max;
	ssize_t done;

	if (n > INT_MAX)
		n = INT_MAX;
	if (n == 0)
		return 0;
	done = write(fd, queue_front(q), n);
	if (done < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	queue_consume(q, done);
	return done;
}
