/*
 * Seconds and minutes of what was measured; see history.h.
 *
 * A second is known by its end, of CLOCK_BOOTTIME, and lies in a ring at that number modulo the
 * ring's size. The minute m has the seconds 60m + 1 to 60m + 60. It is made of them when the last
 * one of them is behind us, whether that was known or not.
 */
#include "pwrapis/history.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/def.h"
#include "base/time.h"

enum { MINUTE = 60, UJ_PER_J = 1000000 };

/* Seconds by which the clock may be off before points move. */
static const double clock_slack = 0.75;

struct minute {
	double min, mean, max;
	uint8_t known; /* seconds */
	uint8_t min_at, max_at; /* 1 to 60 */
};

/* Energy at the ends of slots, and at the beginning of the oldest one. */
struct totals {
	uint64_t seconds[HISTORY_SECONDS + 1];
	uint64_t minutes[HISTORY_MINUTES + 1];
};

struct series {
	bool begun;
	uint64_t first, last; /* seconds */
	uint64_t total_uj; /* up to the last one */
	double values[HISTORY_SECONDS];
	bool known[HISTORY_SECONDS];
	struct minute minutes[HISTORY_MINUTES];
	struct totals *totals; /* owned; NULL: not of power */
};

/* ---- the clock ---- */

void history_clock_look(struct history_clock *c, uint64_t boot_ns, uint64_t real_ns)
{
	double ahead = (double)((int64_t)(real_ns - boot_ns)) / NS_PER_S;

	if (c->looked && fabs(ahead - (double)c->ahead) <= clock_slack)
		return;
	c->looked = true;
	c->ahead = llround(ahead);
}

uint64_t history_clock_real(const struct history_clock *c, uint64_t second)
{
	int64_t real = (int64_t)second + c->ahead;

	return real > 0 ? (uint64_t)real * NS_PER_S : 0;
}

uint64_t history_clock_second(const struct history_clock *c, uint64_t real_ns)
{
	int64_t second = (int64_t)(real_ns / NS_PER_S) - c->ahead;

	return second > 0 ? second : 0;
}

/* ---- a series ---- */

struct series *series_new(bool power)
{
	struct series *s = calloc(1, sizeof(*s));

	if (s && power) {
		s->totals = calloc(1, sizeof(*s->totals));
		if (!s->totals)
			free(take_ptr(s));
	}
	return s;
}

void series_free(struct series *s)
{
	if (!s)
		return;
	free(s->totals);
	free(s);
}

void series_free_p(struct series **s)
{
	series_free(*s);
}

/* ---- sums over slots ---- */

static const struct history_statistics nothing = {.joules = NAN};

static void add_slots(struct history_statistics *sum, const struct history_statistics *slot)
{
	unsigned known = sum->known + slot->known;

	if (!slot->known)
		return;
	if (!sum->known || slot->min < sum->min) {
		sum->min = slot->min;
		sum->min_second = slot->min_second;
	}
	if (!sum->known || slot->max > sum->max) {
		sum->max = slot->max;
		sum->max_second = slot->max_second;
	}
	sum->mean = (sum->mean * sum->known + slot->mean * slot->known) / known;
	sum->known = known;
}

static bool is_kept(const struct series *s, uint64_t second)
{
	return s->begun && second >= s->first && second <= s->last &&
	       s->last - second < HISTORY_SECONDS;
}

static void add_seconds(const struct series *s, uint64_t from, uint64_t to,
			struct history_statistics *sum)
{
	for (uint64_t k = from; k <= to; k++) {
		double value = s->values[k % HISTORY_SECONDS];

		if (is_kept(s, k) && s->known[k % HISTORY_SECONDS])
			add_slots(sum, &(struct history_statistics){
					       .known = 1,
					       .min = value,
					       .mean = value,
					       .max = value,
					       .min_second = k,
					       .max_second = k,
				       });
	}
}

/* The minutes that are over: so many since the boot. */
static uint64_t minutes_over(const struct series *s)
{
	return s->last / MINUTE;
}

static void add_minutes(const struct series *s, uint64_t from, uint64_t to,
			struct history_statistics *sum)
{
	uint64_t over = minutes_over(s),
		 oldest = over > HISTORY_MINUTES ? over - HISTORY_MINUTES : 0;

	if (from < oldest)
		from = oldest;
	for (uint64_t m = from; m < to && m < over; m++) {
		const struct minute *minute = &s->minutes[m % HISTORY_MINUTES];

		add_slots(sum, &(struct history_statistics){
				       .known = minute->known,
				       .min = minute->min,
				       .mean = minute->mean,
				       .max = minute->max,
				       .min_second = m * MINUTE + minute->min_at,
				       .max_second = m * MINUTE + minute->max_at,
			       });
	}
}

/* ---- adding ---- */

static void close_minute(struct series *s, uint64_t minute)
{
	struct history_statistics sum = nothing;

	add_seconds(s, minute * MINUTE + 1, (minute + 1) * MINUTE, &sum);
	s->minutes[minute % HISTORY_MINUTES] = (struct minute){
		.min = sum.min,
		.mean = sum.mean,
		.max = sum.max,
		.known = sum.known,
		.min_at = sum.min_second - minute * MINUTE,
		.max_at = sum.max_second - minute * MINUTE,
	};
	if (s->totals)
		s->totals->minutes[(minute + 1) % (HISTORY_MINUTES + 1)] = s->total_uj;
}

/* The next second; @value NULL: it is not known. */
static void append(struct series *s, const double *value)
{
	size_t slot;

	s->last++;
	slot = s->last % HISTORY_SECONDS;
	s->known[slot] = value;
	s->values[slot] = value ? *value : 0;
	if (s->totals)
		s->totals->seconds[s->last % (HISTORY_SECONDS + 1)] = s->total_uj;
	if (s->last % MINUTE == 0)
		close_minute(s, s->last / MINUTE - 1);
}

/* Nothing that is kept would be left of the time before. */
static void begin(struct series *s, uint64_t second)
{
	memset(s->minutes, 0, sizeof(s->minutes));
	memset(s->known, 0, sizeof(s->known));
	if (s->totals)
		memset(s->totals, 0, sizeof(*s->totals));
	s->begun = true;
	s->total_uj = 0;
	s->first = second;
	s->last = second - 1;
}

int series_add(struct series *s, uint64_t second, double value, uint64_t used_uj)
{
	if (second == 0 || (s->begun && second < s->last))
		return -EINVAL;
	if (s->begun && second == s->last) {
		s->total_uj += used_uj;
		if (s->totals)
			s->totals->seconds[second % (HISTORY_SECONDS + 1)] = s->total_uj;
		return 0;
	}
	if (!s->begun || second - s->last > HISTORY_MINUTES * MINUTE)
		begin(s, second);
	while (s->last + 1 < second)
		append(s, NULL);
	s->total_uj += used_uj;
	append(s, &value);
	return 0;
}

/* ---- telling ---- */

static uint64_t round_up(uint64_t number, uint64_t step)
{
	return (number + step - 1) / step * step;
}

/* What is told of steps, and from which rings. */
static void choose_step(const struct series *s, uint64_t now, uint64_t since, uint64_t *step)
{
	bool minutes = since + HISTORY_SECONDS < now;

	if (*step == 0)
		*step = minutes ? MINUTE : 1;
	else if (minutes)
		*step = round_up(*step, MINUTE);
}

size_t series_points(const struct series *s, uint64_t now, uint64_t since, uint64_t *step,
		     struct history_point points[HISTORY_POINTS_MAX])
{
	size_t count = 0;

	if (s->begun && since < s->first)
		since = s->first - 1;
	choose_step(s, now, since, step);
	if (since + HISTORY_MINUTES * MINUTE < now)
		since = now - HISTORY_MINUTES * MINUTE;
	for (uint64_t end = since / *step * *step + *step; s->begun && end <= s->last;
	     end += *step) {
		struct history_statistics sum = nothing;

		if (*step % MINUTE == 0)
			add_minutes(s, (end - *step) / MINUTE, end / MINUTE, &sum);
		else
			add_seconds(s, end - *step + 1, end, &sum);
		if (sum.known && end <= now && count < HISTORY_POINTS_MAX)
			points[count++] = (struct history_point){end, sum.min, sum.mean, sum.max};
	}
	return count;
}

/* Energy up to @second, which is in the ring of seconds or the end of a minute. */
static uint64_t total_at(const struct series *s, uint64_t second)
{
	if (second < s->first)
		return 0;
	if (second >= s->last)
		return s->total_uj;
	if (s->last - second <= HISTORY_SECONDS)
		return s->totals->seconds[second % (HISTORY_SECONDS + 1)];
	return s->totals->minutes[second / MINUTE % (HISTORY_MINUTES + 1)];
}

/* The last second before the window. */
static uint64_t window_begin(const struct series *s, uint64_t now, uint64_t window)
{
	uint64_t most = HISTORY_MINUTES * MINUTE, begin;

	if (window == 0 || window > most)
		window = most;
	begin = now > window ? now - window : 0;
	if (window > HISTORY_SECONDS)
		begin -= begin % MINUTE;
	/* The oldest minute that is kept. */
	if (minutes_over(s) > HISTORY_MINUTES &&
	    begin < (minutes_over(s) - HISTORY_MINUTES) * MINUTE)
		begin = (minutes_over(s) - HISTORY_MINUTES) * MINUTE;
	return begin;
}

void series_statistics(const struct series *s, uint64_t now, uint64_t window,
		       struct history_statistics *ret_statistics)
{
	struct history_statistics sum = nothing;
	uint64_t from, over = minutes_over(s);

	if (s->begun) {
		from = window_begin(s, now, window);
		if (window && window <= HISTORY_SECONDS) {
			add_seconds(s, from + 1, s->last, &sum);
		} else {
			add_minutes(s, from / MINUTE, over, &sum);
			add_seconds(s, over * MINUTE + 1, s->last, &sum);
		}
		if (s->totals && sum.known)
			sum.joules = (double)(s->total_uj - total_at(s, from)) / UJ_PER_J;
	}
	*ret_statistics = sum;
}
