/*
 * Numbers with units; see quantity.h.
 */
#include "leo/quantity.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/def.h"
#include "base/str.h"

enum { DIGITS_MAX = 64 };

#define ZERO_CELSIUS 273.15

static const struct {
	const char *prefix;
	double times, per;
	bool shown;
} prefixes[] = {
	{"T", 1e12, 1, true}, {"G", 1e9, 1, true},  {"M", 1e6, 1, true}, {"k", 1e3, 1, true},
	{"", 1, 1, true},     {"m", 1, 1e3, true},  {"µ", 1, 1e6, true}, {"u", 1, 1e6, false},
	{"n", 1, 1e9, true},  {"K", 1e3, 1, false},
};

static const struct {
	const char *word;
	double number;
} switches[] = {
	{"on", 1}, {"off", 0}, {"yes", 1}, {"no", 0}, {"true", 1}, {"false", 0},
};

/* Units that take no prefix. */
static bool is_bare(const char *unit)
{
	return str_equal(unit, "1") || str_equal(unit, "bool") || str_equal(unit, "1/s");
}

void quantity_format(double number, const char *unit, char out[QUANTITY_TEXT_MAX])
{
	const char *shown = str_equal(unit, "1") || str_equal(unit, "bool") ? "" : unit;
	size_t i = 0;

	if (str_equal(unit, "K")) {
		snprintf(out, QUANTITY_TEXT_MAX, "%.1f °C", number - ZERO_CELSIUS);
		return;
	}
	if (is_bare(unit) || number == 0) {
		snprintf(out, QUANTITY_TEXT_MAX, "%.6g%s%s", number, *shown ? " " : "", shown);
		return;
	}
	/* What would be rounded up to the next prefix has it. */
	while (i < ARRAY_SIZE(prefixes) - 2 &&
	       (!prefixes[i].shown || fabs(number) < prefixes[i].times / prefixes[i].per * 0.99995))
		i++;
	snprintf(out, QUANTITY_TEXT_MAX, "%.4g %s%s", number * prefixes[i].per / prefixes[i].times,
		 prefixes[i].prefix, shown);
}

/* Bytes of @text that are a decimal number; 0 for none. */
static size_t number_len(const char *text)
{
	const char *p = text + (*text == '-' || *text == '+'), *digits = p;
	size_t count = 0, len;

	for (; isdigit((unsigned char)*p) || (*p == '.' && !memchr(digits, '.', p - digits)); p++)
		count += *p != '.';
	len = p - text;
	if (!count)
		return 0;
	if (*p != 'e' && *p != 'E')
		return len;
	p += 1 + (p[1] == '-' || p[1] == '+');
	if (!isdigit((unsigned char)*p))
		return len;
	while (isdigit((unsigned char)*p))
		p++;
	return p - text;
}

/* What the rest behind the number makes of it; not a number: it is nothing of this unit. What is
 * less than 1 is divided by, which is exact where 0.001 is not. */
static double scale(double number, const char *rest, const char *unit)
{
	bool one = str_equal(unit, "1");

	if (!*rest || (!one && !str_equal(unit, "bool") && str_equal(rest, unit)))
		return number;
	if (one && str_equal(rest, "%"))
		return number / 100;
	for (size_t i = 0; !is_bare(unit) && i < ARRAY_SIZE(prefixes); i++) {
		size_t len = strlen(prefixes[i].prefix);

		if (len && strncmp(rest, prefixes[i].prefix, len) == 0 &&
		    (!rest[len] || str_equal(rest + len, unit)))
			return number * prefixes[i].times / prefixes[i].per;
	}
	return NAN;
}

int quantity_parse(const char *text, const char *unit, double *ret_number)
{
	size_t len = number_len(text);
	char digits[DIGITS_MAX];
	double number;

	for (size_t i = 0; str_equal(unit, "bool") && i < ARRAY_SIZE(switches); i++)
		if (str_equal(text, switches[i].word)) {
			*ret_number = switches[i].number;
			return 0;
		}
	if (!len || len >= sizeof(digits))
		return -EINVAL;
	memcpy(digits, text, len);
	digits[len] = '\0';
	number = scale(strtod(digits, NULL), text + len + (text[len] == ' '), unit);
	if (!isfinite(number))
		return -EINVAL;
	*ret_number = number;
	return 0;
}
