/*
 * Tests of events that are kept, of images and of watches that are looked up.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/def.h"
#include "filetrace/teststore.h"

static struct store *store;

static int open_store(void **state)
{
	const struct testroot *root = *state;

	testroot_clear(root);
	return store_open(root->fd, &store);
}

static int close_store(void **state)
{
	store_close(store);
	return 0;
}

static void put(uint64_t time_ns, uint64_t image)
{
	const struct ft_exit_event e = {{FT_EXIT, sizeof(e), time_ns}, image, 0};

	assert_int_equal(store_put_event(store, &e.event), 0);
}

struct told {
	unsigned count, stop;
	uint64_t first, last;
};

static int tell(void *data, const struct ft_event *event)
{
	struct told *t = data;
	const struct ft_exit_event *e = (const void *)event;

	assert_int_equal(event->type, FT_EXIT);
	assert_int_equal(event->size, sizeof(*e));
	if (t->count++ == 0)
		t->first = e->image;
	t->last = e->image;
	return t->count == t->stop ? -ECANCELED : 0;
}

static struct told tell_all(void)
{
	struct told t = {};

	assert_int_equal(store_each_event(store, tell, &t), 0);
	return t;
}

static void test_order(void **state)
{
	struct told t;

	assert_int_equal(tell_all().count, 0);
	put(30, 1);
	put(10, 2);
	put(20, 3);
	t = tell_all();
	assert_int_equal(t.count, 3);
	assert_int_equal(t.first, 1);
	assert_int_equal(t.last, 3);
	t = (struct told){.stop = 2};
	assert_int_equal(store_each_event(store, tell, &t), -ECANCELED);
	assert_int_equal(t.count, 2);
}

static bool is_recent(void *data, const struct ft_event *event)
{
	return event->time_ns >= *(const uint64_t *)data;
}

static void test_keep(void **state)
{
	uint64_t since_ns = 20;

	put(10, 1);
	put(20, 2);
	put(30, 3);
	assert_int_equal(store_keep_events(store, is_recent, &since_ns), 0);
	assert_int_equal(tell_all().count, 2);
	assert_int_equal(tell_all().first, 2);
	/* One that makes no sense is not kept. */
	teststore_alter("trace.sqlite", "UPDATE events SET event = x'00' WHERE time_ns = 20");
	assert_int_equal(store_keep_events(store, is_recent, &since_ns), 0);
	assert_int_equal(tell_all().first, 3);
	assert_int_equal(store_keep_events(store, NULL, NULL), 0);
	assert_int_equal(tell_all().count, 0);
}

/* However long an edit goes on, what is kept for it has an end; the oldest goes. */
static void test_bound(void **state)
{
	struct told t;

	assert_int_equal(store_begin(store), 0);
	for (unsigned i = 1; i <= STORE_EVENTS + 5; i++)
		put(i, i);
	assert_int_equal(store_commit(store), 0);
	t = tell_all();
	assert_int_equal(t.count, STORE_EVENTS);
	assert_int_equal(t.first, 6);
	assert_int_equal(t.last, STORE_EVENTS + 5);
}

static void test_image(void **state)
{
	struct ft_image image = teststore_image(7, 5, "/bin/sh"), got = {};

	image.args_bytes = 3;
	assert_int_equal(store_get_image(store, TEST_BOOT, 7, &got), -ENOENT);
	assert_int_equal(got.id, 0);
	assert_int_equal(store_put_image(store, TEST_BOOT, &image, "sh", 3), 0);
	assert_int_equal(store_get_image(store, TEST_BOOT, 7, &got), 0);
	assert_int_equal(got.id, 7);
	assert_int_equal(got.parent, 5);
	assert_int_equal(got.start_ns, image.start_ns);
	assert_int_equal(got.flags, image.flags);
	assert_int_equal(got.args_bytes, 3);
	assert_int_equal(store_get_image(store, "another boot", 7, &got), -ENOENT);
}

static void test_watch(void **state)
{
	const struct store_watch watches[] = {{"/etc", false, 3, NULL}, {"/*", true, 0, "is all"}};

	assert_int_equal(store_has_watch(store, "/etc"), 0);
	assert_int_equal(store_put_watches(store, watches, ARRAY_SIZE(watches), 1), 0);
	assert_int_equal(store_has_watch(store, "/etc"), 1);
	assert_int_equal(store_has_watch(store, "/et"), 0);
	/* One with a problem was never in effect. */
	assert_int_equal(store_has_watch(store, "/*"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_order, open_store, close_store),
		cmocka_unit_test_setup_teardown(test_keep, open_store, close_store),
		cmocka_unit_test_setup_teardown(test_bound, open_store, close_store),
		cmocka_unit_test_setup_teardown(test_image, open_store, close_store),
		cmocka_unit_test_setup_teardown(test_watch, open_store, close_store),
	};

	return cmocka_run_group_tests(tests, testroot_setup, testroot_teardown);
}
