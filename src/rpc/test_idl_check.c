/*
 * Tests of values against types: what fits, and where the first thing is that does not.
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

static const char interface[] = "interface a.b\n"
				"type Tree (name: string, children: ?[]Tree)\n"
				"type State (yes, no)\n"
				"type Most (b: bool, i: int, f: float, s: string, o: ?object,\n"
				"  e: ?(one, two), t: ?(x: int, y: ?int), n: ?State)\n"
				"type Lists (a: ?[][]int, m: ?[string]?State, set: ?[string](),\n"
				"  n: ?[]?int)\n"
				"error None ()\n";

#define MOST "\"b\": true, \"i\": -1, \"f\": 0.5, \"s\": \"\""

static const struct {
	const char *type, *value;
	const char *wrong; /* NULL: it fits */
} cases[] = {
	{"Most", "{" MOST "}", NULL},
	{"Most", "{\"s\": \"\", \"f\": 2, \"i\": 9223372036854775807, \"b\": false}", NULL},
	{"Most", "{" MOST ", \"o\": null, \"e\": null, \"t\": null, \"n\": null}", NULL},
	{"Most", "{" MOST ", \"o\": {\"x\": [{}, null]}, \"e\": \"two\", \"n\": \"no\"}", NULL},
	{"Most", "{" MOST ", \"t\": {\"x\": 1}}", NULL},
	{"Most", "[]", ""},
	{"Most", "null", ""},
	{"Most", "1", ""},
	{"Most", "{}", "b"},
	{"Most", "{\"b\": null, \"i\": 1, \"f\": 1, \"s\": \"\"}", "b"},
	{"Most", "{\"b\": 1, \"i\": \"\"}", "b"},
	{"Most", "{\"i\": \"\", \"b\": true}", "i"},
	{"Most", "{\"b\": true, \"i\": 1.0}", "i"},
	{"Most", "{\"b\": true, \"i\": true}", "i"},
	{"Most", "{\"b\": true, \"i\": 1, \"f\": \"1\"}", "f"},
	{"Most", "{\"b\": true, \"i\": 1, \"f\": 1, \"s\": 1}", "s"},
	{"Most", "{\"z\": 1, " MOST ", \"y\": 1}", "z"},
	{"Most", "{\"z\": 1}", "b"},
	{"Most", "{\"z\": 1, " MOST ", \"n\": \"\"}", "n"},
	{"Most", "{" MOST ", \"o\": []}", "o"},
	{"Most", "{" MOST ", \"e\": \"On\"}", "e"},
	{"Most", "{" MOST ", \"e\": 1}", "e"},
	{"Most", "{" MOST ", \"t\": {}}", "t.x"},
	{"Most", "{" MOST ", \"t\": {\"x\": 1, \"y\": []}}", "t.y"},
	{"Most", "{" MOST ", \"t\": {\"x\": 1, \"z\": 1}}", "t.z"},
	{"Lists", "{}", NULL},
	/* As many members as the type has fields, or may do without. */
	{"Lists", "{\"z\": 1}", "z"},
	{"Lists", "{\"w\": 1, \"x\": 1, \"y\": 1, \"z\": 1}", "w"},
	{"Lists", "{\"a\": []}", NULL},
	{"Lists", "{\"a\": [[], [1, 2]], \"m\": {\"\": null, \"b\": \"no\"}}", NULL},
	{"Lists", "{\"set\": {\"a\": {}, \"b\": {}}, \"n\": [1, null]}", NULL},
	{"Lists", "{\"a\": {}}", "a"},
	{"Lists", "{\"a\": [[1], [2, 3, null]]}", "a[1][2]"},
	{"Lists", "{\"a\": [[1], null]}", "a[1]"},
	{"Lists", "{\"m\": []}", "m"},
	{"Lists", "{\"m\": {\"a b\": \"no\", \"c\": \"x\"}}", "m.c"},
	{"Lists", "{\"set\": {\"a\": {\"b\": 1}}}", "set.a.b"},
	{"Lists", "{\"set\": {\"a\": null}}", "set.a"},
	{"Tree", "{\"name\": \"a\", \"children\": [{\"name\": \"b\", \"children\": []}]}", NULL},
	{"Tree", "{\"name\": \"a\", \"children\": [{\"name\": \"b\"}, {}]}", "children[1].name"},
	{"State", "\"yes\"", NULL},
	{"State", "\"maybe\"", ""},
};

static struct idl *parse(void)
{
	struct idl *idl;

	assert_int_equal(idl_parse(interface, strlen(interface), false, &idl, NULL), 0);
	return idl;
}

static json_t *load(const char *text)
{
	json_t *value = json_loads(text, JSON_DECODE_ANY, NULL);

	assert_non_null(value);
	return value;
}

static void test_cases(void **state)
{
	_cleanup_(idl_free_p) struct idl *idl = parse();

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct idl_member *m = idl_find(idl, IDL_TYPE, cases[i].type);
		json_t *value = load(cases[i].value);
		char path[64] = "untouched";

		assert_int_equal(idl_check(&m->type, value, path, sizeof(path)),
				 cases[i].wrong ? -EINVAL : 0);
		assert_string_equal(path, cases[i].wrong ? cases[i].wrong : "untouched");
		json_decref(value);
	}
}

static void test_nothing(void **state)
{
	_cleanup_(idl_free_p) struct idl *idl = parse();
	char path[64] = "untouched";

	assert_int_equal(idl_check(&idl_find(idl, IDL_ERROR, "None")->type, NULL, path, 64), 0);
	assert_int_equal(idl_check(&idl_find(idl, IDL_TYPE, "Lists")->type, NULL, path, 64), 0);
	assert_string_equal(path, "untouched");
	assert_int_equal(idl_check(&idl_find(idl, IDL_TYPE, "Most")->type, NULL, path, 64),
			 -EINVAL);
	assert_string_equal(path, "b");
	assert_int_equal(idl_check(&idl_find(idl, IDL_TYPE, "State")->type, NULL, path, 64),
			 -EINVAL);
	assert_string_equal(path, "");
}

/* @count values within each other, as {"MEMBER": {"MEMBER": …}}. */
static json_t *nested(const char *member, bool in_arrays, unsigned count)
{
	json_t *value = json_object();

	json_object_set_new(value, "name", json_string(""));
	for (unsigned i = 1; i < count; i++) {
		json_t *outer = json_object();

		json_object_set_new(outer, "name", json_string(""));
		json_object_set_new(outer, member,
				    in_arrays ? json_pack("[o]", value) : json_incref(value));
		if (!in_arrays)
			json_decref(value);
		value = outer;
	}
	return value;
}

static void test_depth(void **state)
{
	_cleanup_(idl_free_p) struct idl *idl = parse();
	const struct idl_type *tree = &idl_find(idl, IDL_TYPE, "Tree")->type;
	const struct idl_type any = {.kind = IDL_OBJECT};
	json_t *value, *inner;
	char path[1024];

	/* Objects and arrays take turns: the 17th object would be the 33rd of both. */
	value = nested("children", true, IDL_DEPTH_MAX / 2);
	assert_int_equal(idl_check(tree, value, path, sizeof(path)), 0);
	for (inner = value; json_object_get(inner, "children");)
		inner = json_array_get(json_object_get(inner, "children"), 0);
	json_object_set_new(inner, "children", json_array());
	assert_int_equal(idl_check(tree, value, path, sizeof(path)), 0);
	json_decref(value);
	value = nested("children", true, IDL_DEPTH_MAX / 2 + 1);
	assert_int_equal(idl_check(tree, value, path, sizeof(path)), -EINVAL);
	assert_memory_equal(path, "children[0].children[0].", 24);
	json_decref(value);

	value = nested("o", false, IDL_DEPTH_MAX);
	assert_int_equal(idl_check(&any, value, path, sizeof(path)), 0);
	json_decref(value);
	value = nested("o", false, IDL_DEPTH_MAX + 1);
	assert_int_equal(idl_check(&any, value, path, sizeof(path)), -EINVAL);
	assert_int_equal(strlen(path), 2 * IDL_DEPTH_MAX - 1);
	json_decref(value);
	value = nested("o", true, 1000);
	assert_int_equal(idl_check(&any, value, path, sizeof(path)), -EINVAL);
	json_decref(value);
}

/* A path that is too long is cut, between characters. */
static void test_cut(void **state)
{
	static const struct {
		size_t size;
		const char *path;
	} cuts[] = {
		{15, "set.\xe2\x82\xac.\xf0\x9f\x98\x80.x"},
		{14, "set.\xe2\x82\xac.\xf0\x9f\x98\x80."},
		{13, "set.\xe2\x82\xac.\xf0\x9f\x98\x80"},
		{12, "set.\xe2\x82\xac."},
		{9, "set.\xe2\x82\xac."},
		{8, "set.\xe2\x82\xac"},
		{7, "set."},
		{5, "set."},
		{4, "set"},
		{1, ""},
	};
	static const char text[] = "interface a.b type A (set: [string][string](x: int))";
	_cleanup_(idl_free_p) struct idl *idl = NULL;
	json_t *value = load("{\"set\": {\"\xe2\x82\xac\": {\"\xf0\x9f\x98\x80\": {}}}}");
	char path[32];

	assert_int_equal(idl_parse(text, strlen(text), false, &idl, NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(cuts); i++) {
		memset(path, 'z', sizeof(path));
		assert_int_equal(idl_check(&idl->members[0].type, value, path, cuts[i].size),
				 -EINVAL);
		assert_string_equal(path, cuts[i].path);
		assert_int_equal(path[cuts[i].size], 'z');
	}
	assert_int_equal(idl_check(&idl->members[0].type, value, NULL, 0), -EINVAL);
	json_decref(value);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_depth),
		cmocka_unit_test(test_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
