/*
 * Bytes as UTF-8; see escape.h.
 */
#include "escape.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/def.h"

/*
 * The well-formed sequences, RFC 3629 section 4: what the first byte may be, what the second
 * may be (this excludes overlong forms, surrogates and values above U+10FFFF; here also the
 * C1 controls, U+0080 to U+009F), and how long the sequence is.
 */
static const struct {
	uint8_t first_min, first_max, second_min, second_max, len;
} sequences[] = {
	{0xc2, 0xc2, 0xa0, 0xbf, 2}, {0xc3, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
	{0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
	{0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
};

static int is_tail(const uint8_t *p, unsigned len)
{
	for (unsigned i = 0; i < len; i++)
		if (p[i] < 0x80 || p[i] > 0xbf)
			return 0;
	return 1;
}

/* How many bytes at @p may be written as they are; 0 when the first must be escaped. */
static unsigned plain_len(const uint8_t *p)
{
	if (p[0] >= 0x20 && p[0] < 0x7f)
		return p[0] != '\\';
	for (size_t i = 0; i < ARRAY_SIZE(sequences); i++) {
		if (p[0] < sequences[i].first_min || p[0] > sequences[i].first_max)
			continue;
		/* The NUL at the end of the text stops both tests in time. */
		if (p[1] >= sequences[i].second_min && p[1] <= sequences[i].second_max &&
		    is_tail(p + 2, sequences[i].len - 2))
			return sequences[i].len;
	}
	return 0;
}

void escape_print(FILE *out, const char *text)
{
	const uint8_t *p = (const uint8_t *)text;

	while (*p) {
		unsigned len = plain_len(p);

		if (len)
			fwrite(p, 1, len, out);
		else
			fprintf(out, "\\x%02x", *p);
		p += len ? len : 1;
	}
}

char *escape_dup(const char *text)
{
	char *buf = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&buf, &len);
	int failed;

	if (!f)
		return NULL;
	escape_print(f, text);
	failed = ferror(f);
	if (fclose(f) != 0 || failed) {
		free(buf);
		return NULL;
	}
	return buf;
}
