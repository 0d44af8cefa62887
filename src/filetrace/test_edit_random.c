/*
 * Tests of edits by chance: processes that do anything to a few paths, before a user space that is
 * late now and then. However it goes, records lead from what was there to what is there, and each
 * names somebody who was at it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/def.h"
#include "base/str.h"
#include "filetrace/testworld.h"

enum { SEEDS = 60, STEPS = 400, PROCS = 4 };

static const char *const paths[] = {"/etc/hosts", "/etc/a",   "/etc/b",	 "/etc/c.tmp",
				    "/srv/d",	  "/etc/d/e", "/etc/d/f"};

struct player {
	struct proc proc;
	int fd; /* -1: nothing is open */
};

static const char *any_path(void)
{
	return paths[random() % ARRAY_SIZE(paths)];
}

static bool there(struct world *w, const char *path)
{
	return world_state(w, path).kind != STATE_ABSENT;
}

static bool same(struct world *w, const char *a, const char *b)
{
	return world_state(w, a).key.ino == world_state(w, b).key.ino;
}

static void write_some(struct world *w, struct player *p, const char *path)
{
	static const unsigned flags[] = {W_APPEND, W_TRUNC, 0};

	if (world_state(w, path).kind == STATE_SYMLINK)
		return;
	if (p->fd >= 0) {
		world_write(w, &p->proc, p->fd, "+");
		return;
	}
	p->fd = world_open(w, &p->proc, path, W_CREATE | flags[random() % ARRAY_SIZE(flags)]);
	world_write(w, &p->proc, p->fd, "w");
	/* Most are short. */
	if (random() % 4) {
		world_close(w, &p->proc, p->fd);
		p->fd = -1;
	}
}

static void change_names(struct world *w, const struct player *p, const char *from, const char *to)
{
	bool both = there(w, from) && there(w, to);

	if (str_equal(from, to) || !there(w, from) || (both && same(w, from, to)))
		return;
	if (both && random() % 4 == 0)
		world_exchange(w, &p->proc, from, to);
	else if (there(w, to) || random() % 2)
		world_rename(w, &p->proc, from, to);
	else
		world_hardlink(w, &p->proc, from, to);
}

/* Another program, or another process. */
static void change_process(struct world *w, struct player *p)
{
	if (random() % 2) {
		world_exec(w, &p->proc);
		return;
	}
	world_exit(w, &p->proc);
	*p = (struct player){.proc = world_fork(w), .fd = -1};
}

static void pass_time(struct world *w)
{
	static const unsigned spans_ms[] = {1, 50, 150, 600, 2500};

	world_sleep(w, spans_ms[random() % ARRAY_SIZE(spans_ms)]);
	if (random() % 4 == 0)
		world_catch_up(w);
	else if (random() % 4 == 0)
		w->late = true;
}

static void step(struct world *w, struct player *p)
{
	const char *path = any_path();

	switch (random() % 10) {
	case 0 ... 2:
		write_some(w, p, path);
		break;
	case 3 ... 4:
		change_names(w, p, path, any_path());
		break;
	case 5:
		world_unlink(w, &p->proc, path);
		break;
	case 6:
		if (there(w, path))
			world_chmod(w, &p->proc, path, 0600 + random() % 8);
		else
			world_symlink(w, &p->proc, "/target", path);
		break;
	case 7:
		change_process(w, p);
		break;
	default:
		pass_time(w);
	}
}

static void check_records(const struct world *w)
{
	for (size_t i = 0; i < w->record_count; i++) {
		const struct record *r = &w->records[i];

		assert_true(watchset_matches(w->set, r->path));
		assert_int_not_equal(r->actor.image, 0);
		assert_int_not_equal(r->method, METHOD_UNKNOWN);
		assert_true(r->coalesced || r->op_count == 1);
	}
}

static void play(unsigned seed)
{
	struct player players[PROCS];
	void *state = NULL;
	struct world *w;

	world_setup(&state);
	w = state;
	srandom(seed);
	for (unsigned i = 0; i < PROCS; i++)
		players[i] = (struct player){.proc = world_fork(w), .fd = -1};
	for (unsigned i = 0; i < STEPS; i++)
		step(w, &players[random() % PROCS]);
	for (unsigned i = 0; i < PROCS; i++)
		world_exit(w, &players[i].proc);
	world_settle(w);
	check_records(w);
	assert_true(w->record_count > 10);
	w->checked = w->record_count;
	world_expect_end(w);
	world_teardown(&state);
}

static void test_any(void **state)
{
	for (unsigned seed = 1; seed <= SEEDS; seed++)
		play(seed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_any),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
