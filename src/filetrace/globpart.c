/*
 * One part of a pattern against one name; see globpart.h.
 */
#include "filetrace/globpart.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>

#include "base/def.h"

/* [:alpha:] and so on. The program runs in the C locale, where these are of ASCII. */
static const struct {
	const char *name;
	int (*holds)(int c);
} classes[] = {
	{"alnum", isalnum}, {"alpha", isalpha}, {"blank", isblank}, {"cntrl", iscntrl},
	{"digit", isdigit}, {"graph", isgraph}, {"lower", islower}, {"print", isprint},
	{"punct", ispunct}, {"space", isspace}, {"upper", isupper}, {"xdigit", isxdigit},
};

/*
 * The class at @p, which stands at its "[:": its length, and whether @c is in it; 0 when it is none
 * that we know.
 */
static size_t match_class(const char *p, const char *end, unsigned char c, bool *ret_in)
{
	for (size_t i = 0; i < ARRAY_SIZE(classes); i++) {
		size_t len = strlen(classes[i].name);

		if ((size_t)(end - p) < len + 4 || memcmp(p + 2, classes[i].name, len) != 0 ||
		    memcmp(p + 2 + len, ":]", 2) != 0)
			continue;
		*ret_in = classes[i].holds(c);
		return len + 4;
	}
	return 0;
}

/* One byte, range or class of a set: its length, and whether @c is in it. */
static size_t match_item(const char *p, const char *end, unsigned char c, bool *ret_in)
{
	size_t len =
		end - p >= 2 && p[0] == '[' && p[1] == ':' ? match_class(p, end, c, ret_in) : 0;

	if (len)
		return len;
	if (end - p >= 3 && p[1] == '-' && p[2] != ']') {
		*ret_in = (unsigned char)p[0] <= c && c <= (unsigned char)p[2];
		return 3;
	}
	*ret_in = (unsigned char)p[0] == c;
	return 1;
}

/* The set at @p, which stands at its [: its length, and whether @c is in it; 0 when nothing closes
 * it. A ] right at the start is one of its bytes. */
static size_t match_set(const char *p, const char *end, unsigned char c, bool *ret_in)
{
	const char *q = p + 1;
	bool in = false, not = q < end && (*q == '!' || *q == '^');
	const char *first;

	q += not;
	for (first = q; q < end && (*q != ']' || q == first);) {
		bool one = false;

		q += match_item(q, end, c, &one);
		in = in || one;
	}
	if (q >= end)
		return 0;
	*ret_in = in != not;
	return (size_t)(q + 1 - p);
}

/* What is at @p takes one byte, @c: the length of it, or 0 when it does not take this one. */
static size_t match_one(const char *p, const char *end, char c)
{
	bool in = false;
	size_t len = *p == '[' ? match_set(p, end, (unsigned char)c, &in) : 0;

	if (len)
		return in ? len : 0;
	return *p == c || *p == '?';
}

size_t globpart_head(const char *part, size_t len)
{
	bool in;

	for (size_t i = 0; i < len; i++)
		if (part[i] == '*' || part[i] == '?' ||
		    (part[i] == '[' && match_set(part + i, part + len, 0, &in)))
			return i;
	return len;
}

/* Whether the last byte alone tells that @part does not match; most patterns are told so. */
static bool ends_otherwise(const char *part, size_t part_len, const char *name, size_t len)
{
	char last = part_len ? part[part_len - 1] : '*';

	return last != '*' && last != '?' && last != ']' && (!len || name[len - 1] != last);
}

/* When what follows a star does not fit, the star takes one byte more. Only the last star need be
 * tried again: what fitted in front of it, fits for every way to go on. */
bool globpart_matches(const char *part, size_t part_len, const char *name, size_t len)
{
	const char *p = part, *end = part + part_len, *star = NULL;
	const char *n = name, *name_end = name + len, *taken = name;

	if (ends_otherwise(part, part_len, name, len))
		return false;
	while (n < name_end) {
		size_t step = p < end && *p != '*' ? match_one(p, end, *n) : 0;

		if (step) {
			p += step;
			n++;
		} else if (p < end && *p == '*') {
			star = ++p;
			taken = n;
		} else if (star) {
			p = star;
			n = ++taken;
		} else {
			return false;
		}
	}
	while (p < end && *p == '*')
		p++;
	return p == end;
}
