/*
 * One step of the machine after another; see model.h.
 */
#include "model.h"

#include <errno.h>
#include <math.h>
#include <string.h>

/* How strongly a limit makes up for what its mean is above or below it. */
static const double limit_gain = 1.5;
/* Load as governors see it, and what a processor's wake-ups cost in deep sleep. */
static const double util_lag_s = 0.032, idle_period_s = 0.005;
static const double step_s = MODEL_STEP_NS * 1e-9;

enum { METER_INTERVAL_NS = 50 * 1000 * 1000, GOVERNOR_RATE_US = 10000 };

/* ---- questions ---- */

double model_max_ghz(const struct model *m)
{
	return m->params.khz[m->params.freq_count - 1] * 1e-6;
}

unsigned model_package_of(const struct model *m, unsigned cpu)
{
	return cpu / (m->shape.cpus / m->shape.packages);
}

struct policy *model_policy_of(struct model *m, unsigned cpu)
{
	return &m->policies[cpu / m->shape.policy_cpus];
}

bool model_policy_online(const struct model *m, const struct policy *p)
{
	for (unsigned i = p->first; i < p->first + p->count; i++)
		if (m->cpus[i].online)
			return true;
	return false;
}

double model_speed(struct model *m, unsigned cpu)
{
	return model_policy_of(m, cpu)->khz * 1e-6 / model_max_ghz(m);
}

uint64_t model_energy_uj(const struct model *m, double joules)
{
	uint64_t units = joules * 1e6 / m->params.energy_unit_uj;

	return units % m->params.energy_units * m->params.energy_unit_uj;
}

uint64_t model_energy_range_uj(const struct model *m)
{
	return (m->params.energy_units - 1) * m->params.energy_unit_uj;
}

/* ---- the start ---- */

static void start_policies(struct model *m)
{
	const struct params *p = &m->params;

	m->policy_count = m->shape.cpus / m->shape.policy_cpus;
	for (unsigned i = 0; i < m->policy_count; i++)
		m->policies[i] = (struct policy){
			.first = i * m->shape.policy_cpus,
			.count = m->shape.policy_cpus,
			.package = model_package_of(m, i * m->shape.policy_cpus),
			.governor = GOVERNOR_SCHEDUTIL,
			.min_khz = p->khz[0],
			.max_khz = p->khz[p->freq_count - 1],
			.speed_khz = p->khz[0],
			.target_khz = p->khz[0],
			.khz = p->khz[0],
			.rate_us = GOVERNOR_RATE_US,
			.up_threshold = 0.95,
		};
}

static void start_packages(struct model *m)
{
	double design = round(0.9 * m->params.nominal_w);

	for (unsigned i = 0; i < m->shape.packages; i++)
		m->packages[i] = (struct package){
			.limits = {{.limit_w = design, .window_s = 1},
				   {.limit_w = round(1.25 * design), .window_s = 0.00244140625}},
			.enabled = true,
			.clamp = 1,
			.heat_clamp = 1,
			.temp_c = m->params.air_c + 15,
		};
}

static void start_board(struct model *m)
{
	const struct params *p = &m->params;
	double sum = m->shape.packages * (p->nominal_w + p->memory_idle_w) +
		     m->shape.cpus * p->memory_work_w + p->fan_w;

	m->cap_max_w = ceil(p->board_w + sum / p->efficiency);
	m->cap_min_w = ceil(p->board_w + 0.25 * sum);
	m->cap = (struct limiter){.limit_w = m->cap_max_w, .window_s = 0.5};
	m->cap_clamp = 1;
	m->fan_mode = FAN_AUTOMATIC;
	m->fan_level = m->fan_speed = 0.3;
	m->meter.interval_s = 1;
}

int model_init(struct model *m, const struct shape *shape)
{
	struct dice d = {shape->seed};

	if (!shape->cpus || shape->cpus > MODEL_CPUS_MAX || !shape->packages ||
	    shape->packages > MODEL_PACKAGES_MAX || shape->cpus % shape->packages ||
	    !shape->policy_cpus || shape->cpus / shape->packages % shape->policy_cpus)
		return -EINVAL;
	*m = (struct model){.shape = *shape};
	params_draw(&m->params, shape, &d);
	m->noise = d;
	for (unsigned i = 0; i < shape->cpus; i++)
		m->cpus[i].online = true;
	start_policies(m);
	start_packages(m);
	start_board(m);
	return 0;
}

/* ---- a step ---- */

static void approach(double *value, double aim, double lag_s)
{
	*value += (aim - *value) * (lag_s > step_s ? step_s / lag_s : 1);
}

static double smaller(double a, double b)
{
	return a < b ? a : b;
}

/* The frequency that the limits leave of what the governor wants. */
static void step_policy(struct model *m, struct policy *p)
{
	const struct package *k = &m->packages[p->package];
	double share = smaller(smaller(k->clamp, k->heat_clamp), m->cap_clamp), most = 0;

	governor_run(m, p);
	p->khz = smaller(p->target_khz, share * model_max_ghz(m) * 1e6);
	for (unsigned i = p->first; i < p->first + p->count; i++)
		if (m->cpus[i].online && m->cpus[i].busy > most)
			most = m->cpus[i].busy;
	approach(&p->util, most * p->khz * 1e-6 / model_max_ghz(m), util_lag_s);
}

/* Work that comes and that waits is done as far as the frequency allows. */
static void step_work(struct cpu *c, double speed)
{
	double room = c->online ? speed * step_s : 0;
	double work = c->asked * step_s + c->backlog_s;
	double done = smaller(work, room);

	c->backlog_s = smaller(work - done, MODEL_BACKLOG_S);
	c->dropped_s += work - done - c->backlog_s;
	c->done_s += done;
	c->busy = room > 0 ? done / room : 0;
}

/* The deepest state that is allowed: the shares of them in idle time. */
static void idle_shares(const struct model *m, const struct cpu *c,
			double shares[MODEL_IDLE_STATES])
{
	/* Short pauses do not pay for deep sleep; a ladder gets there late. */
	double deep =
		smaller((1 - c->busy) * 1.25, 1) * (m->idle_governor == IDLE_LADDER ? 0.7 : 1);
	double left = 1;

	if (!c->disabled[2])
		left -= shares[2] = deep;
	else
		shares[2] = 0;
	shares[1] = c->disabled[1] ? 0 : left;
	shares[0] = left - shares[1];
	if (c->disabled[0] && c->disabled[1] && !c->disabled[2]) {
		shares[2] = 1;
		shares[0] = 0;
	}
}

static void count_idle(struct cpu *c, const double shares[MODEL_IDLE_STATES])
{
	c->busy_s += c->busy * step_s;
	for (int i = 0; i < MODEL_IDLE_STATES; i++) {
		double before = c->idle_s[i];

		c->idle_s[i] += (1 - c->busy) * shares[i] * step_s;
		c->idle_count[i] +=
			floor(c->idle_s[i] / idle_period_s) - floor(before / idle_period_s);
	}
}

/* The dynamic power of a processor. */
static double step_cpu(struct model *m, unsigned number)
{
	const struct params *p = &m->params;
	struct cpu *c = &m->cpus[number];
	double ghz = model_policy_of(m, number)->khz * 1e-6, share;
	double volts = p->volts_low + p->volts_per_ghz * fmax(0, ghz - p->khz[0] * 1e-6);
	double shares[MODEL_IDLE_STATES];

	step_work(c, ghz / model_max_ghz(m));
	if (!c->online)
		return 0;
	idle_shares(m, c, shares);
	count_idle(c, shares);
	share = c->busy;
	for (int i = 0; i < MODEL_IDLE_STATES; i++)
		share += (1 - c->busy) * shares[i] * p->idle_share[i];
	return share * p->farads[number] * volts * volts * ghz;
}

/* The mean of the limit follows, and so does what it allows at once. */
static double allowed(struct limiter *l, double watts)
{
	approach(&l->mean_w, watts, l->window_s);
	return fmax(0.25 * l->limit_w, l->limit_w + limit_gain * (l->limit_w - l->mean_w));
}

/* A clamp goes towards what makes @watts what is allowed, at its own speed. */
static void step_clamp(double *clamp, double allowed_w, double watts, double lag_s, double floor_at)
{
	double pull = fmax(-1, smaller(1, (allowed_w - watts) / fmax(watts, 1)));

	*clamp = smaller(1, fmax(floor_at, *clamp * (1 + pull * step_s / lag_s)));
}

static void step_limits(struct model *m, struct package *k)
{
	double most = INFINITY;

	for (int i = 0; i < 2; i++) {
		double one = allowed(&k->limits[i], k->cpu.watts);

		most = smaller(most, one);
	}
	if (!k->enabled)
		most = INFINITY;
	if (isinf(most))
		approach(&k->clamp, 1, m->params.rapl_lag_s);
	else
		step_clamp(&k->clamp, most, k->cpu.watts, m->params.rapl_lag_s,
			   m->params.clamp_floor);
}

/* Above the trip point the frequency goes down slowly, at the critical one at once. */
static void step_heat(struct model *m, struct package *k)
{
	const struct params *p = &m->params;
	double conduct = p->conduct_still + p->conduct_fan * pow(m->fan_speed, 0.8);
	double over = k->temp_c - p->passive_c;

	k->temp_c += (k->cpu.watts - conduct * (k->temp_c - p->air_c)) / p->heat_j_per_k * step_s;
	if (k->temp_c >= p->critical_c)
		k->heat_clamp = p->clamp_floor;
	else
		k->heat_clamp =
			smaller(1, fmax(p->clamp_floor, k->heat_clamp - 0.05 * over * step_s));
	k->throttled_ns += k->heat_clamp < 1 ? MODEL_STEP_NS : 0;
}

static void count_energy(struct energy *e, double watts)
{
	e->watts = watts;
	e->joules += watts * step_s;
}

static void step_package(struct model *m, unsigned number)
{
	const struct params *p = &m->params;
	struct package *k = &m->packages[number];
	unsigned cpus = m->shape.cpus / m->shape.packages;
	double watts = p->uncore_w + p->leak_w * exp(p->leak_per_k * (k->temp_c - 50));
	double memory = p->memory_idle_w;

	for (unsigned i = number * cpus; i < (number + 1) * cpus; i++) {
		watts += step_cpu(m, i);
		memory += p->memory_work_w * m->cpus[i].busy * model_speed(m, i);
	}
	count_energy(&k->cpu, watts);
	count_energy(&k->memory, memory);
	step_limits(m, k);
	step_heat(m, k);
}

static double hottest(const struct model *m)
{
	double most = 0;

	for (unsigned i = 0; i < m->shape.packages; i++)
		most = fmax(most, m->packages[i].temp_c);
	return most;
}

static void step_fan(struct model *m)
{
	const struct params *p = &m->params;

	if (m->fan_mode == FAN_FULL)
		m->fan_level = 1;
	else if (m->fan_mode == FAN_AUTOMATIC)
		m->fan_level = fmax(0.2, smaller(1, (hottest(m) - 40) / (p->passive_c - 45)));
	approach(&m->fan_speed, m->fan_level, p->fan_lag_s);
	count_energy(&m->fan, p->fan_w * pow(m->fan_speed, 3));
}

/* The meter sees the board late, and tells it in steps, with noise, now and then. */
static void step_meter(struct model *m)
{
	const struct params *p = &m->params;
	struct sensor *s = &m->meter;
	double raw;

	approach(&s->filtered_w, m->board.watts, p->meter_lag_s + s->interval_s / 2);
	if (m->now_ns < s->next_ns)
		return;
	s->next_ns = m->now_ns + METER_INTERVAL_NS;
	raw = s->filtered_w * p->meter_gain + p->meter_noise_w * dice_normal(&m->noise);
	s->shown_w = fmax(0, round(raw / p->meter_step_w) * p->meter_step_w);
}

static void step_board(struct model *m)
{
	const struct params *p = &m->params;
	double sum = m->fan.watts, most;

	for (unsigned i = 0; i < m->shape.packages; i++)
		sum += m->packages[i].cpu.watts + m->packages[i].memory.watts;
	count_energy(&m->board, p->board_w + sum / p->efficiency);
	/* The firmware's limit goes by its own meter, with that one's error. */
	most = allowed(&m->cap, m->board.watts * p->meter_gain);
	step_clamp(&m->cap_clamp, most, m->board.watts * p->meter_gain, p->cap_lag_s,
		   p->clamp_floor);
}

static void step(struct model *m)
{
	m->now_ns += MODEL_STEP_NS;
	for (unsigned i = 0; i < m->policy_count; i++)
		step_policy(m, &m->policies[i]);
	for (unsigned i = 0; i < m->shape.packages; i++)
		step_package(m, i);
	step_fan(m);
	step_board(m);
	step_meter(m);
	if (m->now_ns == MODEL_STEP_NS)
		m->meter.filtered_w = m->cap.mean_w = m->board.watts;
}

void model_run(struct model *m, uint64_t ns)
{
	for (; ns >= MODEL_STEP_NS; ns -= MODEL_STEP_NS)
		step(m);
}
