/*
 * UTF-8 as RFC 3629 has it; see str.h.
 */
#include "base/str.h"

#include "base/def.h"

/* By length: what the first byte looks like, and the first code point that needs this length. */
static const struct {
	uint8_t mask, lead;
	uint32_t min;
} forms[] = {
	{0x80, 0x00, 0},
	{0xe0, 0xc0, 0x80},
	{0xf0, 0xe0, 0x800},
	{0xf8, 0xf0, 0x10000},
};

/* The index in forms, or their number when a sequence does not begin so. */
static size_t form_of(uint8_t lead)
{
	size_t i = 0;

	while (i < ARRAY_SIZE(forms) && (lead & forms[i].mask) != forms[i].lead)
		i++;
	return i;
}

size_t str_utf8_sequence(const void *s, size_t len, uint32_t *ret_codepoint)
{
	const uint8_t *p = s;
	size_t form;
	uint32_t c;

	if (len == 0)
		return 0;
	form = form_of(p[0]);
	if (form == ARRAY_SIZE(forms) || len <= form)
		return 0;
	c = p[0] & ~forms[form].mask;
	for (size_t i = 1; i <= form; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3f);
	}
	/* Overlong, beyond the last code point, or half of a UTF-16 pair. */
	if (c < forms[form].min || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*ret_codepoint = c;
	return form + 1;
}

bool str_utf8_valid(const void *s, size_t len)
{
	const uint8_t *p = s;
	uint32_t c;

	while (len) {
		size_t n = str_utf8_sequence(p, len, &c);

		if (n == 0)
			return false;
		p += n;
		len -= n;
	}
	return true;
}
