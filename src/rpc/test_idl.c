/*
 * Tests of the interface parser: every rule of the grammar from both sides, what belongs to what,
 * and that memory may run out at every point.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/def.h"
#include "rpc/idl.h"

static const char example[] = "# Copyright\n"
			      "\n"
			      "# About \t\n"
			      "#\n"
			      "#  it.\r\n"
			      "interface org.example-one.Two3\n"
			      "\n"
			      "type Point (x: int, y: ?float) # behind\n"
			      "\n"
			      "# The only one.\n"
			      "type Colour (red, green_2)\n"
			      "\n"
			      "# Draws.\n"
			      "# access: control\n"
			      "# unit: points.x = pixels from the left\n"
			      "#\n"
			      "# unit: level =\tpercent\n"
			      "method Draw(\n"
			      "  # all of them\n"
			      "  points: []Point, # behind\n"
			      "  # detached\n"
			      "\n"
			      "  colours: ?[string][]?Colour,\n"
			      "  set: [string](), # behind\n"
			      "  # as it is\n"
			      "  raw: object, # behind\n"
			      "  level: int\n"
			      ")->(done: bool, level: int, rest: ?(a: string, b: (c, d)))\n"
			      "error Refused () # behind\n"
			      "method Empty() -> ()";

static struct idl *parse(const char *text, bool strict)
{
	_cleanup_free_ char *problem = NULL;
	struct idl *idl = NULL;
	int r = idl_parse(text, strlen(text), strict, &idl, &problem);

	if (r < 0)
		fail_msg("%d: %s", r, problem ? problem : "");
	return idl;
}

static void assert_type(const struct idl_type *t, const char *text)
{
	_cleanup_free_ char *got = NULL;

	assert_int_equal(idl_type_text(t, &got), 0);
	assert_string_equal(got, text);
}

static void test_members(void **state)
{
	_cleanup_(idl_free_p) struct idl *idl = parse(example, false);
	const struct idl_member *m;

	assert_string_equal(idl->name, "org.example-one.Two3");
	assert_string_equal(idl->text, example);
	assert_string_equal(idl->comment, "About\n\n it.");
	assert_int_equal(idl->member_count, 5);

	m = idl_find(idl, IDL_TYPE, "Point");
	assert_ptr_equal(m, &idl->members[0]);
	assert_string_equal(m->comment, "");
	assert_type(&m->type, "(x: int, y: ?float)");
	m = idl_find(idl, IDL_TYPE, "Colour");
	assert_string_equal(m->comment, "The only one.");
	assert_type(&m->type, "(red, green_2)");
	m = idl_find(idl, IDL_ERROR, "Refused");
	assert_type(&m->type, "()");
	m = idl_find(idl, IDL_METHOD, "Empty");
	assert_int_equal(m->access, ACCESS_NONE);
	assert_string_equal(m->comment, "");

	assert_null(idl_find(idl, IDL_ERROR, "Point"));
	assert_null(idl_find(idl, IDL_TYPE, "point"));
	assert_null(idl_find(idl, IDL_TYPE, ""));
	assert_null(idl_find(idl, IDL_TYPE, "Zebra"));
}

static void test_method(void **state)
{
	_cleanup_(idl_free_p) struct idl *idl = parse(example, false);
	const struct idl_member *m = idl_find(idl, IDL_METHOD, "Draw");
	const struct idl_field *f = m->type.fields;

	assert_string_equal(m->comment, "Draws.");
	assert_int_equal(m->access, ACCESS_CONTROL);
	assert_type(&m->type, "(points: []Point, colours: ?[string][]?Colour, set: [string](), "
			      "raw: object, level: int)");
	assert_type(&m->reply, "(done: bool, level: int, rest: ?(a: string, b: (c, d)))");
	assert_ptr_equal(f[0].type.element->named, &idl->members[0]);
	assert_string_equal(f[0].comment, "all of them");
	assert_string_equal(f[1].comment, "");
	/* What stands behind something is nobody's, also when the next line follows at once. */
	assert_string_equal(f[3].comment, "as it is");
	assert_string_equal(f[4].comment, "");
	assert_string_equal(f[4].unit, "percent");
	assert_string_equal(m->reply.fields[1].unit, "percent");
	assert_null(m->reply.fields[0].unit);
	assert_string_equal(idl->members[0].type.fields[0].unit, "pixels from the left");
	assert_null(idl->members[0].type.fields[1].unit);
}

/* What is a note in our files may be anything in those of others: then it is text. */
static void test_foreign(void **state)
{
	static const char text[] = "# access: all\n"
				   "interface a.b\n"
				   "# unit: it = s\n"
				   "type A (\n"
				   "\t# access: free\n"
				   "\tb: int)\n"
				   "# unit: a.b = s\n"
				   "\n"
				   "# unit: of measure\n"
				   "# unit: a.c = s\n"
				   "# unit: a.b.c = s\n"
				   "# unit: a.b = ms\n"
				   "# unit: a.b. = s\n"
				   "# unit: a..b = s\n"
				   "method M(a: []A) -> ()\n"
				   "# access: all\n"
				   "error E ()";
	_cleanup_(idl_free_p) struct idl *idl = parse(text, false);
	const struct idl_member *m = idl_find(idl, IDL_METHOD, "M");

	assert_string_equal(idl->comment, "access: all");
	assert_string_equal(idl->members[0].comment, "unit: it = s");
	assert_string_equal(idl->members[0].type.fields[0].comment, "access: free");
	/* The blank line detached what is above it. */
	assert_string_equal(idl->members[0].type.fields[0].unit, "ms");
	assert_string_equal(m->comment, "unit: of measure\nunit: a.c = s\nunit: a.b.c = s\n"
					"unit: a.b. = s\nunit: a..b = s");
	assert_string_equal(idl_find(idl, IDL_ERROR, "E")->comment, "access: all");
}

static void test_empty(void **state)
{
	_cleanup_(idl_free_p) struct idl *idl = parse("interface a.b # nothing", false);

	assert_string_equal(idl->comment, "");
	assert_int_equal(idl->member_count, 0);
	assert_null(idl_find(idl, IDL_TYPE, "A"));
}

/* What counts besides the class is no part of the comment. */
static void test_granted(void **state)
{
	_cleanup_(idl_free_p) struct idl *idl =
		parse("interface a.b\n# access: control or granted\n# Sets.\nmethod A() -> ()\n"
		      "# access: control\nmethod B() -> ()\n",
		      false);
	const struct idl_member *m = idl_find(idl, IDL_METHOD, "A");

	assert_int_equal(m->access, ACCESS_CONTROL);
	assert_true(m->granted);
	assert_string_equal(m->comment, "Sets.");
	assert_false(idl_find(idl, IDL_METHOD, "B")->granted);
}

static void test_classes(void **state)
{
	enum access_class c = ACCESS_ADMIN;

	assert_int_equal(access_class_parse("none", &c), 0);
	assert_int_equal(c, ACCESS_NONE);
	assert_int_equal(access_class_parse("control", &c), 0);
	assert_int_equal(c, ACCESS_CONTROL);
	assert_int_equal(access_class_parse("", &c), -EINVAL);
	assert_int_equal(access_class_parse("Control", &c), -EINVAL);
	assert_int_equal(c, ACCESS_CONTROL);
	assert_string_equal(access_class_name(ACCESS_OBSERVE), "observe");
	assert_string_equal(access_class_name(ACCESS_ADMIN), "admin");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_members), cmocka_unit_test(test_method),
		cmocka_unit_test(test_foreign), cmocka_unit_test(test_empty),
		cmocka_unit_test(test_classes), cmocka_unit_test(test_granted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
