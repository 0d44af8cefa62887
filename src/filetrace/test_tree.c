/*
 * Tests of tree.c: directories and names that come, move and go.
 */
#include "filetrace/tree.h"

#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/def.h"

#define KEY(number) (&(const struct ft_key){.ino = (number), .dev = 1})

static int setup(void **state)
{
	return tree_new((struct tree **)state);
}

static int teardown(void **state)
{
	tree_free(*state);
	return 0;
}

static void assert_path(const struct tree *t, uint64_t dir, const char *name, const char *expected)
{
	_cleanup_free_ char *path = NULL;

	assert_int_equal(tree_path(t, KEY(dir), name, &path), 0);
	assert_string_equal(path, expected);
}

static void assert_inode(const struct tree *t, const char *path, uint64_t ino)
{
	struct ft_key key;

	if (!ino) {
		assert_int_equal(tree_inode(t, path, &key), -ENOENT);
		return;
	}
	assert_int_equal(tree_inode(t, path, &key), 0);
	assert_int_equal(key.ino, ino);
}

static bool has_name(struct tree *t, uint64_t ino, const char *path)
{
	const char *name;

	for (size_t i = 0; (name = tree_name(t, KEY(ino), i)); i++)
		if (!strcmp(name, path))
			return true;
	return false;
}

static void test_paths(void **state)
{
	struct tree *t = *state;
	char *path = NULL;

	assert_int_equal(tree_add_dir(t, KEY(1), "/"), 0);
	assert_int_equal(tree_add_dir(t, KEY(2), "/etc"), 0);
	assert_int_equal(tree_add_dir(t, KEY(4), "/a/b/c"), 0);
	assert_path(t, 1, NULL, "/");
	assert_path(t, 1, "x", "/x");
	assert_path(t, 2, NULL, "/etc");
	assert_path(t, 2, "hosts", "/etc/hosts");
	assert_path(t, 4, "x", "/a/b/c/x");
	assert_int_equal(tree_path(t, KEY(3), "x", &path), -ENOENT);
	/* The same number on another device is another inode. */
	assert_int_equal(tree_path(t, &(struct ft_key){.ino = 2, .dev = 2}, "x", &path), -ENOENT);
	assert_null(path);
	/* A parent that becomes known later keeps what is below it. */
	assert_int_equal(tree_add_dir(t, KEY(3), "/a/b/"), 0);
	assert_path(t, 3, NULL, "/a/b");
	assert_path(t, 4, NULL, "/a/b/c");
	assert_int_equal(tree_add_dir(t, KEY(5), "etc"), -EINVAL);
	assert_int_equal(tree_add_name(t, KEY(5), "/"), -EINVAL);
}

static void test_replaced(void **state)
{
	struct tree *t = *state;

	assert_int_equal(tree_add_dir(t, KEY(2), "/etc"), 0);
	assert_int_equal(tree_add_name(t, KEY(10), "/etc/hosts"), 0);
	/* Another directory at the path: what was below the first one is not there any more. */
	assert_int_equal(tree_add_dir(t, KEY(3), "/etc"), 0);
	assert_false(tree_has_dir(t, KEY(2)));
	assert_inode(t, "/etc/hosts", 0);
	/* The same directory at another path. */
	assert_int_equal(tree_add_name(t, KEY(10), "/etc/hosts"), 0);
	assert_int_equal(tree_add_dir(t, KEY(3), "/opt"), 0);
	assert_inode(t, "/etc/hosts", 0);
	assert_path(t, 3, NULL, "/opt");
	/* Again, and nothing changes. */
	assert_int_equal(tree_add_name(t, KEY(11), "/opt/f"), 0);
	assert_int_equal(tree_add_dir(t, KEY(3), "/opt"), 0);
	assert_inode(t, "/opt/f", 11);
	/* A file becomes a directory, and back; a number is used again. */
	assert_int_equal(tree_add_dir(t, KEY(4), "/opt/f"), 0);
	assert_inode(t, "/opt/f", 0);
	assert_null(tree_name(t, KEY(11), 0));
	assert_int_equal(tree_add_name(t, KEY(12), "/opt/f"), 0);
	assert_false(tree_has_dir(t, KEY(4)));
	assert_int_equal(tree_add_dir(t, KEY(12), "/opt/d"), 0);
	assert_inode(t, "/opt/f", 0);
	assert_int_equal(tree_add_name(t, KEY(12), "/opt/g"), 0);
	assert_false(tree_has_dir(t, KEY(12)));
	assert_int_equal(tree_name_count(t), 1);
}

static void test_names(void **state)
{
	struct tree *t = *state;
	struct ft_key key = {.ino = 99};

	assert_int_equal(tree_add_name(t, KEY(10), "/etc/a"), 0);
	assert_int_equal(tree_add_name(t, KEY(10), "/etc/b"), 0);
	assert_int_equal(tree_add_name(t, KEY(10), "/opt/c"), 0);
	assert_int_equal(tree_add_name(t, KEY(10), "/opt/c"), 0);
	assert_int_equal(tree_name_count(t), 3);
	assert_true(has_name(t, 10, "/etc/a") && has_name(t, 10, "/etc/b"));
	assert_null(tree_name(t, KEY(10), 3));
	assert_int_equal(tree_add_name(t, KEY(11), "/etc/b"), 0);
	assert_false(has_name(t, 10, "/etc/b"));
	assert_inode(t, "/etc/b", 11);
	tree_remove_name(t, "/etc/a");
	tree_remove_name(t, "/etc/a");
	tree_remove_name(t, "/etc");
	tree_remove_name(t, "/nowhere/at/all");
	assert_inode(t, "/etc/a", 0);
	assert_string_equal(tree_name(t, KEY(10), 0), "/opt/c");
	assert_null(tree_name(t, KEY(10), 1));
	assert_int_equal(tree_inode(t, "/etc", &key), -ENOENT);
	assert_int_equal(key.ino, 99);
}

static void test_moved(void **state)
{
	struct tree *t = *state;

	assert_int_equal(tree_add_dir(t, KEY(1), "/etc"), 0);
	assert_int_equal(tree_add_dir(t, KEY(2), "/etc/a"), 0);
	assert_int_equal(tree_add_dir(t, KEY(3), "/etc/a/deep"), 0);
	assert_int_equal(tree_add_name(t, KEY(10), "/etc/a/deep/f"), 0);
	assert_int_equal(tree_add_name(t, KEY(11), "/etc/a/g"), 0);
	assert_int_equal(tree_add_dir(t, KEY(4), "/etc/b"), 0);
	assert_int_equal(tree_add_name(t, KEY(12), "/etc/b/old"), 0);
	assert_int_equal(tree_move_dir(t, KEY(9), "/etc/c"), -ENOENT);
	assert_int_equal(tree_move_dir(t, KEY(2), "/etc/a/deep/x"), -EINVAL);
	assert_int_equal(tree_move_dir(t, KEY(3), "/etc"), -EINVAL);
	assert_int_equal(tree_move_dir(t, KEY(2), "/etc/a"), 0);
	assert_path(t, 3, NULL, "/etc/a/deep");
	/* Over another one, which is gone then. */
	assert_int_equal(tree_move_dir(t, KEY(2), "/etc/b"), 0);
	assert_false(tree_has_dir(t, KEY(4)));
	assert_inode(t, "/etc/b/old", 0);
	assert_path(t, 3, "f", "/etc/b/deep/f");
	assert_inode(t, "/etc/b/deep/f", 10);
	assert_inode(t, "/etc/a/deep/f", 0);
	assert_string_equal(tree_name(t, KEY(11), 0), "/etc/b/g");
	/* To where nothing was known. */
	assert_int_equal(tree_move_dir(t, KEY(2), "/srv/x/y"), 0);
	assert_inode(t, "/srv/x/y/g", 11);
	tree_remove_dir(t, KEY(2));
	assert_false(tree_has_dir(t, KEY(3)));
	assert_int_equal(tree_name_count(t), 0);
	assert_true(tree_has_dir(t, KEY(1)));
	tree_remove_dir(t, KEY(2));
}

static void test_lengths(void **state)
{
	struct tree *t = *state;
	char longest[PATH_MAX + 1], *path = NULL;

	memset(longest, 'x', sizeof(longest));
	longest[0] = '/';
	for (size_t i = 200; i < PATH_MAX; i += 200)
		longest[i] = '/';
	longest[PATH_MAX] = '\0';
	assert_int_equal(tree_add_dir(t, KEY(1), longest), -ENAMETOOLONG);
	longest[PATH_MAX - 1] = '\0';
	assert_int_equal(tree_add_name(t, KEY(2), longest), 0);
	assert_string_equal(tree_name(t, KEY(2), 0), longest);
	assert_int_equal(tree_add_dir(t, KEY(1), longest), 0);
	assert_path(t, 1, NULL, longest);
	assert_int_equal(tree_path(t, KEY(1), "y", &path), -ENAMETOOLONG);
	longest[PATH_MAX - 3] = '\0';
	assert_int_equal(tree_add_dir(t, KEY(3), longest), 0);
	assert_int_equal(tree_path(t, KEY(3), "y", &path), 0);
	assert_int_equal(strlen(path), PATH_MAX - 1);
	free(path);
	path = NULL;
	/* What a move makes too long is not told. */
	assert_int_equal(tree_add_dir(t, KEY(5), "/short"), 0);
	assert_int_equal(tree_add_dir(t, KEY(6), "/short/below"), 0);
	assert_int_equal(tree_move_dir(t, KEY(5), longest), 0);
	assert_int_equal(tree_path(t, KEY(6), NULL, &path), -ENAMETOOLONG);
	assert_null(path);
}

struct seen {
	unsigned count;
	uint64_t sum;
	char last[PATH_MAX];
};

static int see(void *data, const struct ft_key *key, const char *path)
{
	struct seen *s = data;

	s->count++;
	s->sum += key->ino;
	snprintf(s->last, sizeof(s->last), "%s", path);
	return s->count == 100 ? -ECANCELED : 0;
}

static void test_each(void **state)
{
	struct tree *t = *state;
	struct seen dirs = {}, names = {}, one = {}, none = {}, ended = {.count = 99};

	assert_int_equal(tree_each_dir(t, see, &none), 0);
	assert_int_equal(none.count, 0);
	for (uint64_t i = 1; i <= 50; i++) {
		char path[64];

		snprintf(path, sizeof(path), "/d%d/e%d", (int)(i % 7), (int)i);
		assert_int_equal(tree_add_dir(t, KEY(i), path), 0);
		strcat(path, "/f");
		assert_int_equal(tree_add_name(t, KEY(1000 + i), path), 0);
	}
	assert_int_equal(tree_each_dir(t, see, &dirs), 0);
	assert_int_equal(dirs.count, 50);
	assert_int_equal(dirs.sum, 50 * 51 / 2);
	assert_int_equal(tree_each_name(t, "/", see, &names), 0);
	assert_int_equal(names.count, 50);
	assert_int_equal(tree_each_name(t, "/d3/e3", see, &one), 0);
	assert_int_equal(one.count, 1);
	assert_string_equal(one.last, "/d3/e3/f");
	assert_int_equal(tree_each_name(t, "/d3/none", see, &none), 0);
	assert_int_equal(none.count, 0);
	assert_int_equal(tree_each_dir(t, see, &ended), -ECANCELED);
	assert_int_equal(ended.count, 100);
}

/* Random changes, and that what the indexes say always agrees. */
static void test_random(void **state)
{
	struct tree *t = *state;

	srandom(4);
	for (unsigned i = 0; i < 20000; i++) {
		uint64_t key = 1 + random() % 24;
		char path[64], *end = path;
		const char *name;

		for (long n = 1 + random() % 3; n > 0; n--)
			end += sprintf(end, "/%c", (char)('a' + random() % 4));
		switch (random() % 6) {
		case 0:
			assert_int_equal(tree_add_dir(t, KEY(key), path), 0);
			assert_path(t, key, NULL, path);
			break;
		case 1:
			tree_remove_dir(t, KEY(key));
			assert_false(tree_has_dir(t, KEY(key)));
			break;
		case 2:
			if (tree_move_dir(t, KEY(key), path) == 0)
				assert_path(t, key, NULL, path);
			break;
		case 3:
			tree_remove_name(t, path);
			assert_inode(t, path, 0);
			break;
		default:
			assert_int_equal(tree_add_name(t, KEY(key), path), 0);
			assert_inode(t, path, key);
			assert_true(has_name(t, key, path));
		}
		for (size_t k = 0; (name = tree_name(t, KEY(key), k)); k++) {
			snprintf(path, sizeof(path), "%s", name);
			assert_inode(t, path, key);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_paths, setup, teardown),
		cmocka_unit_test_setup_teardown(test_replaced, setup, teardown),
		cmocka_unit_test_setup_teardown(test_names, setup, teardown),
		cmocka_unit_test_setup_teardown(test_moved, setup, teardown),
		cmocka_unit_test_setup_teardown(test_lengths, setup, teardown),
		cmocka_unit_test_setup_teardown(test_each, setup, teardown),
		cmocka_unit_test_setup_teardown(test_random, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
