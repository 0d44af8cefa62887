/*
 * What is written into the rings; see rings.h.
 *
 * A fresh sample reads /proc/stat, and ten times a second power; frequencies are those of the last
 * beat, since each is a file. Usage is over the last 70 to 80 ms: the kernel counts in steps of 10.
 */
#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "base/def.h"
#include "base/time.h"
#include "pwrapis/catalogue.h"
#include "pwrapis/machine/backend.h"
#include "pwrapis/pwrapis.h"
#include "pwrapis/reading.h"
#include "pwrapis/ringsint.h"

enum {
	FRESH_MS = 10,
	FRESH_MAX_MS = 1000,
	FRESH_SLOTS = 128,
	COARSE_SLOTS = 64,
	POWER_MS = 100,
	WINDOW_MS = 70,
	STEP_MS = 9,
	WARM_UP = 8, /* samples */
	/* A sample may cost this share of the time to the next: with waking up, one percent. */
	COST_PER_MILLE = 8,
};

static_assert((int)POWERRING_BOARD == POWER_PART_BOARD &&
		      (int)POWERRING_PROCESSORS == POWER_PART_CPU &&
		      (int)POWERRING_MEMORY == POWER_PART_MEMORY,
	      "parts of the machine in their order");

/* ---- filling a sample ---- */

/* What a sample tells of processors, by their numbers. */
struct usage_told {
	const double *cpus; /* -1: unknown */
	size_t count;
	double mean;
};

static double rounded(enum power_unit unit, double number, bool coarse)
{
	return coarse ? reading_round(unit, number) : number;
}

static void fill_power(const struct power *p, bool coarse, struct powerring_sample *s)
{
	for (int part = 0; part < POWER_PARTS; part++) {
		double joules = (double)p->total_uj[part] / 1e6;

		if (!isnan(p->watts[part])) {
			s->watts[part] = rounded(POWER_WATTS, p->watts[part], coarse);
			s->known |= (uint64_t)POWERRING_BOARD_WATTS << part;
		}
		if (p->total_uj[part]) {
			s->joules[part] = rounded(POWER_JOULES, joules, coarse);
			s->known |= (uint64_t)POWERRING_BOARD_JOULES << part;
		}
	}
	s->power_ns = p->at_ns;
}

static void fill_cpus(const struct frequency *f, const struct usage_told *u, bool coarse,
		      struct powerring_cpu *cpus, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		double khz = frequency_of_cpu(f, i) / 1000;

		cpus[i] = (struct powerring_cpu){};
		if (u && i < u->count && u->cpus[i] >= 0) {
			cpus[i].usage = (uint16_t)lround(
				10000 * rounded(POWER_FRACTION, u->cpus[i], coarse));
			cpus[i].known |= POWERRING_CPU_USAGE;
		}
		if (khz > 0 && khz < UINT32_MAX) {
			cpus[i].khz = (uint32_t)lround(khz);
			cpus[i].known |= POWERRING_CPU_FREQUENCY;
		}
	}
}

/* @u NULL: usage is not known. */
static void write_sample(struct rings *r, enum ring_kind kind, const struct power *power,
			 const struct usage_told *u)
{
	static struct powerring_cpu cpus[POWERRING_CPUS_MAX];
	bool coarse = kind == RING_COARSE;
	struct powerring_sample s = {
		.monotonic_ns = time_now_ns(CLOCK_MONOTONIC),
		.realtime_ns = time_now_ns(CLOCK_REALTIME),
	};

	if (power->at_ns)
		fill_power(power, coarse, &s);
	if (u) {
		s.usage = rounded(POWER_FRACTION, u->mean, coarse);
		s.known |= POWERRING_USAGE;
	}
	fill_cpus(&r->p->frequency, u, coarse, cpus, ring_cpu_count(r->rings[kind]));
	ring_write(r->rings[kind], &s, cpus);
}

/* ---- the fresh one ---- */

static void write_fresh(struct rings *r)
{
	static double cpus[POWERRING_CPUS_MAX];
	uint64_t now_ns = time_now_ns(CLOCK_MONOTONIC);
	struct usage_told u = {.cpus = cpus};
	int e = -EOPNOTSUPP;

	if (now_ns - r->looked_ns >= POWER_MS * NS_PER_MS) {
		r->looked_ns = now_ns;
		powerlook_begin(&r->look);
	}
	if (r->usage)
		e = usage_read(r->usage, now_ns, WINDOW_MS * NS_PER_MS, cpus, ARRAY_SIZE(cpus),
			       &u.mean, &u.count);
	write_sample(r, RING_FRESH, &r->power, e == 0 ? &u : NULL);
}

static uint64_t period_for(double cost_ns)
{
	double ms = cost_ns * 1000 / COST_PER_MILLE / NS_PER_MS;

	return ms < FRESH_MS ? FRESH_MS : ms > FRESH_MAX_MS ? FRESH_MAX_MS : (uint64_t)ceil(ms);
}

static void on_timer(uv_timer_t *timer)
{
	struct rings *r = timer->data;
	uint64_t begin_ns = time_now_ns(CLOCK_THREAD_CPUTIME_ID), cost_ns;

	write_fresh(r);
	/* The first ones touch memory for the first time. */
	if (r->warm_up) {
		r->warm_up--;
		return;
	}
	cost_ns = time_now_ns(CLOCK_THREAD_CPUTIME_ID) - begin_ns;
	r->cost_ns += ((double)cost_ns - r->cost_ns) / 16;
	if (period_for(r->cost_ns) == r->period_ms)
		return;
	r->period_ms = period_for(r->cost_ns);
	ring_set_period(r->rings[RING_FRESH], r->period_ms * NS_PER_MS);
	uv_timer_set_repeat(&r->timer, r->period_ms);
}

static void start_fresh(struct rings *r)
{
	if (!r->usage && usage_new(r->p->daemon->root_fd, &r->usage) == 0)
		usage_set_step(r->usage, STEP_MS * NS_PER_MS);
	power_look(&r->power, r->p->machine);
	r->period_ms = FRESH_MS;
	r->cost_ns = 0;
	r->warm_up = WARM_UP;
	ring_set_period(r->rings[RING_FRESH], r->period_ms * NS_PER_MS);
	uv_timer_start(&r->timer, on_timer, 0, r->period_ms);
}

/* ---- the coarse one ---- */

static void write_coarse(struct rings *r)
{
	struct usage_told u;
	int e = catalogue_usage(r->p, &u.cpus, &u.count, &u.mean);

	write_sample(r, RING_COARSE, &r->p->power, e == 0 ? &u : NULL);
}

/* ---- who reads ---- */

/* One more than the highest number. */
static unsigned count_cpus(const struct machine *m)
{
	unsigned count = 0;

	for (unsigned i = 0; i < machine_count(m, POWER_CPU); i++) {
		int n = machine_numbered(machine_name(m, POWER_CPU, i), "cpu", POWERRING_CPUS_MAX);

		if (n >= 0 && (unsigned)n >= count)
			count = n + 1;
	}
	return count;
}

int rings_attach(struct rings *r, enum ring_kind kind)
{
	static const struct {
		unsigned slots;
		uint64_t period_ns;
	} sizes[RING_KINDS] = {
		[RING_FRESH] = {FRESH_SLOTS, FRESH_MS * NS_PER_MS},
		[RING_COARSE] = {COARSE_SLOTS, NS_PER_S},
	};
	int e = 0;

	if (!r->rings[kind])
		e = ring_new(count_cpus(r->p->machine), sizes[kind].slots, kind == RING_COARSE,
			     sizes[kind].period_ns, &r->rings[kind]);
	if (e < 0)
		return e;
	if (r->readers[kind]++)
		return 0;
	if (kind == RING_FRESH)
		start_fresh(r);
	else
		write_coarse(r);
	return 0;
}

void rings_detach(struct rings *r, enum ring_kind kind)
{
	if (--r->readers[kind] == 0 && kind == RING_FRESH)
		uv_timer_stop(&r->timer);
}

void rings_check_access(struct rings *r)
{
	who_refresh(&r->p->who, uv_now(&r->p->daemon->loop));
	if (r->load_count == r->p->who.load_count)
		return;
	r->load_count = r->p->who.load_count;
	rings_drop_all(r);
	for (int kind = 0; kind < RING_KINDS; kind++)
		ring_free(take_ptr(r->rings[kind]));
}

void rings_beat(struct pwrapis *p)
{
	struct rings *r = p->rings;

	if (!r || p->stopping || !r->attached_count)
		return;
	rings_check_access(r);
	if (r->readers[RING_COARSE])
		write_coarse(r);
}

void rings_look(struct pwrapis *p)
{
	if (!p->rings)
		return;
	powerlook_forget(&p->rings->look);
	power_look(&p->rings->power, p->machine);
}

void rings_lost(struct pwrapis *p)
{
	if (p->rings)
		powerlook_forget(&p->rings->look);
}

bool rings_are_looking(const struct pwrapis *p)
{
	return p->rings && p->rings->look.waiting;
}

void rings_deinit(struct rings *r)
{
	for (int kind = 0; kind < RING_KINDS; kind++)
		ring_free(take_ptr(r->rings[kind]));
	usage_free(r->usage);
	powerlook_forget(&r->look);
	power_deinit(&r->power);
}
