/*
 * Base64; see base64.h.
 */
#include "filetrace/trace/base64.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

/* Three bytes, of which @len are there, as four characters. */
static void encode_group(const uint8_t *in, size_t len, char *out)
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	uint32_t bits = in[0] << 16 | (len > 1 ? in[1] << 8 : 0) | (len > 2 ? in[2] : 0);

	out[0] = letters[bits >> 18];
	out[1] = letters[bits >> 12 & 63];
	out[2] = len > 1 ? letters[bits >> 6 & 63] : '=';
	out[3] = len > 2 ? letters[bits & 63] : '=';
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
