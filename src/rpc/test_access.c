/*
 * Tests of access.c, accounts.c and peer.c: fake machines with their users, hostile files, and
 * peers with few and many groups.
 */
#include <errno.h>
#include <pwd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/fs.h"
#include "base/str.h"
#include "base/testroot.h"
#include "rpc/access_int.h"

static const char passwd[] = "root:x:0:0:root:/root:/bin/sh\n"
			     "alice:x:1000:1000::/home/alice:/bin/sh\n"
			     "bob:x:1001:1001::/home/bob:/bin/sh\n"
			     "alice:x:7:7:a second line of hers is not read::\n";
static const char group[] = "root:x:0:\n"
			    "adm:x:4:alice,bob\n"
			    "alice:x:1000:\n"
			    "leonhard-control:x:200:bob\n";

static int setup(void **state)
{
	if (testroot_setup(state) < 0)
		return -1;
	testroot_write(*state, "etc/passwd", passwd);
	testroot_write(*state, "etc/group", group);
	testroot_write(*state, "etc/leonhard/access.conf", "");
	return 0;
}

/* What access.conf of the machine says. */
struct loaded {
	struct access *access;
	char **unknown;
};

static void loaded_deinit(struct loaded *l)
{
	access_free(l->access);
	str_vector_free(l->unknown);
}

static void load(const struct testroot *t, const char *conf, struct loaded *ret_loaded)
{
	char *problem = NULL;

	*ret_loaded = (struct loaded){};
	if (conf)
		testroot_write(t, "etc/leonhard/access.conf", conf);
	assert_int_equal(access_load(t->fd, ACCESS_PATH, &ret_loaded->access, &ret_loaded->unknown,
				     &problem),
			 0);
	assert_null(problem);
}

/* The class of a user with a group and, when it is not 0, another one. */
static enum access_class class_of(const struct loaded *l, uid_t uid, gid_t gid, gid_t other)
{
	struct peer p = {.uid = uid, .gid = gid, .groups = &other, .group_count = other != 0};

	return access_class_of(l->access, &p);
}

static void test_classes(void **state)
{
	_cleanup_(loaded_deinit) struct loaded l;

	load(*state,
	     "[observe]\nusers = alice 1234\ngroups = adm\n"
	     "[control]\ngroups = leonhard-control\n"
	     "[admin]\nusers = bob\ngroups = 77\n",
	     &l);
	assert_int_equal(str_vector_count(l.unknown), 0);
	assert_int_equal(class_of(&l, 0, 9, 9), ACCESS_ADMIN);
	assert_int_equal(class_of(&l, 1000, 9, 9), ACCESS_OBSERVE);
	assert_int_equal(class_of(&l, 1234, 9, 9), ACCESS_OBSERVE);
	assert_int_equal(class_of(&l, 9, 4, 9), ACCESS_OBSERVE);
	assert_int_equal(class_of(&l, 9, 9, 4), ACCESS_OBSERVE);
	assert_int_equal(class_of(&l, 1000, 200, 4), ACCESS_CONTROL);
	assert_int_equal(class_of(&l, 1000, 4, 200), ACCESS_CONTROL);
	assert_int_equal(class_of(&l, 1001, 4, 200), ACCESS_ADMIN);
	assert_int_equal(class_of(&l, 9, 9, 77), ACCESS_ADMIN);
	assert_int_equal(class_of(&l, 9, 9, 0), ACCESS_NONE);
	/* ids of users are none of groups, and the other way round */
	assert_int_equal(class_of(&l, 4, 1000, 1234), ACCESS_NONE);
	assert_int_equal(class_of(&l, 77, 1001, 9), ACCESS_NONE);
	/* the second line of a name, and the group 0 */
	assert_int_equal(class_of(&l, 7, 0, 0), ACCESS_NONE);
}

static void test_everybody(void **state)
{
	_cleanup_(loaded_deinit) struct loaded l, g, n;

	load(*state, "[observe]\nusers = *\n[control]\nusers = alice\n", &l);
	assert_int_equal(class_of(&l, 65534, 65534, 0), ACCESS_OBSERVE);
	assert_int_equal(class_of(&l, 1000, 65534, 0), ACCESS_CONTROL);
	assert_int_equal(class_of(&l, 0, 0, 0), ACCESS_ADMIN);
	load(*state, "[control]\ngroups = adm *\n", &g);
	assert_int_equal(class_of(&g, 65534, 65534, 0), ACCESS_CONTROL);
	/* a later line replaces an earlier one */
	load(*state, "[admin]\nusers = * bob\n[control]\n[admin]\nusers = alice\n", &n);
	assert_int_equal(class_of(&n, 1001, 1001, 0), ACCESS_NONE);
	assert_int_equal(class_of(&n, 1000, 1000, 0), ACCESS_ADMIN);
}

static void test_nobody(void **state)
{
	static const char *const nothing[] = {"", "# nothing\n", "[observe]\nusers =\n",
					      "[admin]\n"};

	assert_int_equal(remove("etc/leonhard/access.conf"), 0);
	for (size_t i = 0; i <= ARRAY_SIZE(nothing); i++) {
		_cleanup_(loaded_deinit) struct loaded l;

		load(*state, i ? nothing[i - 1] : NULL, &l);
		assert_int_equal(str_vector_count(l.unknown), 0);
		assert_int_equal(class_of(&l, 1000, 4, 200), ACCESS_NONE);
		assert_int_equal(class_of(&l, 0, 0, 0), ACCESS_ADMIN);
	}
}

static void test_unknown(void **state)
{
	_cleanup_(loaded_deinit) struct loaded l, e;

	load(*state,
	     "[admin]\nusers = carol alice adm 4294967295 4294967296 -1 1x ali alice:x\n"
	     "groups = bob alice\n",
	     &l);
	assert_int_equal(str_vector_count(l.unknown), 9);
	assert_string_equal(l.unknown[0], "carol");
	assert_string_equal(l.unknown[1], "adm");
	assert_true(str_vector_contains(l.unknown, "4294967295"));
	assert_true(str_vector_contains(l.unknown, "alice:x"));
	assert_string_equal(l.unknown[8], "bob");
	assert_int_equal(class_of(&l, 1000, 9, 9), ACCESS_ADMIN);
	assert_int_equal(class_of(&l, 9, 1000, 9), ACCESS_ADMIN);
	assert_int_equal(class_of(&l, -1, -1, -1), ACCESS_NONE);

	/* a machine that knows nobody */
	assert_int_equal(remove("etc/passwd"), 0);
	assert_int_equal(remove("etc/group"), 0);
	load(*state, "[admin]\nusers = alice 5\n", &e);
	assert_int_equal(str_vector_count(e.unknown), 1);
	assert_int_equal(class_of(&e, 5, 9, 9), ACCESS_ADMIN);
}

static void test_hostile_accounts(void **state)
{
	static const char lines[] =
		":\n::\n:::\nalice\nalice:\nalice:x\nalice:x:\nalice:x:5\n"
		"alice:x:-5:\nalice:x:0x5:\nalice:x::\nalice:x: 5:\n"
		"alice:x:4294967295:\nalice:x:99999999999999999999999:\n"
		"alice:x:5\0:\nalice\0:x:5:\nAlice:x:5:\nmalice:x:5:\nalice2:x:5:\n"
		"bob:x:1001:1001:\n\xff\xfe:x:6:\nalice:x:8:no end of line";
	_cleanup_(loaded_deinit) struct loaded l;

	testroot_write_bytes(*state, "etc/passwd", lines, sizeof(lines) - 1);
	load(*state, "[control]\nusers = alice bob\n", &l);
	assert_int_equal(str_vector_count(l.unknown), 0);
	assert_int_equal(class_of(&l, 5, 9, 9), ACCESS_NONE);
	assert_int_equal(class_of(&l, 8, 9, 9), ACCESS_CONTROL);
	assert_int_equal(class_of(&l, 1001, 9, 9), ACCESS_CONTROL);
}

static void refuse(const struct testroot *t, int expected, const char *said)
{
	struct access *a = NULL;
	char **unknown = NULL;
	_cleanup_free_ char *problem = NULL;

	assert_int_equal(access_load(t->fd, ACCESS_PATH, &a, &unknown, &problem), expected);
	assert_null(a);
	assert_null(unknown);
	assert_string_equal(problem, said);
}

static void test_wrong(void **state)
{
	static const struct {
		const char *conf, *problem;
	} cases[] = {
		{"[observer]\nusers = alice\n",
		 "/etc/leonhard/access.conf:2: the section is not observe, control or admin"},
		{"[none]\nusers = alice\n",
		 "/etc/leonhard/access.conf:2: the section is not observe, control or admin"},
		{"[observe]\n\nuser = alice\n",
		 "/etc/leonhard/access.conf:3: the key is not users or groups"},
	};
	static const char *const others[] = {
		"users = alice\n",	     "[observe\n",
		"[observe]\nalice\n",	     "[observe]\n= a\n",
		"[observe]\nusers = \xff\n", "\xef\xbb\xbf[observe]\n",
		"[observe] users\n",
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		testroot_write(*state, "etc/leonhard/access.conf", cases[i].conf);
		refuse(*state, -EINVAL, cases[i].problem);
	}
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		const struct testroot *t = *state;
		_cleanup_free_ char *problem = NULL;
		struct access *a = NULL;
		char **unknown = NULL;

		testroot_write(t, "etc/leonhard/access.conf", others[i]);
		assert_int_equal(access_load(t->fd, ACCESS_PATH, &a, &unknown, &problem), -EINVAL);
		assert_true(str_starts(problem, "/etc/leonhard/access.conf:"));
	}
	testroot_write_bytes(*state, "etc/leonhard/access.conf", "[observe]\0\n", 11);
	refuse(*state, -EINVAL, "/etc/leonhard/access.conf:1: there is a NUL byte in the line");
}

static void test_unreadable(void **state)
{
	static const size_t len = 300 * 1024;
	_cleanup_free_ char *big = malloc(len);
	const struct testroot *t = *state;
	_cleanup_free_ char *path = NULL;

	assert_non_null(big);
	memset(big, '\n', len);
	testroot_write_bytes(t, "etc/leonhard/access.conf", big, len);
	refuse(t, -EFBIG, "/etc/leonhard/access.conf: File too large");
	assert_int_equal(remove("etc/leonhard/access.conf"), 0);
	assert_true(asprintf(&path, "%s/etc/leonhard/access.conf", t->path) > 0);
	assert_int_equal(mkdir(path, 0755), 0);
	refuse(t, -EISDIR, "/etc/leonhard/access.conf: Is a directory");
	assert_int_equal(rmdir(path), 0);
	/* A link cannot lead out of the machine. */
	assert_int_equal(symlink("../../../../../../etc/passwd", path), 0);
	refuse(t, -EINVAL,
	       "/etc/leonhard/access.conf:1: the line is neither a section nor key = value");
}

/* What is told is the file that cannot be read. */
static void test_unreadable_accounts(void **state)
{
	assert_int_equal(remove("etc/group"), 0);
	assert_int_equal(mkdir("etc/group", 0755), 0);
	refuse(*state, -EISDIR, "/etc/group: Is a directory");
	assert_int_equal(rmdir("etc/group"), 0);
}

/* Our own machine is asked through NSS. */
static void test_own(void **state)
{
	const struct testroot *t = *state;
	_cleanup_close_ int root = -1;
	_cleanup_free_ char *path = NULL;
	_cleanup_(loaded_deinit) struct loaded l = {};
	const struct passwd *user;
	char *problem = NULL;
	uid_t uid;
	gid_t gid;

	/* alice is known to the machine in the folder only. */
	assert_null(getpwnam("alice"));
	user = getpwnam("daemon");
	assert_non_null(user);
	uid = user->pw_uid;
	gid = user->pw_gid;
	testroot_write(t, "etc/leonhard/access.conf",
		       "[control]\nusers = daemon alice\ngroups = daemon no-such-group\n");
	assert_true(asprintf(&path, "%s%s", t->path, ACCESS_PATH) > 0);
	assert_int_equal(fs_open_root(NULL, &root), 0);
	assert_int_equal(access_load(root, path, &l.access, &l.unknown, &problem), 0);
	assert_int_equal(str_vector_count(l.unknown), 2);
	assert_string_equal(l.unknown[0], "alice");
	assert_string_equal(l.unknown[1], "no-such-group");
	assert_int_equal(class_of(&l, uid, 99, 0), ACCESS_CONTROL);
	assert_int_equal(class_of(&l, 99, gid, 0), ACCESS_CONTROL);
	assert_int_equal(class_of(&l, 1000, 1000, 0), ACCESS_NONE);
}

static unsigned failing;

void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__real_reallocarray(void *p, size_t count, size_t size);
void *__wrap_reallocarray(void *p, size_t count, size_t size);
char *__real_strdup(const char *text);
char *__wrap_strdup(const char *text);

/* Whether it is the turn of this allocation to fail. */
static bool fails(void)
{
	return failing && --failing == 0;
}

void *__wrap_calloc(size_t count, size_t size)
{
	return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_reallocarray(void *p, size_t count, size_t size)
{
	return fails() ? NULL : __real_reallocarray(p, count, size);
}

char *__wrap_strdup(const char *text)
{
	return fails() ? NULL : __real_strdup(text);
}

static void test_no_memory(void **state)
{
	static const char conf[] = "[observe]\nusers = alice 5 6 carol dave\ngroups = *\n";
	struct accounts accounts = {.texts = {(char *)passwd, (char *)group},
				    .lens = {sizeof(passwd) - 1, sizeof(group) - 1}};
	_cleanup_(loaded_deinit) struct loaded l = {};
	const char *problem;
	unsigned i = 0, line;
	int r;

	do {
		failing = ++i;
		r = access_parse(conf, sizeof(conf) - 1, &accounts, &l.access, &l.unknown, &line,
				 &problem);
		if (failing == 0)
			assert_int_equal(r, -ENOMEM);
	} while (failing == 0);
	failing = 0;
	assert_int_equal(r, 0);
	assert_true(i > 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_classes, setup, testroot_teardown),
		cmocka_unit_test_setup_teardown(test_everybody, setup, testroot_teardown),
		cmocka_unit_test_setup_teardown(test_nobody, setup, testroot_teardown),
		cmocka_unit_test_setup_teardown(test_unknown, setup, testroot_teardown),
		cmocka_unit_test_setup_teardown(test_hostile_accounts, setup, testroot_teardown),
		cmocka_unit_test_setup_teardown(test_wrong, setup, testroot_teardown),
		cmocka_unit_test_setup_teardown(test_unreadable, setup, testroot_teardown),
		cmocka_unit_test_setup_teardown(test_unreadable_accounts, setup, testroot_teardown),
		cmocka_unit_test_setup_teardown(test_own, setup, testroot_teardown),
		cmocka_unit_test_setup_teardown(test_no_memory, setup, testroot_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
