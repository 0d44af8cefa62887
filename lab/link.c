/*
 * A connection that carries frames; see link.h.
 */
#include "lab/link.h"

#include <errno.h>
#include <fcntl.h>

#include "base/def.h"

enum {
	CONGESTED_BYTES = 256 * 1024,
	WRITE_BYTES = 64 * 1024,
	WAITING_BYTES_MAX = 96 * 1024 * 1024,
};

_Static_assert(LAB_STREAM_COUNT_MAX *(LAB_WINDOW + LAB_EXEC_BYTES_MAX) < WAITING_BYTES_MAX,
	       "what the protocol allows to wait has room");

int link_init(struct link *l, int fd, enum lab_side peer, lab_frame_fn fn, void *data)
{
	int flags = fcntl(fd, F_GETFL);

	/* Nor may a command inherit it: the other side would not see the end. */
	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 ||
	    fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
		return -errno;
	l->fd = fd;
	l->out = (struct queue){};
	l->fn = fn;
	l->data = data;
	lab_parser_init(&l->parser, peer);
	return 0;
}

void link_deinit(struct link *l)
{
	queue_deinit(&l->out);
	if (l->fd >= 0)
		close(take_fd(&l->fd));
}

int link_send(struct link *l, enum lab_type type, uint16_t stream, uint8_t channel,
	      const void *payload, size_t len)
{
	struct lab_frame f = {.type = type, .channel = channel, .stream = stream, .length = len};
	uint8_t header[LAB_HEADER_BYTES];
	int r;

	if (l->out.len > WAITING_BYTES_MAX)
		return -ENOBUFS;
	lab_header_encode(&f, header);
	r = queue_append(&l->out, header, sizeof(header));
	return r < 0 ? r : queue_append(&l->out, payload, len);
}

int link_send_u32(struct link *l, enum lab_type type, uint16_t stream, uint8_t channel, uint32_t v)
{
	uint8_t payload[4];

	lab_put_u32(payload, v);
	return link_send(l, type, stream, channel, payload, sizeof(payload));
}

int link_send_exec(struct link *l, uint16_t stream, const void *bytes, size_t len)
{
	const uint8_t *next = bytes;
	int r;

	for (; len > LAB_PAYLOAD_MAX; next += LAB_PAYLOAD_MAX, len -= LAB_PAYLOAD_MAX) {
		r = link_send(l, LAB_EXEC, stream, 1, next, LAB_PAYLOAD_MAX);
		if (r < 0)
			return r;
	}
	return link_send(l, LAB_EXEC, stream, 0, next, len);
}

bool link_congested(const struct link *l)
{
	return l->out.len >= CONGESTED_BYTES;
}

int link_flush(struct link *l)
{
	int r = 1;

	while (l->out.len && r > 0)
		r = queue_write(&l->out, l->fd, WRITE_BYTES);
	if (r == -EPIPE)
		return -ECONNRESET;
	return r < 0 ? r : 0;
}

int link_read(struct link *l)
{
	uint8_t bytes[32 * 1024];
	ssize_t n = read(l->fd, bytes, sizeof(bytes));

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	if (n == 0)
		return -ECONNRESET;
	return lab_parser_feed(&l->parser, bytes, n, l->fn, l->data);
}

static int on_ready(void *data, short revents)
{
	struct link *l = data;
	int r = 0;

	/* What was sent before a hang-up is still read; the read after it tells of the end. */
	if (revents & (POLLIN | POLLHUP | POLLERR))
		r = link_read(l);
	return r < 0 ? r : link_flush(l);
}

void link_poll(struct link *l, struct pollset *ps)
{
	pollset_add(ps, l->fd, POLLIN | (l->out.len ? POLLOUT : 0), on_ready, l);
}
