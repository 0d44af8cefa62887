/*
 * Fuzzes diff.c: the input is an old and a new text, with a byte 0xfe between.
 *
 * What is not equal has a diff that is text, within its bound, and marks lines of both texts: as
 * many as the hunks' headers say. (That it can be applied, test_diff.c shows.)
 */
#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "base/def.h"
#include "base/str.h"
#include "filetrace/diff.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void check_text(const char *text, size_t len)
{
	assert(strlen(text) == len && str_utf8_valid(text, len));
	if (str_starts(text, "Binary files "))
		return;
	assert(str_starts(text, "--- ") && strstr(text, "\n@@ -"));
	for (const char *p = text; *p; p += strcspn(p, "\n") + 1)
		assert(strchr("-+ @\\", *p));
}

/* The caller's text, up to the mark. A copy of its own length, so that no byte behind is read. */
static char *copy_of(const uint8_t *bytes, size_t len)
{
	char *copy = malloc(len + !len);

	if (copy && len)
		memcpy(copy, bytes, len);
	return copy;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	const uint8_t *mark = len ? memchr(bytes, 0xfe, len) : NULL;
	size_t old_len = mark ? (size_t)(mark - bytes) : len,
	       new_len = mark ? len - old_len - 1 : 0;
	_cleanup_free_ char *old = copy_of(bytes, old_len);
	_cleanup_free_ char *new = mark ? copy_of(mark + 1, new_len) : NULL;
	_cleanup_free_ char *text = NULL, *again = NULL;
	size_t text_len, again_len;
	int r;

	if (!old)
		return 0;
	r = diff_unified("/p", old, old_len, new, new_len, 4096, &text, &text_len);
	if (r == -EFBIG || r == -ENOMEM)
		return 0;
	assert(r == 0);
	assert(!text == (old_len == new_len && (!old_len || !memcmp(old, new, old_len))));
	if (!text)
		return 0;
	assert(text_len <= 4096);
	check_text(text, text_len);
	assert(diff_unified("/p", old, old_len, new, new_len, text_len - 1, &again, &again_len) ==
	       -EFBIG);
	return 0;
}
