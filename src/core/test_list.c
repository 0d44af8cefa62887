/*
 * Tests of list.h: every operation against an array, removal within a loop, and the caller's bugs.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "core/list.h"
#include "core/test_trap.h"

struct entry {
	int number;
	struct list_link link;
	struct list_link other; /* entries are in several lists at a time */
};

/* The list holds these entries, in both directions. */
static void check(struct list *l, const int *numbers, size_t count)
{
	const struct list_link *link = &l->head;
	struct entry *e;
	size_t i = 0;

	for (list_each(e, l, link)) {
		assert_true(i < count);
		assert_int_equal(e->number, numbers[i++]);
		assert_ptr_equal(e->link.prev, link);
		link = &e->link;
	}
	assert_int_equal(i, count);
	assert_ptr_equal(l->head.prev, link);
	assert_int_equal(list_is_empty(l), count == 0);
}

static void test_order(void **state)
{
	struct entry a = {.number = 1}, b = {.number = 2}, c = {.number = 3}, d = {.number = 4};
	struct list l = LIST_EMPTY(l);

	check(&l, NULL, 0);
	assert_null(list_first(&l, struct entry, link));
	assert_null(list_last(&l, struct entry, link));
	list_add_last(&l, &b.link);
	list_add_last(&l, &d.link);
	list_add_first(&l, &a.link);
	list_add_before(&d.link, &c.link);
	check(&l, (int[]){1, 2, 3, 4}, 4);
	assert_ptr_equal(list_first(&l, struct entry, link), &a);
	assert_ptr_equal(list_last(&l, struct entry, link), &d);

	list_remove(&c.link);
	assert_false(list_is_linked(&c.link));
	assert_true(list_is_linked(&d.link));
	check(&l, (int[]){1, 2, 4}, 3);
	list_remove(&a.link);
	list_remove(&d.link);
	check(&l, (int[]){2}, 1);
	list_remove(&b.link);
	check(&l, NULL, 0);
}

static void test_move_all(void **state)
{
	struct entry e[4] = {{.number = 0}, {.number = 1}, {.number = 2}, {.number = 3}};
	struct list a = LIST_EMPTY(a), b;

	list_init(&b);
	list_move_all(&a, &b);
	check(&a, NULL, 0);
	list_add_last(&b, &e[2].link);
	list_move_all(&a, &b);
	check(&b, NULL, 0);
	check(&a, (int[]){2}, 1);
	list_add_last(&b, &e[0].link);
	list_add_last(&b, &e[1].link);
	list_move_all(&b, &a);
	check(&a, NULL, 0);
	list_add_last(&b, &e[3].link);
	check(&b, (int[]){0, 1, 2, 3}, 4);
	list_move_all(&b, &a);
	check(&b, (int[]){0, 1, 2, 3}, 4);
}

/* The current entry may go, even its memory; AddressSanitizer sees a loop that looks back. */
static void test_remove_in_loop(void **state)
{
	struct list l = LIST_EMPTY(l), odd = LIST_EMPTY(odd);
	struct entry *e;

	for (int i = 0; i < 6; i++) {
		e = calloc(1, sizeof(*e));
		assert_non_null(e);
		e->number = i;
		list_add_last(&l, &e->link);
	}
	for (list_each(e, &l, link)) {
		list_remove(&e->link);
		if (e->number % 2)
			list_add_first(&odd, &e->link);
		else
			free(e);
	}
	check(&l, NULL, 0);
	check(&odd, (int[]){5, 3, 1}, 3);
	for (list_each(e, &odd, link)) {
		list_remove(&e->link);
		free(e);
	}
	check(&odd, NULL, 0);
}

static void test_nested_loops(void **state)
{
	struct entry e[3] = {{.number = 1}, {.number = 2}, {.number = 3}}, *a = NULL, *b;
	struct list l = LIST_EMPTY(l), m = LIST_EMPTY(m);
	int sum = 0, seen = 0;

	for (size_t i = 0; i < ARRAY_SIZE(e); i++) {
		list_add_last(&l, &e[i].link);
		list_add_first(&m, &e[i].other);
	}
	for (list_each(a, &l, link))
		for (list_each(b, &m, other)) {
			if (b->number == 1)
				continue;
			sum += a->number * b->number;
		}
	assert_int_equal(sum, 6 * 5);
	for (list_each(a, &m, other)) {
		if (++seen == 2)
			break;
	}
	assert_int_equal(a->number, 2);
}

static void add_twice(void)
{
	struct list l = LIST_EMPTY(l);
	struct entry e = {};

	list_add_last(&l, &e.link);
	list_add_last(&l, &e.link);
}

static void remove_twice(void)
{
	struct list l = LIST_EMPTY(l);
	struct entry e = {};

	list_add_last(&l, &e.link);
	list_remove(&e.link);
	list_remove(&e.link);
}

/* A list of zeroes is none: list_init() or LIST_EMPTY() makes one. */
static void add_to_no_list(void)
{
	struct list l = {};
	struct entry e = {};

	list_add_last(&l, &e.link);
}

static void add_before_no_link(void)
{
	struct entry a = {}, b = {};

	list_add_before(&a.link, &b.link);
}

static void move_to_itself(void)
{
	struct list l = LIST_EMPTY(l);
	struct entry e = {};

	list_add_last(&l, &e.link);
	list_move_all(&l, &l);
}

static void test_bugs(void **state)
{
	assert_true(traps(add_twice));
	assert_true(traps(remove_twice));
	assert_true(traps(add_to_no_list));
	assert_true(traps(add_before_no_link));
	assert_true(traps(move_to_itself));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),	       cmocka_unit_test(test_move_all),
		cmocka_unit_test(test_remove_in_loop), cmocka_unit_test(test_nested_loops),
		cmocka_unit_test(test_bugs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
