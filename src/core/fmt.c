/*
 * Formatted text; see fmt.h. A directive is read into a struct, then the function that a table has
 * for its letter writes it.
 */
#include "core/fmt.h"

#include <limits.h>

struct out {
	fmt_sink_fn sink;
	void *data;
	size_t len;
};

/* In the order of flag_chars. */
enum { LEFT = 1, PLUS = 2, SPACE = 4, ALTERNATE = 8, ZERO = 16 };
static const char flag_chars[] = "-+ #0";

enum length { NONE, CHAR, SHORT, LONG, LONG_LONG, SIZE };

/* The longer name of two that begin alike stands first. */
static const struct {
	char name[3];
	enum length length;
} lengths[] = {
	{"hh", CHAR}, {"h", SHORT}, {"ll", LONG_LONG}, {"l", LONG}, {"z", SIZE},
};

/* va_list may be an array, which only a struct lets pass by reference everywhere. */
struct args {
	va_list list;
};

struct directive {
	unsigned flags;
	size_t width, precision;
	bool has_precision;
	enum length length;
	const struct conversion *conversion;
};

struct conversion {
	char letter;
	void (*write)(struct out *o, const struct directive *d, struct args *a);
	uint8_t base; /* of a number */
	bool is_signed, has_length;
};

/* Bytes before the NUL, of @max bytes at most. */
static size_t length_of(const char *s, size_t max)
{
	size_t n = 0;

	while (n < max && s[n])
		n++;
	return n;
}

static void put(struct out *o, const char *bytes, size_t len)
{
	if (len == 0)
		return;
	o->sink(o->data, bytes, len);
	o->len += len;
}

static void pad(struct out *o, char c, size_t count)
{
	static const char spaces[] = "                ", zeroes[] = "0000000000000000";
	size_t step = sizeof(spaces) - 1;

	for (; count > step; count -= step)
		put(o, c == '0' ? zeroes : spaces, step);
	put(o, c == '0' ? zeroes : spaces, count);
}

/* The spaces around @len characters, of which one of the two writes those that are due. */
static void pad_before(struct out *o, const struct directive *d, size_t len)
{
	if (!(d->flags & LEFT) && d->width > len)
		pad(o, ' ', d->width - len);
}

static void pad_after(struct out *o, const struct directive *d, size_t len)
{
	if (d->flags & LEFT && d->width > len)
		pad(o, ' ', d->width - len);
}

static void put_padded(struct out *o, const struct directive *d, const char *bytes, size_t len)
{
	pad_before(o, d, len);
	put(o, bytes, len);
	pad_after(o, d, len);
}

/* Writes the digits of @v so that they end before @end; returns where they begin. 0 has none. */
static char *digits(uint64_t v, unsigned base, const char *figures, char *end)
{
	/* Processors of 32 bits divide 64 bits slowly, and mostly need not. */
	for (; v > UINT32_MAX; v /= base)
		*--end = figures[v % base];
	for (uint32_t low = v; low; low /= base)
		*--end = figures[low % base];
	return end;
}

/* What stands before the digits; at most two characters. */
static const char *prefix(const struct directive *d, uint64_t v, bool negative)
{
	if (d->conversion->is_signed) {
		if (negative)
			return "-";
		return d->flags & PLUS ? "+" : d->flags & SPACE ? " " : "";
	}
	if (d->conversion->letter == 'p')
		return "0x";
	if (d->conversion->base == 16 && d->flags & ALTERNATE && v)
		return d->conversion->letter == 'X' ? "0X" : "0x";
	return "";
}

/* How many zeroes stand between a prefix and digits of these lengths. */
static size_t zero_count(const struct directive *d, size_t prefix_len, size_t digit_count)
{
	size_t precision = d->has_precision ? d->precision : 1, all;

	/* An octal number in its alternate form begins with a zero. */
	if (d->conversion->base == 8 && d->flags & ALTERNATE && precision <= digit_count)
		precision = digit_count + 1;
	if (precision < digit_count)
		precision = digit_count;
	all = prefix_len + precision;
	if (d->flags & ZERO && !(d->flags & LEFT) && !d->has_precision && d->width > all)
		precision += d->width - all;
	return precision - digit_count;
}

static void put_number(struct out *o, const struct directive *d, uint64_t v, bool negative)
{
	const char *figures =
		d->conversion->letter == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";
	char buf[22], *end = buf + sizeof(buf); /* 2^64 - 1 has 22 octal digits */
	char *first = digits(v, d->conversion->base, figures, end);
	const char *before = prefix(d, v, negative);
	size_t prefix_len = length_of(before, 2);
	size_t zeroes = zero_count(d, prefix_len, end - first);
	size_t len = prefix_len + zeroes + (end - first);

	pad_before(o, d, len);
	put(o, before, prefix_len);
	pad(o, '0', zeroes);
	put(o, first, end - first);
	pad_after(o, d, len);
}

static int64_t get_signed(struct args *a, enum length length)
{
	switch (length) {
	case CHAR:
		return (signed char)va_arg(a->list, int);
	case SHORT:
		return (short)va_arg(a->list, int);
	case LONG:
		return va_arg(a->list, long);
	case LONG_LONG:
		return va_arg(a->list, long long);
	case SIZE:
		return va_arg(a->list, ptrdiff_t);
	case NONE:
		break;
	}
	return va_arg(a->list, int);
}

static uint64_t get_unsigned(struct args *a, enum length length)
{
	switch (length) {
	case CHAR:
		return (unsigned char)va_arg(a->list, unsigned);
	case SHORT:
		return (unsigned short)va_arg(a->list, unsigned);
	case LONG:
		return va_arg(a->list, unsigned long);
	case LONG_LONG:
		return va_arg(a->list, unsigned long long);
	case SIZE:
		return va_arg(a->list, size_t);
	case NONE:
		break;
	}
	return va_arg(a->list, unsigned);
}

static void write_integer(struct out *o, const struct directive *d, struct args *a)
{
	int64_t v;

	if (!d->conversion->is_signed) {
		put_number(o, d, get_unsigned(a, d->length), false);
		return;
	}
	v = get_signed(a, d->length);
	put_number(o, d, v < 0 ? -(uint64_t)v : (uint64_t)v, v < 0);
}

static void write_pointer(struct out *o, const struct directive *d, struct args *a)
{
	put_number(o, d, (uintptr_t)va_arg(a->list, void *), false);
}

static void write_character(struct out *o, const struct directive *d, struct args *a)
{
	char c = va_arg(a->list, int);

	put_padded(o, d, &c, 1);
}

/* With a precision no more than so many bytes are looked at; there need not be a NUL then. */
static void write_string(struct out *o, const struct directive *d, struct args *a)
{
	const char *s = va_arg(a->list, const char *);

	if (!s)
		s = "(null)";
	put_padded(o, d, s, length_of(s, d->has_precision ? d->precision : SIZE_MAX));
}

static void write_percent(struct out *o, const struct directive *d, struct args *a)
{
	(void)d;
	(void)a;
	put(o, "%", 1);
}

static const struct conversion conversions[] = {
	{'d', write_integer, 10, true, true},	{'i', write_integer, 10, true, true},
	{'u', write_integer, 10, false, true},	{'x', write_integer, 16, false, true},
	{'X', write_integer, 16, false, true},	{'o', write_integer, 8, false, true},
	{'p', write_pointer, 16, false, false}, {'c', write_character, 0, false, false},
	{'s', write_string, 0, false, false},	{'%', write_percent, 0, false, false},
};

static const char *read_flags(const char *p, unsigned *flags)
{
	for (;; p++) {
		size_t i = 0;

		while (flag_chars[i] && flag_chars[i] != *p)
			i++;
		if (!flag_chars[i])
			return p;
		*flags |= 1U << i;
	}
}

/* A number or *, as an int; too large a number is INT_MAX. */
static const char *read_int(const char *p, struct args *a, int *ret_value)
{
	int v = 0;

	if (*p == '*') {
		*ret_value = va_arg(a->list, int);
		return p + 1;
	}
	for (; *p >= '0' && *p <= '9'; p++)
		if (__builtin_mul_overflow(v, 10, &v) || __builtin_add_overflow(v, *p - '0', &v))
			v = INT_MAX;
	*ret_value = v;
	return p;
}

static const char *read_width(const char *p, struct args *a, struct directive *d)
{
	int v;

	p = read_int(p, a, &v);
	if (v < 0)
		d->flags |= LEFT;
	d->width = v < 0 ? -(unsigned)v : (unsigned)v;
	if (d->width > FMT_WIDTH_MAX)
		d->width = FMT_WIDTH_MAX;
	return p;
}

static const char *read_precision(const char *p, struct args *a, struct directive *d)
{
	int v;

	if (*p != '.')
		return p;
	p = read_int(p + 1, a, &v);
	/* A negative one, out of an argument, is none. */
	d->has_precision = v >= 0;
	d->precision = v >= 0 ? v : 0;
	return p;
}

static const char *read_length(const char *p, struct directive *d)
{
	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		size_t n = length_of(lengths[i].name, 2);

		if (p[0] == lengths[i].name[0] && (n == 1 || p[1] == lengths[i].name[1])) {
			d->length = lengths[i].length;
			return p + n;
		}
	}
	return p;
}

/* Reads the directive behind a %; returns what follows it, or NULL when it is none of ours. */
static const char *read_directive(const char *p, struct args *a, struct directive *d)
{
	*d = (struct directive){};
	p = read_flags(p, &d->flags);
	p = read_width(p, a, d);
	p = read_precision(p, a, d);
	p = read_length(p, d);
	for (size_t i = 0; i < ARRAY_SIZE(conversions); i++)
		if (conversions[i].letter == *p)
			d->conversion = &conversions[i];
	if (!d->conversion || (d->length != NONE && !d->conversion->has_length))
		return NULL;
	if (d->conversion->base && d->precision > FMT_WIDTH_MAX)
		d->precision = FMT_WIDTH_MAX;
	return p + 1;
}

size_t fmt_vsink(fmt_sink_fn sink, void *data, const char *format, va_list args)
{
	struct out o = {.sink = sink, .data = data};
	struct directive d;
	struct args a;

	va_copy(a.list, args);
	while (*format) {
		const char *p = format;

		while (*p && *p != '%')
			p++;
		put(&o, format, p - format);
		format = p;
		if (*p)
			p = read_directive(p + 1, &a, &d);
		if (!p) {
			put(&o, format, length_of(format, SIZE_MAX));
			break;
		}
		if (*format)
			d.conversion->write(&o, &d, &a);
		format = p;
	}
	va_end(a.list);
	return o.len;
}

size_t fmt_sink(fmt_sink_fn sink, void *data, const char *format, ...)
{
	va_list args;
	size_t len;

	va_start(args, format);
	len = fmt_vsink(sink, data, format, args);
	va_end(args);
	return len;
}

/* What is left of a buffer, without the byte for its NUL. */
struct room {
	char *at;
	size_t len;
};

static void to_buffer(void *data, const char *bytes, size_t len)
{
	struct room *room = data;

	if (len > room->len)
		len = room->len;
	__builtin_memcpy(room->at, bytes, len);
	room->at += len;
	room->len -= len;
}

size_t fmt_vbuf(char *out, size_t size, const char *format, va_list args)
{
	char none;
	struct room room = {size ? out : &none, size ? size - 1 : 0};
	size_t len = fmt_vsink(to_buffer, &room, format, args);

	*room.at = '\0';
	return len;
}

size_t fmt_buf(char *out, size_t size, const char *format, ...)
{
	va_list args;
	size_t len;

	va_start(args, format);
	len = fmt_vbuf(out, size, format, args);
	va_end(args);
	return len;
}
