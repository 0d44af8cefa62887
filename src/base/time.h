/*
 * Time: clocks as nanoseconds, and points in time as people read and write them.
 */
#ifndef BASE_TIME_H
#define BASE_TIME_H

#include <stdint.h>
#include <time.h>

#define NS_PER_US UINT64_C(1000)
#define NS_PER_MS UINT64_C(1000000)
#define NS_PER_S UINT64_C(1000000000)

/* CLOCK_MONOTONIC, CLOCK_REALTIME, … in nanoseconds. Asserts that the clock exists. */
uint64_t time_now_ns(clockid_t clock);

/* Room for each text that the format functions write, NUL included. */
enum { TIME_TEXT_MAX = 48 };

/* RFC 3339 in the local zone with milliseconds: 2026-03-01T12:30:45.123+01:00. */
void time_format_iso(uint64_t realtime_ns, char out[TIME_TEXT_MAX]);

/*
 * For a table: "3 s ago", "12 min ago", "5 h ago", "3 d ago", "in 2 min", "now" for less than a
 * second; the local date for what is more than 30 days away. Parts of a unit are left out.
 */
void time_format_relative(uint64_t realtime_ns, uint64_t now_ns, char out[TIME_TEXT_MAX]);

/*
 * A span in two units at most: "850 ms", "4.2 s", "3 min 20 s", "2 h 5 min", "12 d 3 h", "2 h".
 * What does not fit is cut off, not rounded: "59.9 s" up to the minute.
 */
void time_format_span(uint64_t span_ns, char out[TIME_TEXT_MAX]);

/*
 * A point in time: "now", "today", "yesterday", a span before now ("90s", "15min", "2h", "3d",
 * "1w", also in combination "1h30min"), "HH:MM[:SS]" of today, "YYYY-MM-DD", "YYYY-MM-DD
 * HH:MM[:SS]" (also with a T between) in the local zone, or RFC 3339 with its own zone. -EINVAL
 * otherwise, and for what is before 1970 or does not fit in 64 bits.
 *
 * A day is its first moment, also where clocks are set forward over midnight. A time that the
 * local clock leaves out is an error, one that it shows twice is the first. A bare number is an
 * error here: nobody can tell a year from a span. There is no second 60.
 */
int time_parse_point(const char *text, uint64_t now_ns, uint64_t *ret_realtime_ns);

/*
 * A span with a unit: ns, us, ms, s, min, h, d, w, in combination; a bare number is seconds. A
 * combination goes from large to small without blanks, each unit once. -EINVAL for what is none,
 * -ERANGE when it is too long.
 */
int time_parse_span(const char *text, uint64_t *ret_span_ns);

#endif
