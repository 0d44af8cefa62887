/*
 * What can be taken of a request: its head, judged by the table of operations.
 */
#include <errno.h>

#include "libpwrapi/wire.h"

const struct wire_op *wire_op(uint16_t operation)
{
	size_t count;
	const struct wire_op *ops = wire_ops(&count);
	size_t low = 0;

	while (low < count) {
		size_t middle = (low + count) / 2;

		if (ops[middle].operation == operation)
			return &ops[middle];
		if (ops[middle].operation < operation)
			low = middle + 1;
		else
			count = middle;
	}
	return NULL;
}

static bool understood(const struct wire_head *head)
{
	return head->major == WIRE_MAJOR && head->minor == WIRE_MINOR &&
	       head->format == WIRE_FORMAT_BINARY && head->type == WIRE_REQUEST &&
	       head->data_bytes <= WIRE_REQUEST_MAX;
}

static bool fits(const struct wire_op *op, uint32_t bytes)
{
	if (bytes < op->request_min || bytes > op->request_max)
		return false;
	return op->unit == 0 || (bytes - op->request_min) % op->unit == 0;
}

int wire_check(const struct wire_head *head, uint32_t pid)
{
	const struct wire_op *op;

	if (!understood(head))
		return -EPROTO;
	if (head->system != pid)
		return -EPERM;
	op = wire_op(head->operation);
	if (!op)
		return -EOPNOTSUPP;
	return fits(op, head->data_bytes) ? 0 : -EINVAL;
}
