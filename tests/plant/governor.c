/*
 * What decides on the frequency of a policy, as the kernel's governors of these names do.
 */
#include <math.h>

#include "model.h"

/* The margin of schedutil: a processor that is busy for 80 % gets the next frequency. */
static const double schedutil_margin = 1.25;

const char *const governor_names[GOVERNORS] = {
	[GOVERNOR_PERFORMANCE] = "performance", [GOVERNOR_POWERSAVE] = "powersave",
	[GOVERNOR_USERSPACE] = "userspace",	[GOVERNOR_ONDEMAND] = "ondemand",
	[GOVERNOR_SCHEDUTIL] = "schedutil",
};

static uint32_t highest(const struct model *m)
{
	return m->params.khz[m->params.freq_count - 1];
}

static double busiest(const struct model *m, const struct policy *p)
{
	double most = 0;

	for (unsigned i = p->first; i < p->first + p->count; i++)
		if (m->cpus[i].online && m->cpus[i].busy > most)
			most = m->cpus[i].busy;
	return most;
}

static double want_performance(const struct model *m, const struct policy *p)
{
	return p->max_khz;
}

static double want_powersave(const struct model *m, const struct policy *p)
{
	return p->min_khz;
}

static double want_userspace(const struct model *m, const struct policy *p)
{
	return p->speed_khz;
}

static double want_ondemand(const struct model *m, const struct policy *p)
{
	double load = p->util / (p->khz / highest(m));

	if (load > p->up_threshold || busiest(m, p) >= 1)
		return p->max_khz;
	return p->min_khz + load * (p->max_khz - p->min_khz);
}

static double want_schedutil(const struct model *m, const struct policy *p)
{
	return schedutil_margin * p->util * highest(m);
}

static double (*const want[GOVERNORS])(const struct model *m, const struct policy *p) = {
	[GOVERNOR_PERFORMANCE] = want_performance, [GOVERNOR_POWERSAVE] = want_powersave,
	[GOVERNOR_USERSPACE] = want_userspace,	   [GOVERNOR_ONDEMAND] = want_ondemand,
	[GOVERNOR_SCHEDUTIL] = want_schedutil,
};

/* The lowest frequency of the table that is no lower and within the range; else the highest of the
 * range. */
static uint32_t pick(const struct model *m, const struct policy *p, double khz)
{
	uint32_t best = 0;

	for (unsigned i = 0; i < m->params.freq_count; i++) {
		uint32_t one = m->params.khz[i];

		if (one < p->min_khz || one > p->max_khz)
			continue;
		best = one;
		if (one >= khz)
			break;
	}
	/* A range between two frequencies of the table has none: its upper end counts. */
	return best ? best : p->max_khz;
}

void governor_kick(struct model *m, struct policy *p)
{
	p->target_khz = pick(m, p, want[p->governor](m, p));
	p->next_ns = m->now_ns + UINT64_C(1000) * p->rate_us;
}

void governor_run(struct model *m, struct policy *p)
{
	if (m->now_ns >= p->next_ns)
		governor_kick(m, p);
}
