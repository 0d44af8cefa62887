/*
 * The headers that a browser sends; see ask.h.
 */
#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "webd/ask.h"

static const char blanks[] = " \t";

/* ---- cookies ---- */

/* One "name=value" of the header; whether it is ours. */
static bool is_ours(const char *pair, size_t len)
{
	static const char name[] = ASK_COOKIE "=";

	return len >= sizeof(name) - 1 && memcmp(pair, name, sizeof(name) - 1) == 0;
}

bool ask_cookie(const char *header, const char **ret_value, size_t *ret_len)
{
	const char *value = NULL;
	size_t value_len = 0;

	for (const char *at = header; at && *at;) {
		size_t skip = strspn(at, " \t;"), len = strcspn(at + skip, ";");

		at += skip;
		if (is_ours(at, len)) {
			if (value)
				return false;
			value = at + sizeof(ASK_COOKIE);
			value_len = len - sizeof(ASK_COOKIE);
		}
		at += len;
	}
	if (!value)
		return false;
	while (value_len && strchr(blanks, value[value_len - 1]))
		value_len--;
	*ret_value = value;
	*ret_len = value_len;
	return true;
}

/* ---- who has asked ---- */

bool ask_is_json(const char *content_type)
{
	static const char json[] = "application/json";
	const char *rest;

	if (!content_type || strncasecmp(content_type, json, sizeof(json) - 1) != 0)
		return false;
	rest = content_type + sizeof(json) - 1;
	rest += strspn(rest, blanks);
	return !*rest || *rest == ';';
}

static bool origin_is_host(const char *origin, const char *host)
{
	static const char scheme[] = "https://";

	return host && strncmp(origin, scheme, sizeof(scheme) - 1) == 0 &&
	       strcasecmp(origin + sizeof(scheme) - 1, host) == 0;
}

bool ask_same_origin(const struct ask_origin *o, bool *ret_told)
{
	if (o->site && !str_equal(o->site, "same-origin"))
		return false;
	if (o->origin && !origin_is_host(o->origin, o->host))
		return false;
	*ret_told = o->site || o->origin;
	return true;
}

/* ---- where a request ends ---- */

static bool all_digits(const char *text)
{
	return *text && text[strspn(text, "0123456789")] == '\0';
}

bool ask_framing_clear(const struct ask_framing *f)
{
	if (f->encodings + f->lengths > 1 || f->hosts > 1 || (f->hosts == 0 && !f->http_1_0))
		return false;
	if (f->encodings && (f->http_1_0 || strcasecmp(f->transfer_encoding, "chunked") != 0))
		return false;
	return !f->lengths || all_digits(f->content_length);
}

/* ---- what the client has and takes ---- */

/* The next element of a list with commas, without blanks at its ends; NULL at the end. */
static const char *next_element(const char **at, size_t *ret_len)
{
	const char *start = *at + strspn(*at, " \t,");
	size_t len = strcspn(start, ",");

	if (!*start)
		return NULL;
	*at = start + len;
	while (len && strchr(blanks, start[len - 1]))
		len--;
	*ret_len = len;
	return start;
}

/* "gzip", "gzip;q=0.8", but not "gzip;q=0", "gzip;q=0.00". */
static bool element_takes_gzip(const char *element, size_t len)
{
	const char *weight;

	if (len < 4 || strncasecmp(element, "gzip", 4) != 0)
		return false;
	if (len == 4)
		return true;
	weight = memchr(element, '=', len);
	if (element[4] != ';' || !weight)
		return false;
	for (weight++; weight < element + len; weight++) {
		if (*weight != '0' && *weight != '.' && *weight != ' ')
			return true;
	}
	return false;
}

bool ask_takes_gzip(const char *accept_encoding)
{
	const char *at = accept_encoding, *element;
	size_t len;

	while (at && (element = next_element(&at, &len))) {
		if (element_takes_gzip(element, len))
			return true;
	}
	return false;
}

bool ask_has_etag(const char *if_none_match, const char *etag)
{
	const char *at = if_none_match, *element;
	size_t len, etag_len = strlen(etag);

	while (at && (element = next_element(&at, &len))) {
		if (len == 1 && *element == '*')
			return true;
		if (len > 2 && element[0] == 'W' && element[1] == '/')
			element += 2, len -= 2;
		if (len == etag_len && memcmp(element, etag, len) == 0)
			return true;
	}
	return false;
}
