/*
 * Fuzzing mounts.c: every mount has its fields within the text.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "base/def.h"
#include "node/mounts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const char *text, size_t size, const char *field)
{
	if (field < text || field >= text + size || strlen(field) >= size)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *text = malloc(size + 1);
	struct mount m;
	char *rest = text;

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	while (mounts_next(&rest, &m)) {
		check(text, size, m.source);
		check(text, size, m.path);
		check(text, size, m.type);
		if (m.options < text || m.options + strlen(m.options) > text + size)
			abort();
		mount_has_option(&m, "cpu");
	}
	return 0;
}
