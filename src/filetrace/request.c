/*
 * Requests for watches; see request.h.
 */
#include "filetrace/request.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/def.h"
#include "base/parse.h"
#include "base/str.h"
#include "filetrace/watchset.h"

static const char head[] = "leonhard-trace watches 1", number_word[] = "request ";

void request_deinit(struct request *r)
{
	str_vector_free(r->patterns);
	*r = (struct request){};
}

/* Cuts the next line off *@p, in place; NULL without one that ends. */
static char *next_line(char **p)
{
	char *line = *p, *end = strchr(line, '\n');

	if (!end)
		return NULL;
	*end = '\0';
	*p = end + 1;
	return line;
}

static int take_pattern(char **patterns, size_t count, const char *line)
{
	_cleanup_free_ char *bytes = NULL;
	size_t len;
	int r;

	if (count == WATCH_PATTERNS)
		return -EINVAL;
	r = str_unescape(line, &bytes, &len);
	if (r < 0)
		return r;
	if (bytes[0] != '/' || strlen(bytes) != len || len >= WATCH_PATTERN_BYTES)
		return -EINVAL;
	patterns[count] = take_ptr(bytes);
	return 0;
}

static size_t count_lines(const char *text)
{
	size_t n = 0;

	for (; (text = strchr(text, '\n')); text++)
		n++;
	return n;
}

static int take_patterns(char *text, struct request *r)
{
	size_t count = 0;
	char *line;

	r->patterns = calloc(count_lines(text) + 1, sizeof(*r->patterns));
	if (!r->patterns)
		return -ENOMEM;
	while ((line = next_line(&text))) {
		int error = take_pattern(r->patterns, count++, line);

		if (error < 0)
			return error;
	}
	return *text ? -EINVAL : 0;
}

int request_parse(const char *text, size_t len, struct request *ret_request)
{
	_cleanup_free_ char *copy = NULL;
	_cleanup_(request_deinit) struct request request = {};
	char *p, *line;
	int r;

	if (len > REQUEST_BYTES_MAX || memchr(text, '\0', len))
		return -EINVAL;
	p = copy = strndup(text, len);
	if (!copy)
		return -ENOMEM;
	line = next_line(&p);
	if (!line || !str_equal(line, head))
		return -EINVAL;
	line = next_line(&p);
	if (!line || !str_starts(line, number_word) ||
	    parse_u64(line + strlen(number_word), 0, UINT64_MAX, &request.number) < 0)
		return -EINVAL;
	r = take_patterns(p, &request);
	if (r < 0)
		return r;
	*ret_request = request;
	request = (struct request){};
	return 0;
}

static int add_pattern(struct strbuf *b, const char *pattern)
{
	_cleanup_free_ char *text = NULL;
	int r = str_escape(pattern, strlen(pattern), &text);

	return r < 0 ? r : strbuf_addf(b, "%s\n", text);
}

int request_format(const struct request *request, char **ret_text, size_t *ret_len)
{
	_cleanup_(strbuf_deinit) struct strbuf b = {};
	int r = strbuf_addf(&b, "%s\n%s%" PRIu64 "\n", head, number_word, request->number);
	size_t count = 0, len;

	for (char **p = request->patterns; r == 0 && p && *p; p++) {
		r = ++count > WATCH_PATTERNS ? -E2BIG : add_pattern(&b, *p);
		if (r == 0 && b.len > REQUEST_BYTES_MAX)
			r = -E2BIG;
	}
	len = b.len;
	if (r == 0)
		r = strbuf_steal(&b, ret_text);
	if (r == 0)
		*ret_len = len;
	return r;
}
