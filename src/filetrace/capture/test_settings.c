/*
 * Tests of settings.c: the defaults make sense together, and what is refused.
 */
#include "filetrace/capture/settings.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/str.h"
#include "base/testroot.h"
#include "filetrace/watchset.h"

static int load(const struct testroot *t, const char *text, struct settings *ret,
		char **ret_problem)
{
	testroot_write(t, "etc/leonhard/filetrace.conf", text);
	return conf_load(&settings_table, t->fd, ret, ret_problem);
}

static void assert_refused(const struct testroot *t, const char *text, const char *problem)
{
	_cleanup_free_ char *found = NULL;
	struct settings s;

	assert_true(load(t, text, &s, &found) < 0);
	assert_non_null(found);
	if (!strstr(found, problem))
		fail_msg("%s", found);
}

static void test_defaults(void **state)
{
	_cleanup_free_ char *problem = NULL;
	struct settings s;

	assert_int_equal(load(*state, "", &s, &problem), 0);
	assert_int_equal(str_vector_count(s.watch_paths), 1);
	assert_string_equal(s.watch_paths[0], "/etc");
	assert_int_equal(s.content_max_bytes, 16 << 20);
	assert_int_equal(s.backend, BACKEND_AUTO);
	assert_int_equal(s.ring_bytes, 4 << 20);
	assert_int_equal(s.store_age_ns, 0);
	conf_deinit(&settings_table, &s);
}

static void take(const struct settings *s, struct watchset *set)
{
	const char *problem = NULL;

	for (size_t i = 0; s->watch_paths[i]; i++)
		assert_int_equal(watchset_add(set, s->watch_paths[i], false, &problem), 0);
	for (size_t i = 0; s->watch_ignore[i]; i++)
		assert_int_equal(watchset_ignore(set, s->watch_ignore[i], &problem), 0);
}

static void test_ignored(void **state)
{
	static const char *const ignored[] = {
		"/etc/ld.so.cache", "/etc/mtab",    "/etc/.pwd.lock",	"/etc/passwd.lock",
		"/etc/shadow-",	    "/etc/group+",  "/etc/passwd.4711", "/etc/.hosts.swp",
		"/etc/.hosts.swx",  "/etc/hosts~",  "/etc/.#hosts",	"/etc/#hosts#",
		"/etc/x.dpkg-new",  "/etc/adjtime", "/etc/.hosts.swo",	"/etc/subuid.lock",
	};
	static const char *const kept[] = {
		"/etc/hosts",		"/etc/shadow",
		"/etc/passwd",		"/etc/resolv.conf",
		"/etc/fstab.bak",	"/etc/x.dpkg-old",
		"/etc/x.dpkg-dist",	"/etc/machine-id",
		"/etc/cron.d/4913",	"/etc/cron.daily/sedQx7c2A",
		"/etc/.hidden.config",	"/etc/cron.d/49130",
		"/etc/passwd.dpkg-old",
	};
	_cleanup_(watchset_free_p) struct watchset *set = NULL;
	_cleanup_free_ char *problem = NULL;
	struct settings s;

	assert_int_equal(watchset_new(&set), 0);
	assert_int_equal(load(*state, "", &s, &problem), 0);
	take(&s, set);
	conf_deinit(&settings_table, &s);
	for (size_t i = 0; i < ARRAY_SIZE(ignored); i++)
		if (watchset_matches(set, ignored[i]))
			fail_msg("%s", ignored[i]);
	for (size_t i = 0; i < ARRAY_SIZE(kept); i++)
		if (!watchset_matches(set, kept[i]))
			fail_msg("%s", kept[i]);
}

static void test_values(void **state)
{
	_cleanup_free_ char *problem = NULL;
	struct settings s;

	assert_int_equal(load(*state,
			      "[watch]\npaths = /a /b/*\nignore =\n[capture]\nring = 64K\n"
			      "backend = fanotify\n[store]\nage = 90d\n",
			      &s, &problem),
			 0);
	assert_int_equal(str_vector_count(s.watch_paths), 2);
	assert_int_equal(str_vector_count(s.watch_ignore), 0);
	assert_int_equal(s.backend, BACKEND_FANOTIFY);
	assert_int_equal(s.ring_bytes, 65536);
	conf_deinit(&settings_table, &s);
}

static void test_refused(void **state)
{
	assert_refused(*state, "[capture]\nring = 3M\n", "is not a power of two");
	assert_refused(*state, "[capture]\nring = 32K\n", "is below");
	assert_refused(*state, "[capture]\nring = 2G\n", "is above");
	assert_refused(*state, "[capture]\nring = many\n", "is not a number");
	assert_refused(*state, "[capture]\nbackend = ptrace\n", "auto");
	assert_refused(*state, "[store]\nrecords = 10\n", "is below");
	assert_refused(*state, "[watch]\ncontent_max = 1\n", "is below");
	/* What the store would not take. */
	assert_refused(*state, "[watch]\ncontent_max = 65M\n", "is above");
	assert_refused(*state, "[watch]\npath = /etc\n", "unknown key");
}

static void test_documented(void **state)
{
	for (size_t i = 0; i < settings_table.count; i++)
		assert_true(strlen(settings_table.items[i].help) > 20);
	assert_int_equal(conf_print_man(&settings_table, stderr), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),   cmocka_unit_test(test_ignored),
		cmocka_unit_test(test_values),	   cmocka_unit_test(test_refused),
		cmocka_unit_test(test_documented),
	};

	return cmocka_run_group_tests(tests, testroot_setup, testroot_teardown);
}
