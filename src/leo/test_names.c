/*
 * Tests of names: of the machine, of another root, and of one with files that make no sense.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/fs.h"
#include "leo/names.h"
#include "leo/testfile.h"

static char root[] = "/tmp/leo-XXXXXX";

static struct names *names_below(const char *path)
{
	_cleanup_close_ int fd = -1;
	struct names *n;

	assert_int_equal(fs_open_root(path, &fd), 0);
	assert_int_equal(names_new(fd, &n), 0);
	return n;
}

static void test_own(void **state)
{
	_cleanup_(names_free_p) struct names *n = names_below(NULL);
	uint32_t uid;

	assert_string_equal(names_of(n, NAMES_USER, 0), "root");
	assert_string_equal(names_of(n, NAMES_GROUP, 0), "root");
	assert_string_equal(names_of(n, NAMES_USER, 4000000000U), "4000000000");
	assert_int_equal(names_find_user(n, "root", &uid), 0);
	assert_int_equal(uid, 0);
	assert_int_equal(names_find_user(n, "no such user", &uid), -ENOENT);
}

static void test_other_root(void **state)
{
	_cleanup_(names_free_p) struct names *n = names_below(root);
	const char *alice = names_of(n, NAMES_USER, 1000);
	uint32_t uid = 7;

	assert_string_equal(alice, "alice");
	assert_ptr_equal(names_of(n, NAMES_USER, 1000), alice);
	assert_string_equal(names_of(n, NAMES_GROUP, 1000), "staff");
	assert_string_equal(names_of(n, NAMES_USER, 0), "0");
	assert_string_equal(names_of(n, NAMES_USER, 66), "e\\x1b[2J");
	assert_string_equal(names_of(n, NAMES_USER, 77), "77");
	assert_int_equal(names_find_user(n, "alice", &uid), 0);
	assert_int_equal(uid, 1000);
	assert_int_equal(names_find_user(n, "bad", &uid), -ENOENT);
	assert_int_equal(names_find_user(n, "huge", &uid), -ENOENT);
	assert_int_equal(names_find_user(n, "short", &uid), -ENOENT);
	assert_int_equal(uid, 1000);
}

/* More users than are remembered: each is still named right. */
static void test_many(void **state)
{
	_cleanup_(names_free_p) struct names *n = names_below(root);

	for (uint32_t id = 5000; id < 6000; id++) {
		char text[16];

		snprintf(text, sizeof(text), "%u", id);
		assert_string_equal(names_of(n, NAMES_USER, id), text);
	}
	assert_string_equal(names_of(n, NAMES_USER, 1000), "alice");
}

static void test_nothing(void **state)
{
	char empty[] = "/tmp/leo-XXXXXX";

	assert_non_null(mkdtemp(empty));
	{
		_cleanup_(names_free_p) struct names *n = names_below(empty);

		assert_string_equal(names_of(n, NAMES_USER, 0), "0");
	}
	assert_int_equal(rmdir(empty), 0);
}

static int set_up(void **state)
{
	_cleanup_free_ char *etc = NULL;

	assert_non_null(mkdtemp(root));
	etc = testfile_join(root, "/etc");
	testfile_tool((const char *const[]){"mkdir", etc, NULL});
	testfile_write(etc, "passwd",
		       "\n:::\nshort\nbad:x:no:\nhuge:x:99999999999:\n"
		       "alice:x:1000:1000::/:/bin/sh\ne\033[2J:x:66:\nlast:x:1001");
	testfile_write(etc, "group", "staff:x:1000:alice\n");
	return 0;
}

static int tear_down(void **state)
{
	testfile_tool((const char *const[]){"rm", "-rf", root, NULL});
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_own),
		cmocka_unit_test(test_other_root),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_nothing),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
