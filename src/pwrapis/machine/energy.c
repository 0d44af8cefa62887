/*
 * Energy from a counter that starts anew; see energy.h.
 */
#include "pwrapis/machine/energy.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "base/def.h"
#include "base/time.h"

enum { UJ_PER_J = 1000000 };

/* A counter may lag behind: what was used before the last reading may show after it. */
static const double lag_seconds = 0.1;

/* A reading, and what is known of the time before it. */
struct mark {
	uint64_t at_ns;
	uint64_t total_uj; /* known up to here */
	bool known;
};

struct energy {
	double max_watts;
	bool started;
	uint64_t raw_uj, range_uj; /* of the last reading of a counter */
	double watts; /* of the last reading of a meter */
	struct energy_statistics statistics;
	size_t room, count, next; /* of marks: a ring, whose last one is the last reading */
	struct mark marks[];
};

int energy_new(double max_watts, size_t points, struct energy **ret_energy)
{
	struct energy *e;

	if (!(max_watts > 0) || points < 2 || points > SIZE_MAX / sizeof(struct mark) / 2)
		return -EINVAL;
	/* An interval has two ends. */
	e = calloc(1, sizeof(*e) + (points + 1) * sizeof(e->marks[0]));
	if (!e)
		return -ENOMEM;
	e->max_watts = max_watts;
	e->room = points + 1;
	*ret_energy = e;
	return 0;
}

void energy_free(struct energy *e)
{
	free(e);
}

void energy_free_p(struct energy **e)
{
	energy_free(*e);
}

/* The @back-th mark before the last one: < count. */
static const struct mark *mark_at(const struct energy *e, size_t back)
{
	return &e->marks[(e->next + 2 * e->room - 1 - back) % e->room];
}

static void add_mark(struct energy *e, struct mark mark)
{
	e->marks[e->next] = mark;
	e->next = (e->next + 1) % e->room;
	if (e->count < e->room)
		e->count++;
}

static double seconds_between(uint64_t from_ns, uint64_t to_ns)
{
	return (double)(to_ns - from_ns) / NS_PER_S;
}

static void add_statistics(struct energy_statistics *s, double joules, double seconds)
{
	double watts = joules / seconds;

	s->min_watts = s->intervals == 0 || watts < s->min_watts ? watts : s->min_watts;
	s->max_watts = s->intervals == 0 || watts > s->max_watts ? watts : s->max_watts;
	s->joules += joules;
	s->seconds += seconds;
	s->intervals++;
}

/* Ends an interval. */
static void add_interval(struct energy *e, uint64_t now_ns, bool known, uint64_t used_uj)
{
	const struct mark *last = mark_at(e, 0);
	double seconds = seconds_between(last->at_ns, now_ns);

	if (known)
		add_statistics(&e->statistics, (double)used_uj / UJ_PER_J, seconds);
	else
		e->statistics.unknown_seconds += seconds;
	add_mark(e, (struct mark){now_ns, last->total_uj + (known ? used_uj : 0), known});
}

/* Whether it is known how far the counter went, and @ret_used_uj. */
static bool is_known(const struct energy *e, uint64_t raw_uj, uint64_t range_uj, double seconds,
		     uint64_t *ret_used_uj)
{
	double most_uj = e->max_watts * UJ_PER_J * (seconds + lag_seconds);

	if (range_uj != e->range_uj || (range_uj && most_uj >= range_uj))
		return false;
	if (raw_uj < e->raw_uj && !range_uj)
		return false;
	*ret_used_uj = raw_uj >= e->raw_uj ? raw_uj - e->raw_uj : range_uj - e->raw_uj + raw_uj;
	return *ret_used_uj <= most_uj;
}

uint64_t energy_microjoules(double joules)
{
	double uj = round(joules * UJ_PER_J);

	return uj >= 0x1p64 ? UINT64_MAX : uj > 0 ? (uint64_t)uj : 0;
}

/* The first reading begins the first interval. */
static bool start(struct energy *e, uint64_t now_ns)
{
	if (e->started)
		return false;
	e->started = true;
	add_mark(e, (struct mark){.at_ns = now_ns});
	return true;
}

int energy_update(struct energy *e, uint64_t raw_uj, uint64_t range_uj, uint64_t now_ns)
{
	uint64_t last_ns = mark_at(e, 0)->at_ns, used_uj = 0;

	if (range_uj && raw_uj > range_uj)
		return -EBADMSG;
	if (e->started && now_ns < last_ns)
		return -EINVAL;
	if (e->started && now_ns - last_ns < ENERGY_STEP_NS)
		return 0;
	if (!start(e, now_ns)) {
		bool known =
			is_known(e, raw_uj, range_uj, seconds_between(last_ns, now_ns), &used_uj);

		add_interval(e, now_ns, known, used_uj);
	}
	e->raw_uj = raw_uj;
	e->range_uj = range_uj;
	return 0;
}

int energy_measure(struct energy *e, double watts, uint64_t longest_ns, uint64_t now_ns)
{
	uint64_t last_ns = mark_at(e, 0)->at_ns;
	double used_uj;

	if (!(watts >= 0) || watts > e->max_watts)
		return -EBADMSG;
	if (e->started && now_ns < last_ns)
		return -EINVAL;
	if (e->started && now_ns - last_ns < ENERGY_STEP_NS)
		return 0;
	if (!start(e, now_ns)) {
		used_uj = (watts + e->watts) / 2 * seconds_between(last_ns, now_ns) * UJ_PER_J;
		add_interval(e, now_ns, now_ns - last_ns <= longest_ns, llround(used_uj));
	}
	e->watts = watts;
	return 0;
}

double energy_joules(const struct energy *e)
{
	return (double)mark_at(e, 0)->total_uj / UJ_PER_J;
}

int energy_mean(const struct energy *e, uint64_t window_ns, double *ret_watts)
{
	const struct mark *last = mark_at(e, 0);

	for (size_t back = 1; back < e->count && mark_at(e, back - 1)->known; back++) {
		const struct mark *first = mark_at(e, back);

		if (last->at_ns - first->at_ns < window_ns)
			continue;
		*ret_watts = (double)(last->total_uj - first->total_uj) / UJ_PER_J /
			     seconds_between(first->at_ns, last->at_ns);
		return 0;
	}
	return -ENODATA;
}

int energy_statistics(const struct energy *e, struct energy_statistics *ret_statistics)
{
	if (!e->statistics.intervals)
		return -ENODATA;
	*ret_statistics = e->statistics;
	ret_statistics->mean_watts = e->statistics.joules / e->statistics.seconds;
	return 0;
}

void energy_reset_statistics(struct energy *e)
{
	e->statistics = (struct energy_statistics){};
}

size_t energy_history(const struct energy *e, size_t max, struct energy_point *points)
{
	size_t intervals = e->count ? e->count - 1 : 0;
	size_t count = intervals < max ? intervals : max;

	for (size_t i = 0; i < count; i++) {
		const struct mark *end = mark_at(e, count - 1 - i), *begin = mark_at(e, count - i);
		double joules = (double)(end->total_uj - begin->total_uj) / UJ_PER_J;

		points[i] = (struct energy_point){
			end->at_ns, end->known,
			end->known ? joules / seconds_between(begin->at_ns, end->at_ns) : 0};
	}
	return count;
}
