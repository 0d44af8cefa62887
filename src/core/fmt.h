/*
 * Formatted text without a C library, into a buffer or piece by piece to a function.
 *
 * The directives are those of ISO C (7.21.6.1) that a kernel needs:
 *
 *	%[-+ #0][WIDTH][.PRECISION][hh|h|l|ll|z]CONVERSION
 *
 * with d i u o x X for integers, c s p, and %%. WIDTH and PRECISION are numbers or *. They mean
 * what they mean in C, and where C leaves things open:
 *
 *	- %p is written as %#lx of the address, NULL as 0x0; %s of NULL as "(null)"
 *	- a width, and the precision of a number, over FMT_WIDTH_MAX counts as that
 *	- a directive that is none of these ends the conversion: it and all behind it is written as
 *	  it stands, since nobody knows which argument would be next
 *
 * No floating point, no %n, no locale. The stack needed is small and bounded; time is bounded by
 * the output. Nothing is kept between calls.
 */
#ifndef CORE_FMT_H
#define CORE_FMT_H

#include <stdarg.h>

#include "core/def.h"

enum { FMT_WIDTH_MAX = 4095 };

/* Takes the next piece of the text, @len bytes without a NUL behind them; @len is not 0. */
typedef void (*fmt_sink_fn)(void *data, const char *bytes, size_t len);

/*
 * Writes into @out: at most @size bytes, the last of them NUL (unless @size is 0). Returns the
 * length of the whole text, without NUL; it was cut when that is @size or more.
 */
__attribute__((format(printf, 3, 4))) size_t fmt_buf(char *out, size_t size, const char *format,
						     ...);
__attribute__((format(printf, 3, 0))) size_t fmt_vbuf(char *out, size_t size, const char *format,
						      va_list args);

/* Hands the text to @sink, in pieces and in order. Returns its length. */
__attribute__((format(printf, 3, 4))) size_t fmt_sink(fmt_sink_fn sink, void *data,
						      const char *format, ...);
__attribute__((format(printf, 3, 0))) size_t fmt_vsink(fmt_sink_fn sink, void *data,
						       const char *format, va_list args);

#endif
