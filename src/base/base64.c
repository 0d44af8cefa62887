/*
 * Base64; see base64.h.
 */
#include "base/base64.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "base/def.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static int value_of(char c)
{
	const char *p = c ? strchr(alphabet, c) : NULL;

	return p ? p - alphabet : -EINVAL;
}

/* Four characters, the last @pad of which are padding: 3 - @pad bytes. */
static int decode_group(const char *text, size_t pad, char *out)
{
	uint32_t bits = 0;

	for (size_t i = 0; i < 4; i++) {
		int value = i < 4 - pad ? value_of(text[i]) : 0;

		if (value < 0)
			return value;
		bits = bits << 6 | value;
	}
	/* What padding stands for must be nothing, or two texts would mean the same. */
	if (bits & ((1U << 8 * pad) - 1))
		return -EINVAL;
	for (size_t i = 0; i < 3 - pad; i++)
		out[i] = bits >> (16 - 8 * i);
	return 0;
}

int base64_decode(const char *text, size_t len, char **ret_bytes, size_t *ret_len)
{
	_cleanup_free_ char *bytes = NULL;
	size_t pad = 0, count = 0;

	if (len % 4)
		return -EINVAL;
	while (pad < 2 && pad < len && text[len - 1 - pad] == '=')
		pad++;
	bytes = malloc(len / 4 * 3 + 1);
	if (!bytes)
		return -ENOMEM;
	for (size_t i = 0; i < len; i += 4) {
		size_t mine = i + 4 == len ? pad : 0;

		if (decode_group(text + i, mine, bytes + count) < 0)
			return -EINVAL;
		count += 3 - mine;
	}
	bytes[count] = '\0';
	*ret_bytes = take_ptr(bytes);
	*ret_len = count;
	return 0;
}

/* Three bytes, of which @len are there, as four characters. */
static void encode_group(const uint8_t *in, size_t len, char *out)
{
	uint32_t bits = in[0] << 16 | (len > 1 ? in[1] << 8 : 0) | (len > 2 ? in[2] : 0);

	out[0] = alphabet[bits >> 18];
	out[1] = alphabet[bits >> 12 & 63];
	out[2] = len > 1 ? alphabet[bits >> 6 & 63] : '=';
	out[3] = len > 2 ? alphabet[bits & 63] : '=';
}

int base64_encode(const void *bytes, size_t len, char **ret_text)
{
	const uint8_t *in = bytes;
	char *text = malloc((len + 2) / 3 * 4 + 1), *out = text;

	if (!text)
		return -ENOMEM;
	for (; len > 2; len -= 3, in += 3, out += 4)
		encode_group(in, 3, out);
	if (len) {
		encode_group(in, len, out);
		out += 4;
	}
	*out = '\0';
	*ret_text = text;
	return 0;
}
