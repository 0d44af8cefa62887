/*
 * Tests of what the interface parser refuses, by the exact message; of its bounds; and that memory
 * may run out at every point. What strict mode refuses is in tests/golden/idl.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/def.h"
#include "rpc/idl.h"

static const struct {
	const char *text, *problem;
} cases[] = {
	{"", "1:1: expected \"interface\", found the end of the file"},
	{"# only\n", "2:1: expected \"interface\", found the end of the file"},
	{"Interface a.b", "1:1: expected \"interface\", found \"Interface\""},
	{"interfaces a.b", "1:1: expected \"interface\", found \"interfaces\""},
	{"\xef\xbb\xbfinterface a.b", "1:1: expected \"interface\", found the byte 0xef"},
	/* interface names */
	{"interface", "1:10: expected an interface name, found the end of the file"},
	{"interface (", "1:11: expected an interface name, found \"(\""},
	{"interface a", "1:11: \"a\" is not an interface name"},
	{"interface .a", "1:11: \".a\" is not an interface name"},
	{"interface a.", "1:11: \"a.\" is not an interface name"},
	{"interface a..b", "1:11: \"a..b\" is not an interface name"},
	{"interface 1.b", "1:11: \"1.b\" is not an interface name"},
	{"interface -a.b", "1:11: \"-a.b\" is not an interface name"},
	{"interface a-.b", "1:11: \"a-.b\" is not an interface name"},
	{"interface a.-b", "1:11: \"a.-b\" is not an interface name"},
	{"interface a.b-", "1:11: \"a.b-\" is not an interface name"},
	{"interface a.b_c", "1:11: \"a.b_c\" is not an interface name"},
	/* members */
	{"interface a.b\n\ttypes A ()", "2:2: expected \"type\", \"method\" or \"error\", found "
					"\"types\""},
	{"interface a.b type", "1:19: expected the name of a type, found the end of the file"},
	{"interface a.b type a ()", "1:20: \"a\" is not the name of a type"},
	{"interface a.b error A_b ()", "1:21: \"A_b\" is not the name of an error"},
	{"interface a.b method 1A()", "1:22: \"1A\" is not the name of a method"},
	{"interface a.b type A []int", "1:22: expected \"(\", found \"[\""},
	{"interface a.b type A int", "1:22: expected \"(\", found \"int\""},
	{"interface a.b error A (b)", "1:25: expected \":\" and the field's type, found \")\""},
	{"interface a.b method A(b) -> ()", "1:25: expected \":\" and the field's type, found "
					    "\")\""},
	{"interface a.b method A() -> (b)", "1:31: expected \":\" and the field's type, found "
					    "\")\""},
	{"interface a.b method A()", "1:25: expected \"->\" and the reply, found the end of the "
				     "file"},
	{"interface a.b method A() - > ()", "1:26: expected \"->\" and the reply, found \"-\""},
	{"interface a.b type A () ()", "1:25: expected \"type\", \"method\" or \"error\", found "
				       "\"(\""},
	/* lists */
	{"interface a.b type A (", "1:23: expected a field name, found the end of the file"},
	{"interface a.b type A (,)", "1:23: expected a field name, found \",\""},
	{"interface a.b type A (a: int,)", "1:30: expected a field name, found \")\""},
	{"interface a.b type A (a: int b: int)", "1:30: expected \",\" or \")\", found \"b\""},
	{"interface a.b type A (a b)", "1:25: expected \",\" or \")\", found \"b\""},
	{"interface a.b type A (a: int, b)", "1:32: expected \":\" and the field's type, found "
					     "\")\""},
	{"interface a.b type A (a, b: int)", "1:26: \"b\" has a type among names without"},
	{"interface a.b type A (_a: int)", "1:23: \"_a\" is not a field name"},
	{"interface a.b type A (a_: int)", "1:23: \"a_\" is not a field name"},
	{"interface a.b type A (a__b: int)", "1:23: \"a__b\" is not a field name"},
	{"interface a.b type A (a-b: int)", "1:23: \"a-b\" is not a field name"},
	{"interface a.b type A (1a: int)", "1:23: \"1a\" is not a field name"},
	/* types */
	{"interface a.b type A (a: )", "1:26: expected a type, found \")\""},
	{"interface a.b type A (a: integer)", "1:26: \"integer\" is not a type"},
	{"interface a.b type A (a: a.b.C)", "1:26: \"a.b.C\" is not a type"},
	{"interface a.b type A (a: ??int)", "1:27: expected a type, found \"?\""},
	{"interface a.b type A (a: [ ]int)", "1:26: expected a type, found \"[\""},
	{"interface a.b type A (a: [int]int)", "1:26: expected a type, found \"[\""},
	{"interface a.b type A (a: [])", "1:28: expected a type, found \")\""},
	/* names */
	{"interface a.b type A (a: B)", "1:26: there is no type \"B\""},
	{"interface a.b type A (a: M) method M() -> ()", "1:26: \"M\" is not a type"},
	{"interface a.b type A () error A ()", "1:31: \"A\" is declared twice"},
	{"interface a.b\ntype A ()\ntype B ()\ntype B ()\ntype A ()",
	 "4:6: \"B\" is declared twice"},
	{"interface a.b type A (a: int, b: int, a: int, b: int)", "1:39: \"a\" is declared twice"},
	{"interface a.b type A (a: (b, c, b))", "1:33: \"b\" is declared twice"},
	/* types that hold themselves */
	{"interface a.b type A (a: A)", "1:26: \"A\" would hold itself without end: no array, map "
					"or ? on the way"},
	{"interface a.b type A (a: (b: (c: A)))", "1:34: \"A\" would hold itself without end: no "
						  "array, map or ? on the way"},
	{"interface a.b type A (b: B) type B (a: ?A, c: C) type C (b: B)",
	 "1:61: \"B\" would hold itself without end: no array, map or ? on the way"},
	/* notes that are wrong in other people's files, too */
	{"interface a.b\n# access: all\nmethod M() -> ()", "2:11: the access is not observe, "
							   "control or admin"},
	{"interface a.b\n# access: none\nmethod M() -> ()", "2:11: the access is not observe, "
							    "control or admin"},
	{"interface a.b\n# access:\nmethod M() -> ()", "2:10: the access is not observe, control "
						       "or admin"},
	{"interface a.b\n# access: admin admin admin\nmethod M() -> ()",
	 "2:11: the access is not observe, control or admin"},
	{"interface a.b\n# access: admin\n# access: admin\nmethod M() -> ()",
	 "3:11: a second access line of \"M\""},
	{"interface a.b\n# unit: a = s\n# unit: a = ms\nmethod M(a: int) -> ()",
	 "3:13: \"a\" has another unit since line 2"},
	{"interface a.b # \xc3\xa4 \xed\xa0\x80\ntype A ()", "1:19: not UTF-8: the byte 0xed"},
	{"interface a.b # \xc3\xa4 \xf0\x9f\x98", "1:19: not UTF-8: the byte 0xf0"},
	/* places are counted in characters */
	{"interface a.b # \xc3\xa4\xe2\x82\xac\n\t# \xc3\xa4\n type A(\xc3\xa4",
	 "3:9: expected a field name, found the byte 0xc3"},
};

static void test_cases(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_free_ char *problem = NULL;
		struct idl *idl = NULL;

		assert_int_equal(
			idl_parse(cases[i].text, strlen(cases[i].text), false, &idl, &problem),
			-EINVAL);
		assert_null(idl);
		assert_string_equal(problem, cases[i].problem);
		assert_int_equal(idl_parse(cases[i].text, strlen(cases[i].text), false, &idl, NULL),
				 -EINVAL);
	}
}

/* A text whose pieces are put one behind the other. */
struct text {
	char bytes[IDL_BYTES_MAX + 2];
	size_t len;
};

static struct text text;

static void begin(void)
{
	text.len = 0;
	text.len += sprintf(text.bytes, "interface a.b\n");
}

__attribute__((format(printf, 1, 2))) static void put(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	text.len += vsnprintf(text.bytes + text.len, sizeof(text.bytes) - text.len, format, ap);
	va_end(ap);
	assert_true(text.len < sizeof(text.bytes));
}

static void assert_parse(int r, const char *problem)
{
	_cleanup_free_ char *got = NULL;
	_cleanup_(idl_free_p) struct idl *idl = NULL;

	assert_int_equal(idl_parse(text.bytes, text.len, false, &idl, &got), r);
	if (problem)
		assert_string_equal(got, problem);
	else
		assert_null(got);
}

static void test_depth(void **state)
{
	begin();
	put("type A (a: ");
	for (int i = 1; i < IDL_DEPTH_MAX; i++)
		put("?[]");
	put("int)");
	assert_parse(0, NULL);

	begin();
	put("type A (a: ");
	for (int i = 1; i < IDL_DEPTH_MAX; i++)
		put("[string]");
	put("[]int)");
	assert_parse(-EINVAL, "2:260: types within types, more than 32 deep");

	begin();
	put("type A ");
	while (text.len < IDL_BYTES_MAX - 100)
		put("(a:");
	assert_parse(-EINVAL, "2:104: types within types, more than 32 deep");
}

static void test_size(void **state)
{
	begin();
	put("type A ()\n#");
	while (text.len < IDL_BYTES_MAX)
		put("x");
	assert_parse(0, NULL);
	put("x");
	assert_parse(-EINVAL, "1:1: more than 262144 bytes");
}

static void test_nul(void **state)
{
	begin();
	put("type A () # ");
	text.bytes[text.len++] = '\0';
	put("\n");
	assert_parse(-EINVAL, "2:13: not a text: a NUL byte");
}

/* As many types as there is room for, each of which needs the next: no recursion, no square. */
static void test_long_chain(void **state)
{
	_cleanup_free_ char *problem = NULL;
	int i = 0;

	begin();
	for (; text.len < IDL_BYTES_MAX - 100; i++)
		put("type T%d(a:T%d)\n", i, i + 1);
	put("type T%d ()", i);
	assert_parse(0, NULL);
	assert_true(i > 10000);
	text.len -= 2;
	put("(a:T0)");
	assert_true(asprintf(&problem,
			     "%d:16: \"T0\" would hold itself without end: no array, map or ? on "
			     "the way",
			     i + 2) > 0);
	assert_parse(-EINVAL, problem);
}

static void test_many_fields(void **state)
{
	unsigned i = 0;

	begin();
	put("type A (");
	for (; text.len < IDL_BYTES_MAX - 100; i++)
		put("a%x,", i);
	put("b)");
	assert_parse(0, NULL);
}

/* From here on, this allocation fails; 0: none does. */
static unsigned failing;

void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);

void *__wrap_calloc(size_t count, size_t size)
{
	return failing && --failing == 0 ? NULL : __real_calloc(count, size);
}

static void test_no_memory(void **state)
{
	_cleanup_(idl_free_p) struct idl *idl = NULL;
	unsigned i = 0;
	int r;

	begin();
	for (; text.len < 20000; i++)
		put("# access: admin\n# unit: a.b = x\nmethod M%u(a: []T%u) -> (a: T%u)\n"
		    "type T%u(b: ?int, c: (a, b))\n",
		    i, i, i, i);
	i = 0;
	do {
		_cleanup_free_ char *problem = NULL;

		failing = ++i;
		r = idl_parse(text.bytes, text.len, true, &idl, &problem);
		if (failing == 0)
			assert_int_equal(r, -ENOMEM);
		assert_null(problem);
	} while (failing == 0);
	failing = 0;
	assert_int_equal(r, 0);
	assert_true(i > 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),	   cmocka_unit_test(test_depth),
		cmocka_unit_test(test_size),	   cmocka_unit_test(test_nul),
		cmocka_unit_test(test_long_chain), cmocka_unit_test(test_many_fields),
		cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
