/*
 * Clocks, and time as text for people; see time.h.
 */
#include "base/time.h"

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/def.h"

uint64_t time_now_ns(clockid_t clock)
{
	struct timespec ts;
	int r = clock_gettime(clock, &ts);

	assert(r == 0);
	return ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

void time_format_iso(uint64_t realtime_ns, char out[TIME_TEXT_MAX])
{
	time_t t = realtime_ns / NS_PER_S;
	long minutes;
	struct tm tm;
	size_t len;

	localtime_r(&t, &tm);
	/* Some zones had seconds in their offset, which RFC 3339 has no place for. What is written
	 * is the clock of the offset that is written. */
	minutes = tm.tm_gmtoff / 60;
	t += minutes * 60;
	gmtime_r(&t, &tm);
	len = strftime(out, TIME_TEXT_MAX, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(out + len, TIME_TEXT_MAX - len, ".%03u%c%02ld:%02ld",
		 (unsigned)(realtime_ns % NS_PER_S / NS_PER_MS), minutes < 0 ? '-' : '+',
		 labs(minutes) / 60, labs(minutes) % 60);
}

/* Each unit, and how many of the one below it makes. */
static const struct {
	const char *name;
	uint64_t ns;
} units[] = {
	{"d", 86400 * NS_PER_S},
	{"h", 3600 * NS_PER_S},
	{"min", 60 * NS_PER_S},
	{"s", NS_PER_S},
	{"ms", NS_PER_MS},
	{"us", NS_PER_US},
	{"ns", 1},
};

enum { DAY, HOUR, MINUTE, SECOND };

/* The largest unit that @ns has one of; that of seconds for none at all. */
static size_t unit_of(uint64_t ns)
{
	size_t i = DAY;

	if (ns == 0)
		return SECOND;
	while (ns < units[i].ns)
		i++;
	return i;
}

void time_format_relative(uint64_t realtime_ns, uint64_t now_ns, char out[TIME_TEXT_MAX])
{
	bool future = realtime_ns > now_ns;
	uint64_t span = future ? realtime_ns - now_ns : now_ns - realtime_ns;
	time_t t = realtime_ns / NS_PER_S;
	size_t unit = unit_of(span);
	struct tm tm;

	if (span < NS_PER_S) {
		snprintf(out, TIME_TEXT_MAX, "now");
	} else if (span > 30 * units[DAY].ns) {
		localtime_r(&t, &tm);
		strftime(out, TIME_TEXT_MAX, "%Y-%m-%d", &tm);
	} else {
		snprintf(out, TIME_TEXT_MAX, future ? "in %u %s" : "%u %s ago",
			 (unsigned)(span / units[unit].ns), units[unit].name);
	}
}

void time_format_span(uint64_t span_ns, char out[TIME_TEXT_MAX])
{
	size_t unit = unit_of(span_ns);
	uint64_t count = span_ns / units[unit].ns, rest = span_ns % units[unit].ns;

	if (unit == SECOND && span_ns) {
		snprintf(out, TIME_TEXT_MAX, "%u.%u s", (unsigned)count,
			 (unsigned)(rest / (NS_PER_S / 10)));
		return;
	}
	if (unit < SECOND && rest >= units[unit + 1].ns) {
		snprintf(out, TIME_TEXT_MAX, "%u %s %u %s", (unsigned)count, units[unit].name,
			 (unsigned)(rest / units[unit + 1].ns), units[unit + 1].name);
		return;
	}
	snprintf(out, TIME_TEXT_MAX, "%u %s", (unsigned)count, units[unit].name);
}
