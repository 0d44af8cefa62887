/*
 * Time as people write it; see time.h.
 *
 * Local time is not a function of the calendar: where clocks are set forward an hour is missing,
 * where they are set back one comes twice, and in some zones that happens at midnight. What is
 * meant here by a local time is the first moment at which the clock shows it; a time that no clock
 * has shown is an error. A day begins with its first moment, whatever the clock shows then.
 *
 * In between, a local time is "shown": the seconds from 1970 to it if the day had no zone.
 */
#include "base/time.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/def.h"
#include "base/parse.h"

enum { DAY_S = 86400 };

static const char digits[] = "0123456789";

/* From the largest; that is also the order in which a text may have them. */
static const struct {
	const char *name;
	uint64_t ns;
} units[] = {
	{"w", 7 * DAY_S *NS_PER_S},
	{"d", DAY_S *NS_PER_S},
	{"h", 3600 * NS_PER_S},
	{"min", 60 * NS_PER_S},
	{"s", NS_PER_S},
	{"ms", NS_PER_MS},
	{"us", NS_PER_US},
	{"ns", 1},
};

/* The index in units of the name at *@p, or -EINVAL; moves it behind the name. */
static int read_unit(const char **p)
{
	size_t len = strspn(*p, "abcdefghijklmnopqrstuvwxyz");

	for (size_t i = 0; i < ARRAY_SIZE(units); i++)
		if (len == strlen(units[i].name) && memcmp(*p, units[i].name, len) == 0) {
			*p += len;
			return i;
		}
	return -EINVAL;
}

/* A span in which every number has its unit. */
static int read_span(const char *p, uint64_t *ret_ns)
{
	uint64_t total = 0, count;
	int last = -1;

	do {
		int r = parse_digits(&p, &count), unit;

		if (r < 0)
			return r;
		unit = read_unit(&p);
		/* None at all is less than any. */
		if (unit <= last)
			return -EINVAL;
		last = unit;
		if (__builtin_mul_overflow(count, units[unit].ns, &count) ||
		    __builtin_add_overflow(total, count, &total))
			return -ERANGE;
	} while (*p);
	*ret_ns = total;
	return 0;
}

int time_parse_span(const char *text, uint64_t *ret_span_ns)
{
	const char *p = text;
	uint64_t seconds;
	int r;

	if (*text == '\0' || text[strspn(text, digits)] != '\0')
		return read_span(text, ret_span_ns);
	r = parse_digits(&p, &seconds);
	if (r < 0)
		return r;
	if (__builtin_mul_overflow(seconds, NS_PER_S, &seconds))
		return -ERANGE;
	*ret_span_ns = seconds;
	return 0;
}

/* What the local clock shows at @t. */
static time_t shown_at(time_t t)
{
	struct tm tm;

	localtime_r(&t, &tm);
	return t + tm.tm_gmtoff;
}

/*
 * The interval in which the clock can show @shown. Its ends differ when the zone's offset changes
 * around that day, and then by as much; offsets are below a day, and change once in a few days.
 */
static void interval_of(time_t shown, time_t *ret_first, time_t *ret_last)
{
	time_t before = shown - 26 * 3600, after = shown + 26 * 3600;
	time_t a = shown - (shown_at(before) - before), b = shown - (shown_at(after) - after);

	*ret_first = a < b ? a : b;
	*ret_last = a < b ? b : a;
}

/* The first moment at which the clock shows @shown. */
static int from_shown(time_t shown, time_t *ret_t)
{
	time_t first, last;

	interval_of(shown, &first, &last);
	if (shown_at(first) != shown)
		first = last;
	if (shown_at(first) != shown)
		return -EINVAL;
	*ret_t = first;
	return 0;
}

/* The first moment of the day whose midnight is @shown. */
static int from_day(time_t shown, time_t *ret_t)
{
	time_t first, last;

	if (from_shown(shown, ret_t) == 0)
		return 0;
	/* Clocks are set forward over midnight. The moment that happens at is between these. */
	interval_of(shown, &first, &last);
	while (first < last) {
		time_t middle = first + (last - first) / 2;

		if (shown_at(middle) < shown)
			first = middle + 1;
		else
			last = middle;
	}
	/* A whole day can be left out. */
	if (shown_at(first) >= shown + DAY_S)
		return -EINVAL;
	*ret_t = first;
	return 0;
}

/* The midnight at which the local day of @ns began, as it would be shown. */
static time_t midnight(uint64_t ns)
{
	time_t shown = shown_at(ns / NS_PER_S), second = shown % DAY_S;

	/* West of Greenwich the first hours of 1970 are before it. */
	return shown - (second < 0 ? second + DAY_S : second);
}

static bool skip(const char **p, const char *any_of)
{
	if (!**p || !strchr(any_of, **p))
		return false;
	(*p)++;
	return true;
}

/* @count digits at *@p, a number from @min to @max. */
static int read_digits(const char **p, unsigned count, int min, int max, int *ret_value)
{
	int v = 0;

	for (unsigned i = 0; i < count; i++, (*p)++) {
		if (**p < '0' || **p > '9')
			return -EINVAL;
		v = v * 10 + **p - '0';
	}
	if (v < min || v > max)
		return -EINVAL;
	*ret_value = v;
	return 0;
}

static int month_days(int year, int month)
{
	static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && leap);
}

/* "YYYY-MM-DD", as the midnight that is shown. */
static int read_date(const char **p, time_t *ret_shown)
{
	int year, month, day;

	if (read_digits(p, 4, 0, 9999, &year) < 0 || !skip(p, "-") ||
	    read_digits(p, 2, 1, 12, &month) < 0 || !skip(p, "-") ||
	    read_digits(p, 2, 1, month_days(year, month), &day) < 0)
		return -EINVAL;
	*ret_shown =
		timegm(&(struct tm){.tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day});
	return 0;
}

/* "HH:MM" or "HH:MM:SS", as seconds; *@ret_full tells whether the seconds were there. */
static int read_clock(const char **p, int *ret_s, bool *ret_full)
{
	int hour, minute, second = 0;
	bool full;

	if (read_digits(p, 2, 0, 23, &hour) < 0 || !skip(p, ":") ||
	    read_digits(p, 2, 0, 59, &minute) < 0)
		return -EINVAL;
	full = skip(p, ":");
	if (full && read_digits(p, 2, 0, 59, &second) < 0)
		return -EINVAL;
	*ret_s = hour * 3600 + minute * 60 + second;
	*ret_full = full;
	return 0;
}

/* ".123", any number of digits, of which nine count; none of it is 0. */
static int read_fraction(const char **p, uint64_t *ret_ns)
{
	uint64_t ns = 0, digit_ns = NS_PER_S / 10;

	if (!skip(p, ".")) {
		*ret_ns = 0;
		return 0;
	}
	if (strspn(*p, digits) == 0)
		return -EINVAL;
	for (; **p >= '0' && **p <= '9'; (*p)++, digit_ns /= 10)
		ns += (**p - '0') * digit_ns;
	*ret_ns = ns;
	return 0;
}

/* "Z", "+HH:MM" or "-HH:MM", as seconds east of Greenwich. */
static int read_zone(const char **p, int *ret_s)
{
	bool west = **p == '-';
	int hours, minutes;

	if (skip(p, "Zz")) {
		*ret_s = 0;
		return 0;
	}
	if (!skip(p, "+-") || read_digits(p, 2, 0, 23, &hours) < 0 || !skip(p, ":") ||
	    read_digits(p, 2, 0, 59, &minutes) < 0)
		return -EINVAL;
	*ret_s = (hours * 3600 + minutes * 60) * (west ? -1 : 1);
	return 0;
}

/* A moment between 1970 and what 64 bits hold. */
static int to_ns(time_t t, uint64_t fraction_ns, uint64_t *ret_ns)
{
	if (t < 0 || (uint64_t)t >= UINT64_MAX / NS_PER_S)
		return -EINVAL;
	*ret_ns = t * NS_PER_S + fraction_ns;
	return 0;
}

/* What follows a date and a full clock when it is no local time: RFC 3339's rest. */
static int parse_zoned(const char *p, time_t shown, uint64_t *ret_ns)
{
	uint64_t fraction_ns;
	int zone_s;

	if (read_fraction(&p, &fraction_ns) < 0 || read_zone(&p, &zone_s) < 0 || *p)
		return -EINVAL;
	return to_ns(shown - zone_s, fraction_ns, ret_ns);
}

static int parse_date(const char *p, uint64_t now_ns, uint64_t *ret_ns)
{
	time_t shown, t;
	bool full;
	int clock_s;

	if (read_date(&p, &shown) < 0)
		return -EINVAL;
	if (*p == '\0')
		return from_day(shown, &t) < 0 ? -EINVAL : to_ns(t, 0, ret_ns);
	if (!skip(&p, "Tt ") || read_clock(&p, &clock_s, &full) < 0)
		return -EINVAL;
	if (*p)
		return full ? parse_zoned(p, shown + clock_s, ret_ns) : -EINVAL;
	return from_shown(shown + clock_s, &t) < 0 ? -EINVAL : to_ns(t, 0, ret_ns);
}

static int parse_clock(const char *p, uint64_t now_ns, uint64_t *ret_ns)
{
	int clock_s;
	bool full;
	time_t t;

	if (read_clock(&p, &clock_s, &full) < 0 || *p ||
	    from_shown(midnight(now_ns) + clock_s, &t) < 0)
		return -EINVAL;
	return to_ns(t, 0, ret_ns);
}

static int parse_ago(const char *p, uint64_t now_ns, uint64_t *ret_ns)
{
	uint64_t span_ns;

	if (read_span(p, &span_ns) < 0 || span_ns > now_ns)
		return -EINVAL;
	*ret_ns = now_ns - span_ns;
	return 0;
}

static int parse_now(const char *p, uint64_t now_ns, uint64_t *ret_ns)
{
	*ret_ns = now_ns;
	return 0;
}

static int parse_today(const char *p, uint64_t now_ns, uint64_t *ret_ns)
{
	time_t t;

	return from_day(midnight(now_ns), &t) < 0 ? -EINVAL : to_ns(t, 0, ret_ns);
}

static int parse_yesterday(const char *p, uint64_t now_ns, uint64_t *ret_ns)
{
	time_t t;

	return from_day(midnight(now_ns) - DAY_S, &t) < 0 ? -EINVAL : to_ns(t, 0, ret_ns);
}

/* Each kind of text by a pattern for its start: 0 for a digit, $ for the end, else itself. */
static const struct {
	const char *pattern;
	int (*parse)(const char *p, uint64_t now_ns, uint64_t *ret_ns);
} kinds[] = {
	{"now$", parse_now},  {"today$", parse_today}, {"yesterday$", parse_yesterday},
	{"00:", parse_clock}, {"0000-", parse_date},   {"", parse_ago},
};

static bool begins_like(const char *text, const char *pattern)
{
	for (; *pattern; pattern++, text++) {
		bool fits = *pattern == '0'   ? *text >= '0' && *text <= '9'
			    : *pattern == '$' ? *text == '\0'
					      : *text == *pattern;

		if (!fits)
			return false;
	}
	return true;
}

int time_parse_point(const char *text, uint64_t now_ns, uint64_t *ret_realtime_ns)
{
	size_t i = 0;

	while (!begins_like(text, kinds[i].pattern))
		i++;
	return kinds[i].parse(text, now_ns, ret_realtime_ns);
}
