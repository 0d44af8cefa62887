/*
 * Tests of tree.c and escape.c: names from archives, links on the way of a path, order, and the
 * bytes that are escaped.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>

#include "base/def.h"
#include "escape.h"
#include "tree.h"

static void test_path(void **state)
{
	static const struct {
		const char *name, *path;
		int r;
	} cases[] = {
		{".", "/", 0},
		{"./", "/", 0},
		{"a", "/a", 0},
		{"./a/b/", "/a/b", 0},
		{"a//b/./c", "/a/b/c", 0},
		{"...", "/...", 0},
		{"/a", NULL, -EINVAL},
		{"..", NULL, -EINVAL},
		{"a/../b", NULL, -EINVAL},
		{"./..", NULL, -EINVAL},
	};
	char name[300], path[PATH_MAX];

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(tree_path(cases[i].name, path), cases[i].r);
		if (cases[i].path)
			assert_string_equal(path, cases[i].path);
	}
	memset(name, 'n', sizeof(name));
	name[256] = '\0';
	assert_int_equal(tree_path(name, path), -ENAMETOOLONG);
	name[255] = '\0';
	assert_int_equal(tree_path(name, path), 0);
}

static void add(struct tree *t, const char *path, uint32_t type, const char *target)
{
	_cleanup_(node_unrefp) struct node *n = node_new(type);

	n->target = target ? strdup(target) : NULL;
	assert_int_equal(tree_insert(t, path, n, NULL), 0);
}

static void test_canonical(void **state)
{
	static const struct {
		const char *path, *canonical;
		int r;
	} cases[] = {
		{"/.", "/", 0},
		{"/bin/ls", "/usr/bin/ls", 0},
		{"/bin", "/bin", 0},
		{"/abs/x/y", "/usr/bin/x/y", 0},
		{"/usr/up/z", "/z", 0},
		{"/none/x", "/none/x", 0},
		{"/loop/x", NULL, -ELOOP},
		{"/usr/bin/../x", "/usr/x", 0},
	};
	char path[PATH_MAX];
	struct tree t = {};

	add(&t, "/", S_IFDIR, NULL);
	add(&t, "/bin", S_IFLNK, "usr/bin");
	add(&t, "/abs", S_IFLNK, "/bin");
	add(&t, "/loop", S_IFLNK, "loop");
	add(&t, "/usr", S_IFDIR, NULL);
	add(&t, "/usr/up", S_IFLNK, "../../..");
	add(&t, "/usr/bin", S_IFDIR, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(tree_canonical(&t, cases[i].path, path), cases[i].r);
		if (cases[i].canonical)
			assert_string_equal(path, cases[i].canonical);
	}
	tree_deinit(&t);
}

static void test_seal(void **state)
{
	static const char *const order[] = {"/", "/a", "/a-b", "/a/b", "/a/c", "/\xff"};
	struct tree t = {};
	struct err err;

	assert_int_equal(tree_seal(&t, &err), -ENOENT);
	for (size_t i = ARRAY_SIZE(order); i--;)
		add(&t, order[i], S_IFDIR, NULL);
	add(&t, "/a/c", S_IFREG, NULL);
	assert_int_equal(tree_seal(&t, &err), 0);
	assert_int_equal(t.count, ARRAY_SIZE(order));
	for (size_t i = 0; i < t.count; i++)
		assert_string_equal(t.entries[i]->path, order[i]);
	assert_ptr_equal(t.entries[1]->child, t.entries[3]);
	assert_ptr_equal(t.entries[3]->sibling, t.entries[4]);
	assert_true(S_ISREG(t.entries[4]->node->mode));
	tree_deinit(&t);
}

static void test_xattrs(void **state)
{
	_cleanup_(node_unrefp) struct node *n = node_new(S_IFREG);

	assert_int_equal(node_set_xattr(n, "user.b", "1", 1), 0);
	assert_int_equal(node_set_xattr(n, "user.a", "", 0), 0);
	assert_int_equal(node_set_xattr(n, "user.b", "22", 2), 0);
	assert_string_equal(n->xattrs->name, "user.a");
	assert_string_equal(n->xattrs->next->name, "user.b");
	assert_int_equal(n->xattrs->next->len, 2);
	assert_null(n->xattrs->next->next);
}

static void test_escape(void **state)
{
	static const struct {
		const char *raw, *escaped;
	} cases[] = {
		{"", ""},
		{"/a b~", "/a b~"},
		{"\\", "\\x5c"},
		{"\t\n\x7f\x01", "\\x09\\x0a\\x7f\\x01"},
		{"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"},
		{"\xc2\x80\xc2\x9f\xc2\xa0", "\\xc2\\x80\\xc2\\x9f\xc2\xa0"},
		{"\xc0\xaf", "\\xc0\\xaf"},
		{"\xe0\x80\xaf", "\\xe0\\x80\\xaf"},
		{"\xed\xa0\x80", "\\xed\\xa0\\x80"},
		{"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"},
		{"\xe2\x82", "\\xe2\\x82"},
		{"\xffx", "\\xffx"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_free_ char *escaped = escape_dup(cases[i].raw);

		assert_string_equal(escaped, cases[i].escaped);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_path),   cmocka_unit_test(test_canonical),
		cmocka_unit_test(test_seal),   cmocka_unit_test(test_xattrs),
		cmocka_unit_test(test_escape),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
