/*
 * Fuzzes the heads of requests: what is taken is within the bounds of its operation, and its size
 * alone decides.
 */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "libpwrapi/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void check_taken(const struct wire_head *head)
{
	const struct wire_op *op = wire_op(head->operation);

	assert(head->major == WIRE_MAJOR && head->type == WIRE_REQUEST);
	assert(op && op->operation == head->operation);
	assert(head->data_bytes >= op->request_min && head->data_bytes <= op->request_max);
	assert(head->data_bytes <= WIRE_REQUEST_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct wire_head head;
	int r;

	if (len < sizeof(head))
		return 0;
	memcpy(&head, bytes, sizeof(head));
	r = wire_check(&head, head.system);
	assert(r == 0 || r == -EPROTO || r == -EOPNOTSUPP || r == -EINVAL);
	if (r == 0)
		check_taken(&head);
	assert(wire_check(&head, head.system + 1) == (r == -EPROTO ? -EPROTO : -EPERM));
	/* What is not looked at does not matter. */
	head.pointer = ~head.pointer;
	head.sequence = ~head.sequence;
	assert(wire_check(&head, head.system) == r);
	return 0;
}
