/*
 * Property test of attribution: in random lives of a machine nothing is lost and nothing is made.
 * Processes are born, run, move, end seen and unseen, groups come and go, and the counter of energy
 * is small and starts anew again and again. The world knows what was used; what is told adds up to
 * it, to the microjoule and, for each group that is there, to the microsecond.
 *
 * TEST_SEED chooses other lives.
 */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/str.h"
#include "base/time.h"
#include "pwrapis/attrib/testattrib.h"
#include "pwrapis/items.h"
#include "pwrapis/machine/energy.h"
#include "pwrapis/power.h"

enum { LIVES = 3, SECONDS = 70, GROUP_COUNT = 6, PLAYS = 24 };

/* The counter comes round often, and once at most in a second of the most that is plausible. */
#define RANGE_UJ UINT64_C(12000000000)
#define SECOND_UJ UINT64_C(9000000000)

static const char *const paths[GROUP_COUNT] = {
	"/system.slice", "/system.slice/a.service", "/system.slice/b.service",
	"/user.slice",	 "/user.slice/x.scope",	    "/machine",
};
static const int parents[GROUP_COUNT] = {-1, 0, 0, -1, 3, -1};

struct world {
	const struct testroot *t;
	uint64_t random;
	uint64_t used_us[GROUP_COUNT]; /* with the groups below */
	uint64_t told_us[GROUP_COUNT]; /* at the last look */
	bool there[GROUP_COUNT];
	struct play plays[PLAYS]; /* pid 0: none */
	int last_pid;
	struct probe_end ends[64];
	size_t end_count;
	uint64_t counter_uj, used_uj;
};

static uint64_t next(struct world *w, uint64_t below)
{
	w->random ^= w->random << 13;
	w->random ^= w->random >> 7;
	w->random ^= w->random << 17;
	return w->random % below;
}

/* ---- energy ---- */

#define ZONE "sys/class/powercap/intel-rapl:0/"

static void write_counter(struct world *w)
{
	char text[32];

	snprintf(text, sizeof(text), "%llu\n", (unsigned long long)w->counter_uj);
	testroot_write(w->t, ZONE "energy_uj", text);
}

static void write_zone(struct world *w)
{
	char text[32];

	testroot_write(w->t, ZONE "name", "psys\n");
	snprintf(text, sizeof(text), "%" PRIu64 "\n", RANGE_UJ);
	testroot_write(w->t, ZONE "max_energy_range_uj", text);
	w->counter_uj = next(w, RANGE_UJ);
	write_counter(w);
}

static void use_energy(struct world *w, uint64_t uj)
{
	w->used_uj += uj;
	w->counter_uj = (w->counter_uj + uj) % RANGE_UJ;
	write_counter(w);
}

/* ---- groups and processes ---- */

static void use(struct world *w, const char *path, uint64_t us)
{
	for (int i = 0; i < GROUP_COUNT; i++)
		if (str_equal(paths[i], path))
			for (int k = i; k >= 0; k = parents[k])
				w->used_us[k] += us;
}

static const char *some_group(struct world *w)
{
	int i;

	do
		i = next(w, GROUP_COUNT);
	while (!w->there[i]);
	return paths[i];
}

static void write_groups(struct world *w)
{
	for (int i = 0; i < GROUP_COUNT; i++)
		if (w->there[i])
			testattrib_group(w->t, paths[i], w->used_us[i]);
}

static void be_born(struct world *w, struct play *p)
{
	*p = (struct play){
		.pid = ++w->last_pid,
		.name = (const char *[]){"sh", "cc", "odd (name) x", "sh"}[next(w, 4)],
		.group = some_group(w),
		.start = 1000000000 + w->last_pid,
		.threads = 1 + (next(w, 4) == 0),
	};
	testattrib_process(w->t, p);
}

static void run(struct world *w, struct play *p)
{
	uint64_t us = next(w, 3) ? next(w, 50000) : 0;

	if (next(w, 20) == 0)
		p->group = some_group(w);
	p->ns += us * NS_PER_US;
	use(w, p->group, us);
	testattrib_process(w->t, p);
}

static void tell_end(struct world *w, const struct play *p)
{
	struct probe_end e = {
		.pid = p->pid,
		.uid = 1000,
		.start_ns = p->start * TICK_NS,
		.runtime_ns = p->ns,
		.cgroup = testattrib_id(w->t, p->group),
	};

	/* The kernel had no room for some. */
	if (w->end_count == ARRAY_SIZE(w->ends) || next(w, 8) == 0)
		return;
	snprintf(e.comm, sizeof(e.comm), "%s", p->name);
	w->ends[w->end_count++] = e;
}

static void end_process(struct world *w, struct play *p)
{
	uint64_t us = next(w, 9000);

	p->ns += us * NS_PER_US;
	use(w, p->group, us);
	tell_end(w, p);
	testattrib_remove_process(w->t, p->pid);
	p->pid = 0;
}

/* One that no look sees. */
static void flash(struct world *w)
{
	struct play p;
	uint64_t us = 1 + next(w, 3000);

	be_born(w, &p);
	p.ns = us * NS_PER_US;
	use(w, p.group, us);
	tell_end(w, &p);
	testattrib_remove_process(w->t, p.pid);
}

static bool is_empty(const struct world *w, int group)
{
	for (int i = 0; i < PLAYS; i++)
		if (w->plays[i].pid && str_equal(w->plays[i].group, paths[group]))
			return false;
	return true;
}

/* What a group used stays with the one above. */
static void change_groups(struct world *w)
{
	int i = 1 + next(w, 2);

	if (next(w, 5))
		return;
	if (!w->there[i]) {
		w->there[i] = true;
		w->used_us[i] = w->told_us[i] = 0;
	} else if (is_empty(w, i)) {
		w->there[i] = false;
		testattrib_remove_group(w->t, paths[i]);
	}
}

static void live_a_second(struct world *w)
{
	w->end_count = 0;
	for (int i = 0; i < PLAYS; i++) {
		struct play *p = &w->plays[i];

		if (!p->pid && next(w, 3) == 0)
			be_born(w, p);
		else if (p->pid && next(w, 9) == 0)
			end_process(w, p);
		else if (p->pid)
			run(w, p);
	}
	for (uint64_t n = next(w, 12); n; n--)
		flash(w);
	change_groups(w);
	write_groups(w);
	use_energy(w, next(w, SECOND_UJ));
}

/* ---- what is told ---- */

/* Of a group without those below, and of those below it that are there. */
static void check_groups(struct world *w, const struct attrib_answer *answer)
{
	for (int i = 0; i < GROUP_COUNT; i++) {
		uint64_t ns = 0;

		if (!w->there[i])
			continue;
		for (size_t k = 0; k < answer->count; k++) {
			const struct group *g = answer->rows[k].consumer->group;
			size_t len = strlen(paths[i]);

			if (g && strncmp(g->path, paths[i], len) == 0 &&
			    (!g->path[len] || g->path[len] == '/'))
				ns += answer->rows[k].ns;
		}
		assert_int_equal(ns, (w->used_us[i] - w->told_us[i]) * NS_PER_US);
	}
}

static void note_told(struct world *w)
{
	memcpy(w->told_us, w->used_us, sizeof(w->told_us));
}

static void live(const struct testroot *t, uint64_t seed)
{
	struct world w = {.t = t, .random = seed * 2654435761 + 1, .last_pid = 10};
	struct attrib_answer answer;
	struct machine *machine;
	struct power power = {};
	enum power_part part;
	struct attrib *a;
	uint64_t uj = 0;

	testattrib_begin(t, &a);
	write_zone(&w);
	assert_int_equal(machine_new(t->fd, &machine), 0);
	power_look(&power, machine);
	for (int i = 0; i < GROUP_COUNT; i++)
		w.there[i] = true;
	write_groups(&w);
	for (int s = 0; s < SECONDS; s++) {
		uint64_t before = w.used_uj;

		live_a_second(&w);
		power_sample(&power, machine, (s + 1) * NS_PER_S + next(&w, NS_PER_MS), 1);
		if (power_energy(&power, &part, &uj))
			assert_int_equal(uj, w.used_uj - before);
		testattrib_look(a, w.ends, w.end_count, &uj);
		if (s > 0) {
			testattrib_ask(a, ATTRIB_BY_PROCESS, &answer);
			assert_int_equal(answer.uj, w.used_uj - before);
			check_groups(&w, &answer);
			free(answer.rows);
			testattrib_ask(a, (s & 1) ? ATTRIB_BY_UNIT : ATTRIB_BY_CGROUP, &answer);
			assert_int_equal(answer.uj, w.used_uj - before);
			free(answer.rows);
		}
		note_told(&w);
	}
	attrib_free(a);
	power_deinit(&power);
	machine_free(machine);
}

static void test_random_lives(void **state)
{
	const char *seed = getenv("TEST_SEED");
	const char *missing;

	assert_int_equal(items_init(&missing), 0);
	for (int i = 0; i < LIVES; i++)
		live(*state, (seed ? strtoull(seed, NULL, 10) : 1) + i);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random_lives),
	};

	return cmocka_run_group_tests(tests, testroot_setup, testroot_teardown);
}
