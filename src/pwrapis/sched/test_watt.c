/*
 * Tests of packing with simulated load: so many tasks that want to run are spread over the active
 * processors, ticks are counted as the kernel counts them, and the looks come when the daemon's
 * would.
 */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/time.h"
#include "pwrapis/sched/load.h"
#include "pwrapis/sched/watt.h"

enum { CPUS = 64, TICK_MS = 10, BEAT_MS = 1000 };

/* Two packages, of which each is a node with two last caches of eight cores with two threads. */
static struct topology_cpu cpus[CPUS];
static struct topology topology = {cpus, CPUS};

static void make_topology(unsigned count)
{
	for (unsigned i = 0; i < CPUS; i++)
		cpus[i] = (struct topology_cpu){
			.cpu = i,
			.group = {[TOPOLOGY_CORE] = i / 2,
				  [TOPOLOGY_LLC] = i / 16,
				  [TOPOLOGY_PACKAGE] = i / 32,
				  [TOPOLOGY_NODE] = i / 32},
		};
	topology.count = count;
}

/* ---- the simulation ---- */

struct world {
	struct watt watt;
	uint64_t ms; /* of simulated time */
	double demand; /* tasks that want to run; a part of one wants a part of the time */
	bool pressure; /* the kernel tells of it, or else it is looked at all the time */
	double busy, total, slow_busy, slow_total, fast_busy, fast_total; /* ticks */
	uint64_t look_ms, stalled_ms;
	unsigned packings;
};

static uint64_t now(const struct world *w)
{
	return w->ms * NS_PER_MS;
}

static void begin(struct world *w, bool pressure, unsigned mask)
{
	const struct watt_attrs attrs = {.threshold_percent = WATT_THRESHOLD_PERCENT,
					 .mask = mask,
					 .interval_ns = WATT_INTERVAL_MS * NS_PER_MS};

	*w = (struct world){.pressure = pressure, .ms = 1000};
	watt_start(&w->watt, &topology, &attrs, now(w));
}

static void changed(struct world *w, bool is)
{
	if (!is)
		return;
	w->packings += w->watt.reason == WATT_PACKED;
	w->slow_busy = w->fast_busy = w->busy;
	w->slow_total = w->fast_total = w->total;
	w->watt.looked_ns = now(w);
}

static double share(double busy, double total)
{
	return total > 0 ? busy / total : 0;
}

static unsigned runnable(const struct world *w)
{
	return ceil(w->demand);
}

static void slow(struct world *w)
{
	double usage = share(w->busy - w->slow_busy, w->total - w->slow_total);

	if (!watt_is_due(&w->watt, now(w)))
		return;
	w->slow_busy = w->busy;
	w->slow_total = w->total;
	changed(w, watt_slow(&w->watt, now(w), usage));
}

static void fast(struct world *w)
{
	double usage = share(w->busy - w->fast_busy, w->total - w->fast_total);

	w->look_ms = w->ms;
	w->fast_busy = w->busy;
	w->fast_total = w->total;
	changed(w, watt_fast(&w->watt, now(w), usage, runnable(w)));
}

/* The kernel tells when somebody has waited for 20 ms; it looks every 50 ms. */
static void press(struct world *w)
{
	w->stalled_ms = w->demand > w->watt.span ? w->stalled_ms + TICK_MS : 0;
	if (!w->pressure || w->stalled_ms < 20 || w->ms % 50)
		return;
	w->fast_busy = w->busy;
	w->fast_total = w->total;
	w->look_ms = w->ms;
	w->stalled_ms = 0;
	changed(w, watt_pressed(&w->watt, now(w), runnable(w)));
}

static void step(struct world *w)
{
	double span = w->watt.span, used = w->demand < span ? w->demand : span;

	w->ms += TICK_MS;
	w->busy += used;
	w->total += span;
	press(w);
	if (watt_is_packed(&w->watt) && (!w->pressure || watt_is_busy(&w->watt, now(w))) &&
	    w->ms - w->look_ms >= WATT_LOOK_MS)
		fast(w);
	if (w->ms % BEAT_MS == 0)
		slow(w);
	assert_true(w->watt.span >= 1 && w->watt.span <= topology.count);
}

static void run(struct world *w, unsigned ms)
{
	for (unsigned i = 0; i < ms; i += TICK_MS)
		step(w);
}

/* ---- tests ---- */

static void test_packs(void **state)
{
	struct world w;

	make_topology(CPUS);
	begin(&w, true, 0);
	assert_int_equal(w.watt.span, CPUS);
	w.demand = 0.3;
	run(&w, 5000);
	assert_int_equal(w.watt.span, 2); /* one core */
	w.demand = 1.5;
	run(&w, 60000);
	assert_in_range(w.watt.span, 2, 4);
	w.demand = 20;
	run(&w, 60000);
	assert_in_range(w.watt.span, 21, 40);
	w.demand = 64;
	run(&w, 1000);
	assert_int_equal(w.watt.span, CPUS);
}

/* What is a step is where a group of the level ends. */
static void test_steps(void **state)
{
	static const struct {
		unsigned mask, first, next;
	} cases[] = {{1, 2, 4}, {2, 16, 32}, {4, 32, 64}, {8, 32, 64}, {3, 2, 4}, {6, 16, 32}};

	make_topology(CPUS);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct world w;

		begin(&w, true, cases[i].mask);
		w.demand = 0.1;
		run(&w, 5000);
		assert_int_equal(w.watt.span, cases[i].first);
		w.demand = cases[i].first + 1;
		run(&w, 100);
		assert_int_equal(w.watt.span, cases[i].next);
	}
}

/* A step of load, at any moment between two looks. */
static void test_widens(void **state)
{
	unsigned worst[2] = {};

	make_topology(CPUS);
	for (int pressure = 0; pressure < 2; pressure++) {
		for (unsigned at = 0; at < 2000; at += TICK_MS) {
			struct world w;
			unsigned ms = 0;

			begin(&w, pressure, 0);
			w.demand = 0.2;
			run(&w, 8000 + at);
			assert_int_equal(w.watt.span, 2);
			w.demand = 3 + at % 40;
			while (w.watt.span < w.demand && ms < 1000) {
				step(&w);
				ms += TICK_MS;
			}
			if (ms > worst[pressure])
				worst[pressure] = ms;
		}
	}
	print_message("worst: timer %u ms, pressure %u ms\n", worst[0], worst[1]);
	assert_in_range(worst[0], 1, 100);
	assert_in_range(worst[1], 1, 100);
}

/* Any steady load settles, and then stays where it is. */
static void test_settles(void **state)
{
	make_topology(CPUS);
	for (double demand = 0; demand <= 70; demand += 0.7) {
		struct world w;
		uint64_t changes;

		begin(&w, true, 0);
		w.demand = demand;
		run(&w, 120000);
		changes = w.watt.change_count;
		run(&w, 120000);
		assert_int_equal(w.watt.change_count, changes);
		assert_true(w.watt.span >= (demand < CPUS ? demand : CPUS) * 0.99);
	}
}

/* A load that comes soon after it was packed is packed ever less often, once a minute in the end
 * (in two steps when it is idle for two looks); one that comes later no more than five times a
 * minute. */
static void test_bound(void **state)
{
	static const unsigned idle_ms[] = {1000, 3000, 5000, 9000, 20000};

	make_topology(CPUS);
	for (size_t i = 0; i < ARRAY_SIZE(idle_ms); i++) {
		struct world w;
		unsigned minutes = 20;

		begin(&w, i % 2, 0);
		for (unsigned ms = 0; ms < minutes * 60000; ms += idle_ms[i] + 200) {
			w.demand = 0.1;
			run(&w, idle_ms[i]);
			w.demand = 30;
			run(&w, 200);
		}
		print_message("idle %u ms: %u packings in %u min\n", idle_ms[i], w.packings,
			      minutes);
		assert_true(w.packings <=
			    (idle_ms[i] < 2 * WATT_HOLD_MS ? 2 * (6 + minutes) : 5 * minutes));
	}
	/* And one that waits for it to happen. */
	struct world w;

	begin(&w, true, 0);
	for (unsigned ms = 0; ms < 20 * 60000; ms += 100) {
		w.demand = watt_is_packed(&w.watt) ? 64 : 0.1;
		run(&w, 100);
	}
	assert_true(w.packings <= 6 + 20 + 2);
}

/* Never an empty set, and never more than there are. */
static void test_hotplug(void **state)
{
	struct world w;

	make_topology(CPUS);
	srandom(7);
	begin(&w, true, 0);
	for (int i = 0; i < 3000; i++) {
		topology.count = 1 + random() % CPUS;
		watt_move(&w.watt, &topology);
		assert_in_range(w.watt.span, 1, topology.count);
		w.demand = random() % 100 / 10.0;
		run(&w, random() % 4000);
	}
	topology.count = 1;
	watt_move(&w.watt, &topology);
	assert_int_equal(w.watt.span, 1);
	assert_false(watt_is_packed(&w.watt));
	/* All of one are all of many. */
	topology.count = CPUS;
	watt_move(&w.watt, &topology);
	assert_int_equal(w.watt.span, CPUS);
	make_topology(CPUS);
}

/* Idle and packed: nobody looks but the beat. */
static void test_quiet(void **state)
{
	struct world w;

	make_topology(CPUS);
	begin(&w, true, 0);
	run(&w, 10000);
	assert_true(watt_is_packed(&w.watt));
	assert_false(watt_is_busy(&w.watt, now(&w)));
	watt_pressed(&w.watt, now(&w), 1);
	assert_true(watt_is_busy(&w.watt, now(&w)));
	assert_false(watt_is_busy(&w.watt, now(&w) + (WATT_BUSY_MS + 1) * NS_PER_MS));
}

static void test_load(void **state)
{
	static const char text[] = "cpu  9 9 9 9 9 9 9 9 0 0\n"
				   "cpu0 10 1 5 100 50 2 3 4 7 0\n"
				   "cpu1 1000 0 0 0 0 0 0 0 0 0\n"
				   "cpu3 1 1 1 1\n"
				   "intr 1 2 3\nprocs_running 5\nprocs_blocked 1\n";
	unsigned long words[BITMAP_WORDS(8)];
	struct load none = {}, load;
	struct bitmap set;

	bitmap_init(&set, words, 8);
	bitmap_set(&set, 0);
	bitmap_set(&set, 3);
	assert_int_equal(load_parse(text, &set, &load), 0);
	assert_int_equal(load.busy, 25 + 3);
	assert_int_equal(load.total, 175 + 4);
	assert_int_equal(load.runnable, 5);
	assert_true(load_usage(&none, &load) > 0.15 && load_usage(&none, &load) < 0.16);
	assert_true(load_usage(&load, &load) == -1);
	assert_true(load_usage(&load, &none) == -1);
	assert_int_equal(load_parse("cpu0 1 1 1 1\n", &set, &load), -EBADMSG);
	assert_int_equal(load_parse("procs_running x\n", &set, &load), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_packs),  cmocka_unit_test(test_steps),
		cmocka_unit_test(test_widens), cmocka_unit_test(test_settles),
		cmocka_unit_test(test_bound),  cmocka_unit_test(test_hotplug),
		cmocka_unit_test(test_quiet),  cmocka_unit_test(test_load),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
