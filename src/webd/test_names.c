/*
 * Tests of questions about users, and of answers.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/def.h"
#include "webd/names.h"

static void test_numbers(void **state)
{
	struct names_question q;

	assert_int_equal(names_parse_question("uid=0,1000,4294967294", &q), 0);
	assert_int_equal(q.count, 3);
	assert_int_equal(q.uids[0], 0);
	assert_int_equal(q.uids[1], 1000);
	assert_true(q.uids[2] == UINT32_MAX - 1);
	assert_string_equal(q.name, "");
	assert_true(names_asked(&q, &(struct names_one){.uid = 1000}));
	assert_false(names_asked(&q, &(struct names_one){.uid = 1}));
}

static void test_name(void **state)
{
	struct names_question q;

	assert_int_equal(names_parse_question("name=DOM\\ren\xc3\xa9 x", &q), 0);
	assert_int_equal(q.count, 0);
	assert_string_equal(q.name, "DOM\\ren\xc3\xa9 x");
	assert_true(names_asked(&q, &(struct names_one){7, "ren\xc3\xa9@dom", 9}));
}

static void test_questions_refused(void **state)
{
	static const char *const texts[] = {
		"",
		"uid",
		"uid=",
		"uid=,",
		"uid=1,",
		"uid=,1",
		"uid=1,,2",
		"uid=1 ",
		"uid= 1",
		"uid=+1",
		"uid=-1",
		"uid=01",
		"uid=00",
		"uid=0x1",
		"uid=a",
		"uid=1;2",
		"uid=4294967295",
		"uid=4294967296",
		"uid=1\n",
		"UID=1",
		"name=",
		"name=a:b",
		"name=a\nb",
		"name=\x7f",
		"name=\xff",
		"name=\xc2x",
		"name=\xc2\x85",
		"name=\xed\xa0\x80",
		"gid=1",
		" uid=1",
		"uid=99999999999999999999999999",
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct names_question q = {.count = 77};

		if (names_parse_question(texts[i], &q) != -EINVAL)
			fail_msg("\"%s\" is taken", texts[i]);
		assert_int_equal(q.count, 77);
	}
}

/* As many as there may be, each as long as it may be, are a question that has room. */
static void test_most(void **state)
{
	char text[NAMES_QUESTION_MAX + 16] = "uid=4294967294", name[NAMES_NAME_MAX + 8] = "name=";
	struct names_question q;

	for (int i = 1; i < NAMES_MAX; i++)
		strcat(text, ",4294967294");
	assert_true(strlen(text) < NAMES_QUESTION_MAX);
	assert_int_equal(names_parse_question(text, &q), 0);
	assert_int_equal(q.count, NAMES_MAX);
	strcat(text, ",1");
	assert_int_equal(names_parse_question(text, &q), -EINVAL);
	memset(name + 5, 'x', NAMES_NAME_MAX);
	assert_int_equal(names_parse_question(name, &q), 0);
	name[5 + NAMES_NAME_MAX] = 'x';
	assert_int_equal(names_parse_question(name, &q), -EINVAL);
}

static void test_answer(void **state)
{
	char text[NAMES_ANSWER_MAX] = "";
	const char *at = text;
	struct names_one one;
	size_t len = 0;

	assert_int_equal(names_next(&at, &one), 0);
	assert_int_equal(names_add(text, &len, 0, "root"), 0);
	assert_int_equal(names_add(text, &len, 1, "a:b"), -EINVAL);
	assert_int_equal(names_add(text, &len, 1, "a\nb"), -EINVAL);
	assert_int_equal(names_add(text, &len, 1000, "alice"), 0);
	assert_string_equal(text, "0:root\n1000:alice\n");
	assert_int_equal(names_next(&at, &one), 1);
	assert_int_equal(one.uid, 0);
	assert_int_equal(one.len, 4);
	assert_int_equal(names_next(&at, &one), 1);
	assert_int_equal(one.uid, 1000);
	assert_memory_equal(one.name, "alice", one.len);
	assert_int_equal(names_next(&at, &one), 0);
}

static void test_longest_answer(void **state)
{
	static char text[NAMES_ANSWER_MAX];
	char name[NAMES_NAME_MAX + 1] = "";
	size_t len = 0;

	memset(name, 'x', NAMES_NAME_MAX);
	for (int i = 0; i < NAMES_MAX; i++)
		assert_int_equal(names_add(text, &len, UINT32_MAX - 1, name), 0);
	assert_int_equal(len, NAMES_ANSWER_MAX - 1);
	assert_int_equal(names_add(text, &len, 0, "a"), -ENOSPC);
	assert_int_equal(strlen(text), len);
}

static void test_answers_refused(void **state)
{
	static const char *const texts[] = {
		"\n",		"0:root",   ":root\n",	      "0\n",	 "0:\n",    "00:a\n",
		"-1:a\n",	"1 :a\n",   " 1:a\n",	      "a:1\n",	 "1:a:b\n", "1:a\tb\n",
		"1:\x1b[31m\n", "1:\xff\n", "4294967295:a\n", "1:a\r\n",
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		const char *at = texts[i];
		struct names_one one;

		if (names_next(&at, &one) != -EINVAL)
			fail_msg("\"%s\" is taken", texts[i]);
		assert_ptr_equal(at, texts[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_name),
		cmocka_unit_test(test_questions_refused),
		cmocka_unit_test(test_most),
		cmocka_unit_test(test_answer),
		cmocka_unit_test(test_longest_answer),
		cmocka_unit_test(test_answers_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
