/*
 * The physics of the simulated plant: what is conserved, and what settles, for many seeds.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/def.h"
#include "model.h"

enum { SEEDS = 8, S = 1000 * 1000 * 1000, MS = 1000 * 1000 };

static const struct shape two_packages = {
	.cpus = 8, .packages = 2, .policy_cpus = 2, .energy_range_j = 150};

static struct model *make(struct shape shape, uint64_t seed, double load)
{
	struct model *m = malloc(sizeof(*m));

	assert_non_null(m);
	shape.seed = seed;
	assert_int_equal(model_init(m, &shape), 0);
	for (unsigned i = 0; i < shape.cpus; i++)
		m->cpus[i].asked = load;
	return m;
}

static void set_governor(struct model *m, enum governor governor)
{
	for (unsigned i = 0; i < m->policy_count; i++) {
		m->policies[i].governor = governor;
		governor_kick(m, &m->policies[i]);
	}
}

static void set_asked(struct model *m, double load)
{
	for (unsigned i = 0; i < m->shape.cpus; i++)
		m->cpus[i].asked = load;
}

static void near(double value, double expected, double share)
{
	if (!(fabs(value - expected) <= fabs(expected) * share))
		fail_msg("%.9g, not %.9g within %g", value, expected, share);
}

static double mean_watts(struct model *m, double seconds)
{
	double before = m->board.joules;

	model_run(m, seconds * S);
	return (m->board.joules - before) / seconds;
}

static void test_shapes(void **state)
{
	static const struct shape wrong[] = {
		{.cpus = 0, .packages = 1, .policy_cpus = 1},
		{.cpus = 4, .packages = 0, .policy_cpus = 1},
		{.cpus = 4, .packages = 3, .policy_cpus = 1},
		{.cpus = 8, .packages = 2, .policy_cpus = 3},
		{.cpus = MODEL_CPUS_MAX + 1, .packages = 1, .policy_cpus = 1},
	};
	static struct model m;

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		assert_int_not_equal(model_init(&m, &wrong[i]), 0);
}

/* In one go or step by step: the seed and the load alone make the numbers. */
static void test_same(void **state)
{
	_cleanup_free_ struct model *a = make(two_packages, 7, 0.4),
				    *b = make(two_packages, 7, 0.4);
	_cleanup_free_ struct model *c = make(two_packages, 8, 0.4);

	model_run(a, (uint64_t)20 * S);
	for (int i = 0; i < 2000; i++)
		model_run(b, 10 * MS);
	assert_memory_equal(a, b, sizeof(*a));
	model_run(c, (uint64_t)20 * S);
	assert_true(a->board.joules != c->board.joules);
}

/* Joules that a reader gathers from a counter that starts anew. */
struct reader {
	uint64_t before_uj;
	double joules;
	unsigned turns;
};

static void read_counter(struct reader *r, const struct model *m, double joules)
{
	uint64_t now = model_energy_uj(m, joules);

	assert_true(now <= model_energy_range_uj(m));
	if (now < r->before_uj) {
		r->joules += (model_energy_range_uj(m) + m->params.energy_unit_uj) * 1e-6;
		r->turns++;
	}
	r->joules += ((double)now - r->before_uj) * 1e-6;
	r->before_uj = now;
}

/* The integral of true watts is the counter, over many of its turns. */
static void check_energy(uint64_t seed)
{
	_cleanup_free_ struct model *m = make(two_packages, seed, 0.1);
	struct reader readers[2] = {};
	double sums[2] = {};

	for (int i = 0; i < 60 * 1000; i++) {
		set_asked(m, i / 5000 % 2 ? 1.1 : 0.1);
		model_run(m, MODEL_STEP_NS);
		for (int k = 0; k < 2; k++) {
			sums[k] += m->packages[k].cpu.watts * 1e-3;
			if (i % 100 == 99)
				read_counter(&readers[k], m, m->packages[k].cpu.joules);
		}
	}
	for (int k = 0; k < 2; k++) {
		near(readers[k].joules, sums[k], 2e-6 + 1e-4 / sums[k]);
		assert_true(readers[k].turns >= 3);
	}
}

static void test_energy(void **state)
{
	for (int seed = 0; seed < SEEDS; seed++)
		check_energy(seed);
}

/* What goes into the board is the sum of what its parts use. */
static void test_board(void **state)
{
	for (int seed = 0; seed < SEEDS; seed++) {
		_cleanup_free_ struct model *m = make(two_packages, seed, 0.6);
		double parts, work = 0;

		model_run(m, (uint64_t)30 * S);
		parts = m->fan.joules;
		for (int i = 0; i < 8; i++)
			work += m->cpus[i].done_s;
		near(m->packages[0].memory.joules + m->packages[1].memory.joules,
		     2 * 30 * m->params.memory_idle_w + work * m->params.memory_work_w, 1e-9);
		for (int k = 0; k < 2; k++)
			parts += m->packages[k].cpu.joules + m->packages[k].memory.joules;
		near(m->board.joules, 30 * m->params.board_w + parts / m->params.efficiency, 1e-9);
	}
}

/* Heat that comes less heat that goes is heat that stays. */
static void test_heat(void **state)
{
	for (int seed = 0; seed < SEEDS; seed++) {
		_cleanup_free_ struct model *m = make(two_packages, seed, 0.8);
		const struct params *p = &m->params;
		double start = m->packages[1].temp_c, gone = 0, conduct = 0;

		for (int i = 0; i < 120 * 1000; i++) {
			conduct = p->conduct_still + p->conduct_fan * pow(m->fan_speed, 0.8);
			gone += conduct * (m->packages[1].temp_c - p->air_c) * 1e-3;
			model_run(m, MODEL_STEP_NS);
		}
		near(m->packages[1].cpu.joules - gone,
		     p->heat_j_per_k * (m->packages[1].temp_c - start), 1e-6);
		/* After many time constants it goes as it comes. */
		model_run(m, (uint64_t)600 * S);
		conduct = p->conduct_still + p->conduct_fan * pow(m->fan_speed, 0.8);
		near(conduct * (m->packages[1].temp_c - p->air_c), m->packages[1].cpu.watts, 0.01);
	}
}

/* Work that was asked for is done, waits, or was dropped. */
static void test_work(void **state)
{
	_cleanup_free_ struct model *m = make(two_packages, 3, 1.3);
	double asked = 0, found = 0;

	set_governor(m, GOVERNOR_POWERSAVE);
	for (int i = 0; i < 60; i++) {
		set_asked(m, i % 3 ? 1.3 : 0);
		asked += i % 3 ? 1.3 * 8 : 0;
		model_run(m, S);
	}
	for (int i = 0; i < 8; i++)
		found += m->cpus[i].done_s + m->cpus[i].backlog_s + m->cpus[i].dropped_s;
	near(found, asked, 1e-9);
	assert_true(m->cpus[0].dropped_s > 0);
}

static void test_governors(void **state)
{
	_cleanup_free_ struct model *m = make(two_packages, 5, 0.3);
	uint32_t low = m->params.khz[0], high = m->params.khz[m->params.freq_count - 1];
	double light;

	set_governor(m, GOVERNOR_POWERSAVE);
	model_run(m, S);
	assert_true(m->policies[3].khz == low);
	set_governor(m, GOVERNOR_PERFORMANCE);
	model_run(m, S);
	assert_true(m->policies[3].khz == high);
	set_governor(m, GOVERNOR_SCHEDUTIL);
	model_run(m, (uint64_t)2 * S);
	light = m->policies[3].khz;
	assert_true(light < high);
	set_asked(m, 0.7);
	model_run(m, (uint64_t)2 * S);
	assert_true(m->policies[3].khz > light);
	m->policies[3].speed_khz = m->params.khz[2];
	set_governor(m, GOVERNOR_USERSPACE);
	model_run(m, S);
	assert_true(m->policies[3].khz == m->params.khz[2]);
	m->policies[3].max_khz = m->params.khz[1];
	governor_kick(m, &m->policies[3]);
	model_run(m, 10 * MS);
	assert_true(m->policies[3].khz == m->params.khz[1]);
}

/* A higher frequency costs more for the same work; deep sleep and a slow fan save. */
static void test_savings(void **state)
{
	for (int seed = 0; seed < SEEDS; seed++) {
		_cleanup_free_ struct model *m = make(two_packages, seed, 0.15);
		double slow, fast, shallow;

		set_governor(m, GOVERNOR_POWERSAVE);
		slow = mean_watts(m, 5);
		set_governor(m, GOVERNOR_PERFORMANCE);
		fast = mean_watts(m, 5);
		assert_true(fast > slow * 1.02);
		for (int i = 0; i < 8; i++)
			m->cpus[i].disabled[2] = true;
		shallow = mean_watts(m, 5);
		assert_true(shallow > fast * 1.02);
		m->fan_mode = FAN_MANUAL;
		m->fan_level = 0.5;
		model_run(m, (uint64_t)30 * S);
		near(m->fan.watts, m->params.fan_w / 8, 0.001);
	}
}

/* How a step of the limit goes: time to stay within 2 %, the most above it after that is over. */
static double settle(struct model *m, const double *watts, double limit)
{
	double settled = 0;

	for (int i = 0; i < 10000; i++) {
		model_run(m, MODEL_STEP_NS);
		if (fabs(*watts - limit) > 0.02 * limit)
			settled = (i + 1) * 1e-3;
	}
	return settled;
}

static void test_package_limit(void **state)
{
	for (int seed = 0; seed < SEEDS; seed++) {
		_cleanup_free_ struct model *m = make(two_packages, seed, 1);
		struct package *k = &m->packages[0];
		double limit;

		set_governor(m, GOVERNOR_PERFORMANCE);
		model_run(m, (uint64_t)20 * S);
		limit = round(0.6 * k->cpu.watts);
		k->limits[0].limit_w = limit;
		assert_in_range(settle(m, &k->cpu.watts, limit) * 1000, 1, 6000);
		near(k->cpu.watts, limit, 0.01);
		assert_true(k->clamp < 0.95);
		/* Without being enforced it is none. */
		k->enabled = false;
		model_run(m, (uint64_t)2 * S);
		assert_true(k->cpu.watts > limit * 1.2);
	}
}

static void test_cap(void **state)
{
	for (int seed = 0; seed < SEEDS; seed++) {
		_cleanup_free_ struct model *m = make(two_packages, seed, 1);
		double limit;

		set_governor(m, GOVERNOR_PERFORMANCE);
		model_run(m, (uint64_t)20 * S);
		limit = round(0.7 * m->board.watts);
		m->cap.limit_w = limit;
		assert_in_range(settle(m, &m->board.watts, limit) * 1000, 1, 4000);
		/* The firmware goes by its meter, which has its error. */
		near(m->board.watts, limit, 0.01);
		assert_true(m->cap.limit_w >= m->cap_min_w);
	}
}

/* Without a fan the frequency goes down before it is too hot. */
static void test_too_hot(void **state)
{
	for (int seed = 0; seed < SEEDS; seed++) {
		_cleanup_free_ struct model *m = make(two_packages, seed, 1);
		struct package *k = &m->packages[0];
		double hottest = 0;

		set_governor(m, GOVERNOR_PERFORMANCE);
		k->enabled = false;
		m->fan_mode = FAN_MANUAL;
		m->fan_level = 0;
		for (int i = 0; i < 600; i++) {
			model_run(m, S);
			hottest = fmax(hottest, k->temp_c);
		}
		assert_true(k->throttled_ns > 0);
		assert_true(hottest < m->params.critical_c);
		near(k->temp_c, m->params.passive_c, 0.05);
	}
}

/* The meter is off by no more than it says: a share, noise, a step. */
static void test_meter(void **state)
{
	for (int seed = 0; seed < SEEDS; seed++) {
		_cleanup_free_ struct model *m = make(two_packages, seed, 0.5);

		model_run(m, (uint64_t)200 * S);
		for (int i = 0; i < 100; i++) {
			model_run(m, 100 * MS);
			near(m->meter.shown_w, m->board.watts, 0.015);
		}
	}
}

static void test_offline(void **state)
{
	_cleanup_free_ struct model *m = make(two_packages, 2, 0.5);
	double all = mean_watts(m, 5);

	m->cpus[2].online = m->cpus[3].online = false;
	assert_true(mean_watts(m, 5) < all);
	assert_false(model_policy_online(m, &m->policies[1]));
	assert_true(m->cpus[2].busy == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shapes),	      cmocka_unit_test(test_same),
		cmocka_unit_test(test_energy),	      cmocka_unit_test(test_board),
		cmocka_unit_test(test_heat),	      cmocka_unit_test(test_work),
		cmocka_unit_test(test_governors),     cmocka_unit_test(test_savings),
		cmocka_unit_test(test_package_limit), cmocka_unit_test(test_cap),
		cmocka_unit_test(test_too_hot),	      cmocka_unit_test(test_meter),
		cmocka_unit_test(test_offline),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
