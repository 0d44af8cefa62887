/*
 * Fuzzes format strings: the first byte is the size of the buffer, the rest the format.
 *
 * Every argument is the same string: where all arguments are passed as words of 64 bits, as on the
 * machines that fuzz, it is a valid one for each conversion. The text in the buffer must be the
 * start of that which the sink gets, of the length that both return.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/fmt.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

_Static_assert(sizeof(void *) == 8, "see above");

enum { ARGUMENTS = 16 };

#define WORDS_4 "word", "word", "word", "word"
#define WORDS_16 WORDS_4, WORDS_4, WORDS_4, WORDS_4

static size_t (*const to_buffer)(char *, size_t, const char *, ...) = fmt_buf;
static size_t (*const to_sink)(fmt_sink_fn, void *, const char *, ...) = fmt_sink;

/* What the buffer should hold. */
struct expected {
	char *at;
	size_t room, len;
};

static void compare(void *data, const char *bytes, size_t len)
{
	struct expected *e = data;
	size_t n = len < e->room ? len : e->room;

	assert(len > 0);
	assert(memcmp(e->at, bytes, n) == 0);
	e->at += n;
	e->room -= n;
	e->len += len;
}

static void try(const char *format, size_t size)
{
	char *text = malloc(size + 1);
	struct expected e = {.at = text, .room = size ? size - 1 : 0};
	size_t len;

	if (!text)
		return;
	text[size] = 'x';
	len = to_buffer(text, size, format, WORDS_16);
	assert(text[size] == 'x');
	assert(to_sink(compare, &e, format, WORDS_16) == len && e.len == len);
	assert(size == 0 || *e.at == '\0');
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	char *format;
	size_t used = 0;

	if (len == 0 || !(format = malloc(len)))
		return 0;
	memcpy(format, bytes + 1, len - 1);
	format[len - 1] = '\0';
	/* Each of these may take an argument. */
	for (const char *p = format; *p; p++)
		used += *p == '%' || *p == '*';
	if (used <= ARGUMENTS)
		try(format, bytes[0]);
	free(format);
	return 0;
}
