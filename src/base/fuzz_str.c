/*
 * Fuzzes escaping: the input is bytes that are written and read back, and a text that is read.
 *
 * A text that was taken is written again, and must come out as it was but for the case of digits
 * in its escapes: there is one form for each string of bytes.
 */
#include <assert.h>
#include <string.h>
#include <strings.h>

#include "base/def.h"
#include "base/str.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void there_and_back(const uint8_t *bytes, size_t len)
{
	_cleanup_free_ char *text = NULL, *back = NULL;
	size_t back_len;

	if (str_escape(bytes, len, &text) < 0)
		return;
	assert(str_utf8_valid(text, strlen(text)));
	assert(str_width(text) <= 2 * strlen(text));
	for (const char *p = text; *p; p++)
		assert((uint8_t)*p >= 0x20 && *p != 0x7f);
	assert(str_unescape(text, &back, &back_len) == 0);
	assert(back_len == len && memcmp(back, bytes, len) == 0 && back[len] == '\0');
}

static void back_and_there(const char *text)
{
	_cleanup_free_ char *bytes = NULL, *again = NULL;
	size_t len;

	if (str_unescape(text, &bytes, &len) < 0 || str_escape(bytes, len, &again) < 0)
		return;
	assert(strcasecmp(text, again) == 0);
	if (!strchr(text, '\\'))
		assert(str_equal(text, again));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	_cleanup_free_ char *text = malloc(len + 1);

	if (!text)
		return 0;
	memcpy(text, bytes, len);
	text[len] = '\0';
	there_and_back(bytes, len);
	back_and_there(text);
	return 0;
}
