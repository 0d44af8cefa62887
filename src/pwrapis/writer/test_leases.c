/*
 * The book against a naive model of it, and against faults: random settings, ends, and writes by
 * others. The seed is printed when it fails; WRITER_SEED sets it.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "pwrapis/writer/leases.h"

enum { SPOTS = 4, LEASES = 4, STEPS = 60, ROUNDS = 3000, ORIGINAL = 1000 };

/* The machine, and the newest note of each spot. */
struct world {
	double values[SPOTS];
	bool faulty; /* every operation may fail */
	struct {
		enum leases_state state; /* 0: none */
		struct power_value original, last, tried;
	} notes[SPOTS];
	unsigned conflicts;
	uint64_t random;
};

static uint64_t seed;

static unsigned draw(struct world *w, unsigned limit)
{
	w->random = w->random * 6364136223846793005u + 1442695040888963407u;
	return (w->random >> 33) % limit;
}

static bool fails(struct world *w)
{
	return w->faulty && draw(w, 8) == 0;
}

static int on_read(void *data, unsigned item, const char *name, struct power_value *ret_value)
{
	struct world *w = data;

	if (fails(w))
		return -EIO;
	*ret_value = (struct power_value){.number = w->values[item]};
	return 0;
}

static int on_check(void *data, unsigned item, const char *name, const struct power_value *value)
{
	return fails(data) ? -ERANGE : 0;
}

/* One that fails may have been taken. */
static int on_write(void *data, unsigned item, const char *name, const struct power_value *value)
{
	struct world *w = data;
	bool bad = fails(w);

	if (!bad || draw(w, 2))
		w->values[item] = value->number;
	return bad ? -EBUSY : 0;
}

static int on_hold(void *data, unsigned item, const char *name, const struct power_value *value,
		   int *ret_fd)
{
	return -EOPNOTSUPP;
}

static int on_note(void *data, const struct leases_note *note)
{
	struct world *w = data;

	if (fails(w))
		return -ENOSPC;
	w->notes[note->item].state = note->state;
	w->notes[note->item].original = *note->original;
	w->notes[note->item].last = *note->last;
	w->notes[note->item].tried = *note->tried;
	return 0;
}

static double on_rounding(void *data, unsigned item)
{
	return 0;
}

static void on_conflict(void *data, unsigned item, const char *name, const struct power_value *last,
			const struct power_value *found)
{
	((struct world *)data)->conflicts++;
}

static const struct leases_ops ops = {
	.read = on_read,
	.check = on_check,
	.write = on_write,
	.hold = on_hold,
	.note = on_note,
	.rounding = on_rounding,
	.conflict = on_conflict,
};

static struct leases *begin(struct world *w, unsigned round)
{
	struct leases *l;

	*w = (struct world){.random = seed + round};
	for (unsigned i = 0; i < SPOTS; i++)
		w->values[i] = ORIGINAL + i;
	assert_int_equal(leases_new(&ops, w, &l), 0);
	return l;
}

static void restored(const struct world *w, unsigned round)
{
	for (unsigned i = 0; i < SPOTS; i++) {
		if (w->values[i] != ORIGINAL + i)
			fail_msg("seed %llu, round %u: spot %u is %g", (unsigned long long)seed,
				 round, i, w->values[i]);
	}
}

/* ---- the model: for each spot who has set it, in order, and to what ---- */

struct model {
	struct {
		unsigned lease;
		double value;
	} stack[SPOTS][LEASES];
	unsigned height[SPOTS];
	double values[SPOTS], originals[SPOTS], last[SPOTS];
};

static int find(const struct model *m, unsigned spot, unsigned lease)
{
	for (unsigned i = 0; i < m->height[spot]; i++) {
		if (m->stack[spot][i].lease == lease)
			return i;
	}
	return -1;
}

static void take_out(struct model *m, unsigned spot, unsigned at)
{
	for (unsigned i = at; i + 1 < m->height[spot]; i++)
		m->stack[spot][i] = m->stack[spot][i + 1];
	m->height[spot]--;
}

static void model_set(struct model *m, unsigned spot, unsigned lease, double value)
{
	int at;

	if (m->height[spot] && m->values[spot] != m->last[spot])
		m->height[spot] = 0;
	if (!m->height[spot])
		m->originals[spot] = m->values[spot];
	at = find(m, spot, lease);
	if (at >= 0)
		take_out(m, spot, at);
	m->stack[spot][m->height[spot]].lease = lease;
	m->stack[spot][m->height[spot]++].value = value;
	m->values[spot] = m->last[spot] = value;
}

static void model_end(struct model *m, unsigned spot, unsigned lease)
{
	int at = find(m, spot, lease);
	double target;
	bool top = at == (int)m->height[spot] - 1;

	if (at < 0)
		return;
	take_out(m, spot, at);
	if (!top)
		return;
	target = m->height[spot] ? m->stack[spot][m->height[spot] - 1].value : m->originals[spot];
	if (m->values[spot] == m->last[spot] || m->values[spot] == target)
		m->values[spot] = m->last[spot] = target;
	else
		m->height[spot] = 0;
}

static void one_step(struct world *w, struct leases *l, struct model *m)
{
	unsigned spot = draw(w, SPOTS), lease = 1 + draw(w, LEASES), what = draw(w, 10);
	const struct power_value value = {.number = draw(w, 5)};
	struct leases_count count;

	if (what < 5) {
		assert_int_equal(leases_set(l, lease, spot, "spot", &value), 0);
		model_set(m, spot, lease, value.number);
	} else if (what < 7) {
		leases_drop(l, lease, spot, "spot", &count);
		model_end(m, spot, lease);
	} else if (what < 8) {
		assert_int_equal(leases_end(l, lease, &count), 0);
		for (unsigned i = 0; i < SPOTS; i++)
			model_end(m, i, lease);
	} else if (what < 9) {
		w->values[spot] = m->values[spot] = 50 + draw(w, 5);
	}
}

static void test_model(void **state)
{
	for (unsigned round = 0; round < ROUNDS; round++) {
		struct world w;
		struct leases *l = begin(&w, round);
		struct model m = {};

		memcpy(m.values, w.values, sizeof(m.values));
		for (unsigned step = 0; step < STEPS; step++) {
			one_step(&w, l, &m);
			for (unsigned i = 0; i < SPOTS; i++) {
				if (w.values[i] != m.values[i])
					fail_msg("seed %llu, round %u, step %u: spot %u is %g, "
						 "not %g",
						 (unsigned long long)seed, round, step, i,
						 w.values[i], m.values[i]);
			}
		}
		leases_free(l);
	}
}

/* ---- faults ---- */

static void faulty_step(struct world *w, struct leases *l)
{
	unsigned spot = draw(w, SPOTS), lease = 1 + draw(w, LEASES), what = draw(w, 10);
	const struct power_value value = {.number = draw(w, 5)};
	struct leases_count count;

	if (what < 6)
		leases_set(l, lease, spot, "spot", &value);
	else if (what < 8)
		leases_drop(l, lease, spot, "spot", &count);
	else if (what < 9)
		leases_end(l, lease, &count);
	else
		leases_settle(l, &count);
}

/* Whatever fails meanwhile, all is put back when the faults are over. */
static void test_faults(void **state)
{
	for (unsigned round = 0; round < ROUNDS; round++) {
		struct world w;
		struct leases *l = begin(&w, round);
		struct leases_count count;

		w.faulty = true;
		for (unsigned step = 0; step < STEPS; step++)
			faulty_step(&w, l);
		w.faulty = false;
		assert_int_equal(leases_end_all(l, &count), 0);
		restored(&w, round);
		assert_int_equal(w.conflicts, 0);
		assert_int_equal(leases_spot_count(l) + leases_setting_count(l), 0);
		leases_free(l);
	}
}

/* The same, where the book is lost after every step but for its notes. */
static void test_recall(void **state)
{
	for (unsigned round = 0; round < ROUNDS; round++) {
		struct world w;
		struct leases *l = begin(&w, round);
		struct leases_count count;

		w.faulty = draw(&w, 2);
		for (unsigned step = draw(&w, STEPS); step; step--)
			faulty_step(&w, l);
		w.faulty = false;
		leases_free(l);
		assert_int_equal(leases_new(&ops, &w, &l), 0);
		for (unsigned i = 0; i < SPOTS; i++) {
			const struct leases_note note = {.state = w.notes[i].state,
							 .item = i,
							 .name = "spot",
							 .original = &w.notes[i].original,
							 .last = &w.notes[i].last,
							 .tried = &w.notes[i].tried};

			if (note.state)
				assert_int_equal(leases_recall(l, &note), 0);
		}
		assert_int_equal(leases_settle(l, &count), 0);
		restored(&w, round);
		assert_int_equal(w.conflicts, 0);
		leases_free(l);
	}
}

/* ---- a control that is more than its number ---- */

/* It is switched off beside its number, and cannot be told to have none. */
static struct power_value limit;

static int read_limit(void *data, unsigned item, const char *name, struct power_value *ret_value)
{
	*ret_value = limit;
	return 0;
}

static int write_limit(void *data, unsigned item, const char *name, const struct power_value *value)
{
	strcpy(limit.text, value->text);
	if (value->number > 0)
		limit.number = value->number;
	return 0;
}

static void test_mark(void **state)
{
	static const double before[] = {0, 250};
	const struct power_value value = {.number = 200};
	struct leases_ops own = ops;
	struct leases_count count;
	struct world w;

	own.read = read_limit;
	own.write = write_limit;
	for (size_t i = 0; i < 2; i++) {
		struct leases *l;

		limit = (struct power_value){.number = before[i], .text = "off"};
		w = (struct world){};
		assert_int_equal(leases_new(&own, &w, &l), 0);
		assert_int_equal(leases_set(l, 1, 0, "spot", &value), 0);
		assert_true(limit.number == 200 && !*limit.text);
		assert_int_equal(leases_end(l, 1, &count), 0);
		assert_int_equal(count.restored, 1);
		assert_string_equal(limit.text, "off");
		assert_true(limit.number == (before[i] ? before[i] : 200));
		/* Switched off by somebody else: it stays. */
		assert_int_equal(leases_set(l, 1, 0, "spot", &value), 0);
		strcpy(limit.text, "off");
		limit.number = 123;
		assert_int_equal(leases_end(l, 1, &count), 0);
		assert_int_equal(count.conflicts, 1);
		assert_true(limit.number == 123);
		leases_free(l);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_model),
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_recall),
		cmocka_unit_test(test_mark),
	};
	const char *given = getenv("WRITER_SEED");

	seed = given ? strtoull(given, NULL, 10) : (uint64_t)time(NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
