/*
 * Fuzzes redact.c and redactdigest.c: the input is a file's content, and a text that is taken for a
 * digest.
 *
 * Whatever the content is, it has a digest that can be read and does not differ from itself; what
 * is taken for one is refused or has fields within bounds.
 */
#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "base/def.h"
#include "filetrace/redact.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static const struct redact_key key = {.bytes = "key"};

static void check_digest(const char *path, const char *content, size_t len)
{
	_cleanup_free_ char *digest = NULL;
	_cleanup_free_ struct record_field *fields = NULL, *none = NULL;
	size_t count, none_count;

	if (redact_digest(&key, path, content, len, &digest) < 0)
		return;
	if (redact_compare(path, NULL, digest, &fields, &count) == 0) {
		assert((count == 0) == (digest[0] == '\0') && count <= 1000);
		for (size_t i = 0; i < count; i++)
			assert(fields[i].field && memchr(fields[i].account, '\0', 64));
	}
	if (redact_compare(path, digest, digest, &none, &none_count) == 0)
		assert(none_count == 0);
}

static void check_text(const uint8_t *bytes, size_t len)
{
	_cleanup_free_ struct record_field *fields = NULL;
	_cleanup_free_ char *text = malloc(len + 1);
	size_t count;
	int r;

	if (!text)
		return;
	memcpy(text, bytes, len);
	text[len] = '\0';
	r = redact_compare("/etc/shadow", text, NULL, &fields, &count);
	assert(r == 0 || r == -EBADMSG || r == -ENOMEM);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	_cleanup_free_ char *content = malloc(len + !len);

	if (!content)
		return 0;
	memcpy(content, bytes, len);
	redact_kind("/etc/x", content, len);
	check_digest("/etc/shadow", content, len);
	check_digest("/etc/gshadow", content, len);
	check_digest("/etc/x", content, len);
	check_text(bytes, len);
	return 0;
}
