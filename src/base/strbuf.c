/*
 * The growing buffer of str.h. Its memory doubles, so that adding costs little on average.
 */
#include "base/str.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/def.h"

enum { CAP_MIN = 64 };

void strbuf_deinit(struct strbuf *b)
{
	free(b->text);
	*b = (struct strbuf){};
}

/* Makes room for @len more bytes and a NUL. */
static int reserve(struct strbuf *b, size_t len)
{
	size_t needed, cap = b->cap ? b->cap : CAP_MIN;
	char *text;

	if (__builtin_add_overflow(b->len, len, &needed) || needed >= SIZE_MAX / 2)
		return -ENOMEM;
	if (needed < b->cap)
		return 0;
	while (cap <= needed)
		cap *= 2;
	text = realloc(b->text, cap);
	if (!text)
		return -ENOMEM;
	b->text = text;
	b->cap = cap;
	return 0;
}

int strbuf_add(struct strbuf *b, const void *bytes, size_t len)
{
	int r = reserve(b, len);

	if (r < 0)
		return r;
	if (len)
		memcpy(b->text + b->len, bytes, len);
	b->len += len;
	b->text[b->len] = '\0';
	return 0;
}

int strbuf_addf(struct strbuf *b, const char *format, ...)
{
	_cleanup_free_ char *text = NULL;
	va_list args;
	int len;

	va_start(args, format);
	len = vasprintf(&text, format, args);
	va_end(args);
	if (len < 0) {
		/* What it points to is not defined then. */
		text = NULL;
		return -ENOMEM;
	}
	return strbuf_add(b, text, len);
}

int strbuf_steal(struct strbuf *b, char **ret_text)
{
	char *text = b->text ? b->text : strdup("");

	if (!text)
		return -ENOMEM;
	*b = (struct strbuf){};
	*ret_text = text;
	return 0;
}
