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

/* CLOCK_MONOTONIC, CLOCK_REALTIME, CLOCK_BOOTTIME, … in nanoseconds. Asserts that the clock exists. */
uint64_t time_now_ns(clockid_t clock);

/* Room for each text that the format functions write, NUL included. */
enum { TIME_TEXT_MAX = 48 };

/* RFC 3339 in the local zone with milliseconds: 2026-03-01T12:30:45.123+01:00. */
void time_format_iso(uint64_t realtime_ns, char out[TIME_TEXT_MAX]);

/* For a table: "3 s ago", "12 min ago", "5 h ago", "3 d ago", "in 2 min"; older than 30 days the date. */
void time_format_relative(uint64_t realtime_ns, uint64_t now_ns, char out[TIME_TEXT_MAX]);

/* A span in two units at most: "850 ms", "4.2 s", "3 min 20 s", "2 h 5 min", "12 d 3 h". */
void time_format_span(uint64_t span_ns, char out[TIME_TEXT_MAX]);

/*
 * A point in time: "now", "today", "yesterday", a span before now ("90s", "15min", "2h", "3d",
 * "1w", also in combination "1h30min"), "HH:MM[:SS]" of today, "YYYY-MM-DD", "YYYY-MM-DD HH:MM[:SS]"
 * (also with a T between) in the local zone, or RFC 3339 with its own zone. -EINVAL otherwise.
 */
int time_parse_point(const char *text, uint64_t now_ns, uint64_t *ret_realtime_ns);

/* A span with a unit: ns, us, ms, s, min, h, d, w, in combination; a bare number is seconds. */
int time_parse_span(const char *text, uint64_t *ret_span_ns);

#endif
