/*
 * Fuzzing uevent_parse.c: what is found lies within the message.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "base/def.h"
#include "node/uevent.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const char *message, size_t size, const char *field)
{
	if (field < message || field + strlen(field) >= message + size)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* A copy of just this size, so that a byte too far is seen. */
	_cleanup_free_ char *message = malloc(size + !size);
	struct uevent e;

	if (!message)
		return 0;
	memcpy(message, data, size);
	if (uevent_parse(message, size, &e) < 0)
		return 0;
	check(message, size, e.action);
	check(message, size, e.subsystem);
	uevent_matters(&e);
	return 0;
}
