/*
 * Bytes that wait to be written; see output.h.
 */
#include "rpc/output.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "base/def.h"

/* Doubled while small; a large one that just does not fit is not made twice as large for that. */
enum { FIRST_BYTES = 1024, STEP_BYTES = 256 * 1024 };

void output_deinit(struct output *o)
{
	free(o->bytes);
	*o = (struct output){.written = o->written};
}

static int make_room(struct output *o, size_t len)
{
	size_t need = o->len + len, cap = o->cap ? o->cap : FIRST_BYTES;
	char *grown;

	if (o->start + need <= o->cap)
		return 0;
	if (o->start) {
		memmove(o->bytes, o->bytes + o->start, o->len);
		o->start = 0;
	}
	if (need <= o->cap)
		return 0;
	while (cap < need)
		cap += cap < STEP_BYTES ? cap : STEP_BYTES;
	grown = realloc(o->bytes, cap);
	if (!grown)
		return -ENOMEM;
	o->bytes = grown;
	o->cap = cap;
	return 0;
}

int output_add(struct output *o, const void *bytes, size_t len)
{
	int r = make_room(o, len);

	if (r < 0)
		return r;
	memcpy(o->bytes + o->start + o->len, bytes, len);
	o->len += len;
	return 0;
}

/* jansson's callback knows no error but -1. */
static int take(const char *bytes, size_t len, void *data)
{
	return output_add(data, bytes, len) < 0 ? -1 : 0;
}

int output_add_json(struct output *o, const json_t *value)
{
	size_t before = o->len;

	if (json_dump_callback(value, take, o, JSON_COMPACT | JSON_ENCODE_ANY) == 0)
		return 0;
	output_cut(o, before);
	return -EINVAL;
}

void output_cut(struct output *o, size_t len)
{
	assert(len <= o->len);
	o->len = len;
	if (len == 0)
		output_deinit(o);
}

int output_flush(struct output *o, int fd)
{
	while (o->len) {
		ssize_t n = send(fd, o->bytes + o->start, o->len, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN ? 1 : -errno;
		o->start += n;
		o->len -= n;
		o->written += n;
	}
	output_deinit(o);
	return 0;
}
