/*
 * Messages from a socket, one after the other.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/def.h"
#include "libpwrapi/intake.h"

/* At least one byte, at most @size. */
static int64_t receive(int fd, void *bytes, size_t size)
{
	ssize_t n;

	do
		n = recv(fd, bytes, size, 0);
	while (n < 0 && errno == EINTR);
	return n > 0 ? n : -ECONNRESET;
}

static uint32_t take(struct intake *in, uint8_t *to, uint32_t size)
{
	uint32_t n = in->to - in->from;

	if (n > size)
		n = size;
	memcpy(to, in->bytes + in->from, n);
	in->from += n;
	return n;
}

/* What is large goes where it belongs at once. */
static int read_all(struct intake *in, uint8_t *to, uint32_t size)
{
	uint32_t have = take(in, to, size);

	while (have < size) {
		bool large = size - have >= sizeof(in->bytes);
		int64_t n = large ? receive(in->fd, to + have, size - have)
				  : receive(in->fd, in->bytes, sizeof(in->bytes));

		if (n < 0)
			return n;
		if (large) {
			have += n;
			continue;
		}
		in->from = 0;
		in->to = n;
		have += take(in, to + have, size - have);
	}
	return 0;
}

static bool understood(const struct wire_head *head)
{
	return head->major == WIRE_MAJOR && head->minor == WIRE_MINOR &&
	       head->format == WIRE_FORMAT_BINARY && head->data_bytes <= WIRE_REPLY_MAX;
}

int intake_message(struct intake *in, struct wire_head *ret_head, void **ret_data)
{
	_cleanup_free_ uint8_t *data = NULL;
	struct wire_head head;
	int r = read_all(in, (uint8_t *)&head, sizeof(head));

	if (r < 0)
		return r;
	if (!understood(&head))
		return -EPROTO;
	data = malloc(head.data_bytes + 1);
	if (!data)
		return -ENOMEM;
	r = read_all(in, data, head.data_bytes);
	if (r < 0)
		return r;
	data[head.data_bytes] = 0;
	*ret_head = head;
	*ret_data = take_ptr(data);
	return 0;
}
