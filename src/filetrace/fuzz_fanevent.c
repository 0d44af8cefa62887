/*
 * Fuzzes fanevent.c: the input is a buffer of events, as read() fills it.
 */
#include <assert.h>
#include <string.h>

#include "base/def.h"
#include "filetrace/fanevent.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void check_place(const struct fan_place *p)
{
	assert(!p->known || (*p->name && memchr(p->name, '\0', sizeof(p->name))));
	assert(p->dir.len <= sizeof(p->dir.bytes));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	while (len) {
		_cleanup_free_ uint8_t *copy = malloc(len);
		struct fan_event e;
		size_t size;

		if (!copy)
			return 0;
		memcpy(copy, bytes, len);
		if (fan_event_decode(copy, len, &e, &size) < 0)
			return 0;
		assert(size && size <= len && e.object.len <= sizeof(e.object.bytes));
		check_place(&e.place);
		check_place(&e.to);
		bytes += size;
		len -= size;
	}
	return 0;
}
