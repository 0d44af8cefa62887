/*
 * Tests of dpkg.c, dpkgdb.c and origin.c: who owns a path, through links, diversions and several
 * packages, and whose checksum counts.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>

#include "base/def.h"
#include "dpkgdb.h"
#include "origin.h"
#include "rules.h"
#include "spool.h"
#include "tree.h"

#define MD5_X "9dd4e461268c8034f5c8564e155c67a6" /* of "x" */
#define MD5_Y "415290769594460e2e485922904f345d" /* of "y" */
#define STATUS(name) "Package: " name "\nStatus: install ok installed\nArchitecture: all\n\n"

static const struct {
	const char *path;
	uint32_t type;
	const char *content, *origin;
} files[] = {
	{"/", S_IFDIR, NULL, "package:a"},
	{"/bin", S_IFLNK, "usr/bin", "package:b"},
	{"/bin-link", S_IFLNK, "bin", "step:s"},
	{"/etc", S_IFDIR, NULL, "package:b"},
	{"/etc/changed", S_IFREG, "y", "package:b,script:t"},
	{"/etc/conf", S_IFREG, "x", "package:b"},
	{"/etc/gone-regular", S_IFLNK, "conf", "package:b,script:t"},
	{"/etc/no-sum", S_IFREG, "y", "package:b"},
	{"/usr", S_IFDIR, NULL, "package:b"},
	{"/usr/bin", S_IFDIR, NULL, "package:a"},
	{"/usr/bin/moved", S_IFREG, "y", "package:c"},
	{"/usr/bin/sh", S_IFREG, "x", "package:b"},
	{"/usr/bin/sh.distrib", S_IFREG, "y", "package:c"},
	{"/usr/bin/shared", S_IFREG, "x", "package:a"},
	{"/var", S_IFDIR, NULL, "step:s"},
	{"/var/lib", S_IFDIR, NULL, "step:s"},
	{"/var/lib/dpkg", S_IFDIR, NULL, "step:s"},
	{"/var/lib/dpkg/info", S_IFDIR, NULL, "step:s"},
	{"/var/lib/dpkg/status", S_IFREG,
	 STATUS("c") "Package: b\nStatus: deinstall ok config-files\nArchitecture: all\n"
		     "Conffiles:\n"
		     " /etc/conf " MD5_X "\n /etc/new newconffile\n /etc/changed " MD5_X
		     " obsolete\n\n" STATUS("a"),
	 "step:s"},
	{"/var/lib/dpkg/diversions", S_IFREG, "/bin/sh\n/bin/sh.distrib\nb\n", "step:s"},
	{"/var/lib/dpkg/info/a.list", S_IFREG, "/.\n/usr/bin\n/usr/bin/shared\n", "step:s"},
	{"/var/lib/dpkg/info/a.md5sums", S_IFREG,
	 MD5_X "  usr/bin/shared\n" MD5_X "  usr/bin/moved\n", "step:s"},
	{"/var/lib/dpkg/info/b:all.list", S_IFREG,
	 "/bin\n/etc\n/etc/conf\n/etc/changed\n/etc/gone-regular\n/etc/no-sum\n/usr\n/bin/sh\n"
	 "/usr/bin/shared\n",
	 "step:s"},
	{"/var/lib/dpkg/info/b:all.md5sums", S_IFREG,
	 MD5_X "  bin/sh\n" MD5_X "  etc/gone-regular\n" MD5_Y "  ./usr/bin/shared\n", "step:s"},
	{"/var/lib/dpkg/info/c.list", S_IFREG, "/bin/sh\n/bin-link/moved\n/none\n", "step:s"},
	{"/var/lib/dpkg/info/c.md5sums", S_IFREG, MD5_Y "  bin/sh\n" MD5_Y "  bin-link/moved\n",
	 "step:s"},
};

static void add(struct tree *t, struct spool *s, size_t i)
{
	_cleanup_(node_unrefp) struct node *n = node_new(files[i].type | 0644);

	if (S_ISLNK(n->mode))
		n->target = strdup(files[i].content);
	if (S_ISREG(n->mode)) {
		assert_int_equal(spool_begin(s), 0);
		assert_int_equal(spool_add(s, 0, files[i].content, strlen(files[i].content)), 0);
		assert_int_equal(spool_finish(s, strlen(files[i].content), n), 0);
	}
	assert_int_equal(tree_insert(t, files[i].path, n, NULL), 0);
}

static void test_origins(void **state)
{
	char text[] = "step s /var /var/** /bin-link /bin\nscript t /etc/* /**\n";
	struct spool s = SPOOL_INIT;
	struct dpkgdb db = {};
	struct tree t = {};
	struct rules rules = {};
	struct err err = {};

	assert_int_equal(spool_init(&s, AT_FDCWD), 0);
	assert_int_equal(rules_parse(&rules, text, "f", false, &err), 0);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		add(&t, &s, i);
	if (dpkgdb_read(&db, &t, &s, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(db.package_count, 3);
	assert_false(db.packages[1].installed);
	assert_int_equal(origin_trim(&t, &rules, 0, &err), 0);
	assert_int_equal(tree_seal(&t, &err), 0);
	assert_int_equal(origin_assign(&t, &rules, &err), 0);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		if (strcmp(tree_find(&t, files[i].path)->origin, files[i].origin) != 0)
			fail_msg("%s: %s", files[i].path, tree_find(&t, files[i].path)->origin);
	assert_string_equal(tree_find(&t, "/lost+found")->origin, "step:mke2fs");

	rules_deinit(&rules);
	tree_deinit(&t);
	dpkgdb_deinit(&db);
	spool_deinit(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_origins),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
