/*
 * Input of a session; see input.h.
 */
#include "pwrapis/input.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

void input_deinit(struct input *in)
{
	free(in->bytes);
	*in = (struct input){};
}

/* 1 and the head of the first message, 0 while there is none, -EPROTO. */
static int peek_head(const struct input *in, struct wire_head *ret_head)
{
	struct wire_head head;

	if (input_len(in) < sizeof(head))
		return 0;
	memcpy(&head, in->bytes + in->start, sizeof(head));
	/* Whose it is, and whether it can be answered, is looked at when it is whole. */
	if (wire_check(&head, head.system) == -EPROTO)
		return -EPROTO;
	*ret_head = head;
	return 1;
}

/* The bytes that the message at hand is known to take. */
static size_t message_bytes(const struct input *in)
{
	struct wire_head head;

	if (peek_head(in, &head) != 1)
		return sizeof(head);
	return sizeof(head) + head.data_bytes;
}

size_t input_wanted(const struct input *in)
{
	size_t most = message_bytes(in) + INPUT_AHEAD_BYTES;

	return input_len(in) < most ? most - input_len(in) : 0;
}

static int make_room(struct input *in, size_t len)
{
	size_t need = input_len(in) + len, room = 2 * in->room;
	uint8_t *grown;

	if (in->end + len <= in->room)
		return 0;
	if (in->start) {
		memmove(in->bytes, in->bytes + in->start, input_len(in));
		in->end -= in->start;
		in->start = 0;
	}
	if (need <= in->room)
		return 0;
	/* As bytes come, not as they are announced; and not beyond what was announced. */
	if (room > message_bytes(in))
		room = message_bytes(in);
	if (room < need)
		room = need;
	grown = realloc(in->bytes, room);
	if (!grown)
		return -ENOMEM;
	in->bytes = grown;
	in->room = room;
	return 0;
}

int input_add(struct input *in, const void *bytes, size_t len)
{
	int r;

	if (len == 0)
		return 0;
	r = make_room(in, len);
	if (r < 0)
		return r;
	memcpy(in->bytes + in->end, bytes, len);
	in->end += len;
	return 0;
}

int input_peek(const struct input *in, struct wire_head *ret_head, const uint8_t **ret_data)
{
	struct wire_head head;
	int r = peek_head(in, &head);

	if (r <= 0)
		return r;
	if (input_len(in) - sizeof(head) < head.data_bytes)
		return 0;
	*ret_head = head;
	*ret_data = in->bytes + in->start + sizeof(head);
	return 1;
}

void input_consume(struct input *in)
{
	size_t len = message_bytes(in);

	assert(len <= input_len(in));
	in->start += len;
	if (in->start == in->end)
		input_deinit(in);
}
