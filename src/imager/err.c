/*
 * Describing a failure; see err.h.
 */
#include "err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/def.h"
#include "escape.h"

__attribute__((format(printf, 4, 0))) static int set(struct err *err, int code, const char *reason,
						     const char *format, va_list ap)
{
	_cleanup_free_ char *escaped = NULL;
	char raw[sizeof(err->text)];

	vsnprintf(raw, sizeof(raw), format, ap);
	escaped = escape_dup(raw);
	/* Of a text that escaping made too long, the end is cut off, but not the reason. */
	snprintf(err->text, sizeof(err->text), "%.*s%s%s", (int)sizeof(err->text) - 128,
		 escaped ? escaped : "out of memory", reason ? ": " : "", reason ? reason : "");
	return code;
}

int err_set(struct err *err, int code, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	set(err, code, NULL, format, ap);
	va_end(ap);
	return code;
}

int err_errno(struct err *err, int code, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	set(err, code, strerror(-code), format, ap);
	va_end(ap);
	return code;
}

int err_oom(struct err *err)
{
	return err_set(err, -ENOMEM, "out of memory");
}
