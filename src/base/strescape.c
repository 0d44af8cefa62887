/*
 * Bytes as UTF-8 text and back; see str.h and docs/format/escape.md.
 *
 * One function says how what a string of bytes begins with is written. Writing concatenates that;
 * reading decodes the text by itself, and then asks that function whether it would have been
 * written so. Whatever the rules are, one form for each string of bytes follows from this.
 */
#include "base/str.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/def.h"
#include "base/strint.h"

/* A piece of the written form: at most two bytes escaped, or a sequence as it is. */
struct unit {
	size_t byte_count, text_len;
	bool escaped;
	char text[8];
};

static const char hex[] = "0123456789abcdef";

static struct unit unit_at(const uint8_t *p, size_t len)
{
	struct unit u = {};
	uint32_t c = 0;
	size_t n = str_utf8_sequence(p, len, &c);

	u.escaped = n == 0 || c == '\\' || str_is_control(c);
	u.byte_count = n ? n : 1;
	if (!u.escaped) {
		memcpy(u.text, p, n);
		u.text_len = n;
		return u;
	}
	for (size_t i = 0; i < u.byte_count; i++) {
		memcpy(u.text + u.text_len, (char[]){'\\', 'x', hex[p[i] >> 4], hex[p[i] & 15]}, 4);
		u.text_len += 4;
	}
	return u;
}

static size_t written_len(const uint8_t *p, size_t len)
{
	size_t text_len = 0;

	for (size_t i = 0; i < len;) {
		struct unit u = unit_at(p + i, len - i);

		text_len += u.text_len;
		i += u.byte_count;
	}
	return text_len;
}

int str_escape(const void *bytes, size_t len, char **ret_text)
{
	const uint8_t *p = bytes;
	char *text, *end;

	if (len > (SIZE_MAX - 1) / 4)
		return -ENOMEM;
	text = end = malloc(written_len(p, len) + 1);
	if (!text)
		return -ENOMEM;
	for (size_t i = 0; i < len;) {
		struct unit u = unit_at(p + i, len - i);

		end = mempcpy(end, u.text, u.text_len);
		i += u.byte_count;
	}
	*end = '\0';
	*ret_text = text;
	return 0;
}

static int hex_value(char c)
{
	const char *p = c ? strchr(hex, c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c) : NULL;

	return p ? p - hex : -EINVAL;
}

/* Reads the escape at @text, which begins with a backslash: 4 characters, or an error. */
static int read_escape(const char *text, uint8_t *ret_byte)
{
	int high, low;

	if (text[1] != 'x')
		return -EINVAL;
	high = hex_value(text[2]);
	low = high < 0 ? -EINVAL : hex_value(text[3]);
	if (low < 0)
		return -EINVAL;
	*ret_byte = high << 4 | low;
	return 0;
}

/* Decodes into @bytes, which has room for as many bytes as @text has. */
static int decode(const char *text, uint8_t *bytes, size_t *ret_len)
{
	size_t len = 0;

	while (*text) {
		if (*text != '\\') {
			bytes[len++] = *text++;
			continue;
		}
		if (read_escape(text, &bytes[len]) < 0)
			return -EINVAL;
		len++;
		text += 4;
	}
	*ret_len = len;
	return 0;
}

/* Whether @text is the written form of the bytes, but for the case of digits in an escape. */
static bool is_written_so(const char *text, const uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len;) {
		struct unit u = unit_at(p + i, len - i);
		int difference = u.escaped ? strncasecmp(text, u.text, u.text_len)
					   : strncmp(text, u.text, u.text_len);

		if (difference)
			return false;
		text += u.text_len;
		i += u.byte_count;
	}
	return true;
}

int str_unescape(const char *text, char **ret_bytes, size_t *ret_len)
{
	_cleanup_free_ uint8_t *bytes = malloc(strlen(text) + 1);
	size_t len;

	if (!bytes)
		return -ENOMEM;
	if (decode(text, bytes, &len) < 0 || !is_written_so(text, bytes, len))
		return -EINVAL;
	bytes[len] = '\0';
	*ret_bytes = (char *)take_ptr(bytes);
	*ret_len = len;
	return 0;
}
