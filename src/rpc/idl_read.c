/*
 * The text of an interface: blanks, comments, words and places; see idl_int.h.
 *
 * Which comment belongs to what: comment lines of their own, directly above. A blank line between
 * detaches them, and a comment behind something on the same line belongs to nothing.
 */
#include "rpc/idl_int.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/def.h"

static const char blanks[] = " \t\r\n";
static const char word_bytes[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.";

unsigned idl_read_line(const struct idl_source *s, const char *at)
{
	unsigned line = 1;

	for (const char *p = s->text; p < at; p++)
		line += *p == '\n';
	return line;
}

/* In characters, from 1: a byte that continues one (RFC 3629) is not counted. */
static unsigned column(const struct idl_source *s, const char *at)
{
	unsigned n = 1;

	for (; at > s->text && at[-1] != '\n'; at--)
		n += ((unsigned char)at[-1] & 0xc0) != 0x80;
	return n;
}

int idl_read_fail(struct idl_source *s, const char *at, const char *format, ...)
{
	_cleanup_free_ char *what = NULL;
	va_list ap;
	int n;

	va_start(ap, format);
	n = vasprintf(&what, format, ap);
	va_end(ap);
	if (n < 0) {
		what = NULL;
		return -ENOMEM;
	}
	if (asprintf(&s->problem, "%u:%u: %s", idl_read_line(s, at), column(s, at), what) < 0) {
		s->problem = NULL;
		return -ENOMEM;
	}
	return -EINVAL;
}

int idl_read_expected(struct idl_source *s, const char *what)
{
	size_t len = idl_read_word(s);
	unsigned char c = *s->pos;

	if (s->pos == s->end)
		return idl_read_fail(s, s->pos, "expected %s, found the end of the file", what);
	if (len == 0 && (c < 0x21 || c > 0x7e))
		return idl_read_fail(s, s->pos, "expected %s, found the byte 0x%02x", what, c);
	if (len == 0)
		len = 1;
	return idl_read_fail(s, s->pos, "expected %s, found \"%.*s\"", what,
			     len > 64 ? 64 : (int)len, s->pos);
}

/* Skips one comment; @own: there is nothing before it on its line. */
static void skip_comment(struct idl_source *s, bool own)
{
	if (own && !s->comment.begin)
		s->comment.begin = s->pos;
	s->pos += strcspn(s->pos, "\n");
	s->comment.end = s->pos;
}

void idl_read_skip(struct idl_source *s)
{
	/* Line ends since the last token or comment. */
	unsigned lines = s->pos == s->text;

	if (s->pos == s->token)
		return;
	s->comment = (struct idl_span){};
	for (;;) {
		if (*s->pos == '#') {
			skip_comment(s, lines > 0);
			lines = 0;
		}
		if (!*s->pos || !strchr(blanks, *s->pos))
			break;
		if (*s->pos++ == '\n' && ++lines > 1)
			s->comment.begin = NULL;
	}
	s->token = s->pos;
}

bool idl_read_mark(struct idl_source *s, const char *mark)
{
	size_t len = strlen(mark);

	idl_read_skip(s);
	if (strncmp(s->pos, mark, len) != 0)
		return false;
	s->pos += len;
	return true;
}

size_t idl_read_word(struct idl_source *s)
{
	const char *arrow;
	size_t len;

	idl_read_skip(s);
	len = strspn(s->pos, word_bytes);
	/* A dash may stand in a word, but not the one that begins "->". */
	arrow = memmem(s->pos, len + 1, "->", 2);
	return arrow ? (size_t)(arrow - s->pos) : len;
}

bool idl_read_comment_line(struct idl_span *rest, struct idl_span *ret_line)
{
	struct idl_span line;
	const char *p = rest->begin;

	if (!p || p == rest->end)
		return false;
	p = memchr(p, '#', rest->end - p);
	if (!p)
		return false;
	line.begin = p + 1;
	line.end = memchr(p, '\n', rest->end - p);
	if (!line.end)
		line.end = rest->end;
	rest->begin = line.end;
	if (line.begin < line.end && *line.begin == ' ')
		line.begin++;
	while (line.end > line.begin && strchr(blanks, line.end[-1]))
		line.end--;
	*ret_line = line;
	return true;
}
