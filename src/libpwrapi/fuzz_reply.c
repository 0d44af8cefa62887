/*
 * Fuzzes what the daemon replies: the first byte chooses the function, the rest is the data. The
 * connection is played here; everything behind it is the library's own.
 *
 * What a function fills has room for so many units and no byte more (testcalls.c), where the
 * sanitizer looks.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "libpwrapi/connection.h"
#include "libpwrapi/powerapi.h"
#include "libpwrapi/registry.h"
#include "libpwrapi/testcalls.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static const uint8_t *reply;
static size_t reply_bytes;

struct connection *registry_get(void)
{
	return (struct connection *)&reply;
}

int registry_set_path(const char *path)
{
	return PWR_SUCCESS;
}

int registry_begin(void)
{
	return PWR_SUCCESS;
}

int registry_end(void)
{
	return PWR_SUCCESS;
}

void connection_unref(struct connection *c)
{
}

int connection_ask(struct connection *c, uint16_t operation, const void *request, size_t bytes,
		   struct connection_reply *ret_reply)
{
	uint8_t *data = malloc(reply_bytes + 1);

	assert(data);
	memcpy(data, reply, reply_bytes);
	data[reply_bytes] = 0;
	*ret_reply = (struct connection_reply){reply_bytes, data};
	return PWR_SUCCESS;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	size_t count;
	const struct testcall *calls = testcalls(&count);

	if (len < 1)
		return 0;
	reply = bytes + 1;
	reply_bytes = len - 1;
	calls[bytes[0] % count].call();
	return 0;
}
