/*
 * Tests of hashmap.c: order, equal hashes, growth.
 */
#include "filetrace/hashmap.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/def.h"

struct item {
	struct hashmap_link link;
	int number;
};

static int number(const struct hashmap_link *link)
{
	return link ? hashmap_item(link, const struct item, link)->number : -1;
}

static void test_equal_hashes(void **state)
{
	struct item items[4] = {{.number = 0}, {.number = 1}, {.number = 2}, {.number = 3}};
	struct hashmap m;

	assert_int_equal(hashmap_init(&m), 0);
	assert_null(hashmap_first(&m, 7));
	/* 7 and 71 share a bucket of 64; they are told apart by their hash. */
	hashmap_add(&m, &items[0].link, 7);
	hashmap_add(&m, &items[1].link, 71);
	hashmap_add(&m, &items[2].link, 7);
	hashmap_add(&m, &items[3].link, 71);
	assert_int_equal(number(hashmap_first(&m, 7)), 2);
	assert_int_equal(number(hashmap_next(&items[2].link)), 0);
	assert_int_equal(number(hashmap_next(&items[0].link)), -1);
	assert_int_equal(number(hashmap_first(&m, 71)), 3);
	hashmap_remove(&m, &items[2].link);
	assert_int_equal(number(hashmap_first(&m, 7)), 0);
	hashmap_remove(&m, &items[0].link);
	assert_null(hashmap_first(&m, 7));
	assert_int_equal(m.count, 2);
	hashmap_deinit(&m);
}

static void test_growth(void **state)
{
	enum { COUNT = 5000, SAME = 3 };
	struct item *items = calloc((size_t)COUNT * SAME, sizeof(*items));
	struct hashmap m;

	assert_non_null(items);
	assert_int_equal(hashmap_init(&m), 0);
	for (int i = 0; i < COUNT * SAME; i++) {
		items[i].number = i;
		hashmap_add(&m, &items[i].link, i % COUNT * UINT64_C(0x9e3779b97f4a7c15));
	}
	assert_true(m.bucket_count >= COUNT);
	for (int i = 0; i < COUNT; i++) {
		const struct hashmap_link *l = hashmap_first(&m, i * UINT64_C(0x9e3779b97f4a7c15));

		/* The latest first, also after growing. */
		for (int k = SAME - 1; k >= 0; k--, l = hashmap_next(l))
			assert_int_equal(number(l), i + k * COUNT);
		assert_null(l);
	}
	for (int i = 0; i < COUNT * SAME; i += 2)
		hashmap_remove(&m, &items[i].link);
	assert_int_equal(m.count, COUNT * SAME / 2);
	hashmap_deinit(&m);
	free(items);
}

static void test_hash(void **state)
{
	/* Published values of FNV-1a. */
	assert_true(hashmap_hash("", 0, 0) == UINT64_C(0xcbf29ce484222325));
	assert_true(hashmap_hash("a", 1, 0) == UINT64_C(0xaf63dc4c8601ec8c));
	assert_true(hashmap_hash("a", 1, 1) != hashmap_hash("a", 1, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_equal_hashes),
		cmocka_unit_test(test_growth),
		cmocka_unit_test(test_hash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
