/*
 * Memory that runs out at every single allocation in turn, while patterns are added and resolved:
 * no crash, no leak, nothing half-done, and the next try succeeds. The linker puts these functions
 * in front.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/testroot.h"
#include "filetrace/capture/resolve.h"

/* How many allocations succeed yet; below zero all do. */
static int left = -1;

static bool refused(void)
{
	if (left == 0) {
		errno = ENOMEM;
		return true;
	}
	left -= left > 0;
	return false;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_reallocarray(void *p, size_t n, size_t size);
char *__real_strdup(const char *s);
char *__real_strndup(const char *s, size_t n);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_reallocarray(void *p, size_t n, size_t size);
char *__wrap_strdup(const char *s);
char *__wrap_strndup(const char *s, size_t n);
__attribute__((format(printf, 2, 3))) int __wrap_asprintf(char **ret, const char *format, ...);

void *__wrap_malloc(size_t size)
{
	return refused() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
	return refused() ? NULL : __real_calloc(n, size);
}

void *__wrap_reallocarray(void *p, size_t n, size_t size)
{
	return refused() ? NULL : __real_reallocarray(p, n, size);
}

char *__wrap_strdup(const char *s)
{
	return refused() ? NULL : __real_strdup(s);
}

char *__wrap_strndup(const char *s, size_t n)
{
	return refused() ? NULL : __real_strndup(s, n);
}

int __wrap_asprintf(char **ret, const char *format, ...)
{
	va_list ap;
	int r;

	if (refused())
		return -1;
	va_start(ap, format);
	r = vasprintf(ret, format, ap);
	va_end(ap);
	return r;
}

/* ---- a source that takes all and keeps nothing ---- */

static int take(struct ft_key *ret_key, int fd)
{
	struct stat st;

	assert_int_equal(fstat(fd, &st), 0);
	*ret_key = (struct ft_key){.ino = st.st_ino, .dev = st.st_dev};
	return 0;
}

static int watch_dir(struct source *s, int fd, uint32_t flags, struct ft_key *ret_key)
{
	return take(ret_key, fd);
}

static int watch_inode(struct source *s, int fd, struct ft_key *ret_key)
{
	return take(ret_key, fd);
}

static int watch_name(struct source *s, const struct ft_key *dir, const char *name, uint32_t flags)
{
	return 0;
}

static int unwatch(struct source *s, const struct ft_key *key)
{
	return 0;
}

static int unwatch_name(struct source *s, const struct ft_key *dir, const char *name)
{
	return 0;
}

static const struct source_ops ops = {
	.watch_dir = watch_dir,
	.watch_name = watch_name,
	.watch_inode = watch_inode,
	.unwatch_dir = unwatch,
	.unwatch_name = unwatch_name,
	.unwatch_inode = unwatch,
};

static int on_file(void *data, const char *path, const struct ft_key *key, int fd)
{
	return 0;
}

static int fill(struct watchset *s)
{
	static const char *const patterns[] = {"/etc", "/lib/x/y", "/home/*/.bashrc", "/home/[a]"};
	const char *problem;
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(patterns) && r == 0; i++)
		r = watchset_add(s, patterns[i], false, &problem);
	if (r == 0)
		r = watchset_ignore(s, "*.swp", &problem);
	return r < 0 ? r : watchset_ignore(s, "/etc/cache", &problem);
}

static void test_watchset(void **state)
{
	int r = -ENOMEM;

	for (int allowed = 0; r < 0; allowed++) {
		_cleanup_(watchset_free_p) struct watchset *s = NULL;
		const char *problem;

		left = allowed;
		r = watchset_new(&s);
		if (r == 0)
			r = fill(s);
		left = -1;
		assert_true(r == 0 || r == -ENOMEM);
		/* What was refused has left nothing: it can be added, once. */
		if (r < 0 && s && !watchset_matches(s, "/lib/x/y")) {
			assert_int_equal(watchset_reach(s, "/lib/x"), REACH_NONE);
			assert_int_equal(watchset_add(s, "/lib/x/y", false, &problem), 0);
		}
		assert_true(allowed < 1000);
	}
}

/* Runs twice, with a change between, so that there is something to take away. */
static int run_twice(struct resolve *r, const struct watchset *s)
{
	int k;

	assert_int_equal(rename("etc/b", "etc/c"), 0);
	k = resolve_run(r, s, NULL);
	assert_int_equal(rename("etc/c", "etc/b"), 0);
	return k < 0 ? k : resolve_run(r, s, NULL);
}

static void test_resolve(void **state)
{
	const struct testroot *t = *state;
	_cleanup_(watchset_free_p) struct watchset *s = NULL;
	int k = -ENOMEM;

	testroot_write(t, "etc/a", "");
	testroot_write(t, "etc/b/c", "");
	testroot_write(t, "home/bob/.bashrc", "");
	assert_int_equal(symlink("etc", "lib"), 0);
	assert_int_equal(watchset_new(&s), 0);
	assert_int_equal(fill(s), 0);
	for (int allowed = 0; k < 0; allowed++) {
		_cleanup_(resolve_free_p) struct resolve *r = NULL;
		_cleanup_(tree_free_p) struct tree *tree = NULL;
		struct resolve_config config = {.root_fd = t->fd, .ops = &ops, .file = on_file};
		struct resolve_counts counts;

		assert_int_equal(tree_new(&tree), 0);
		config.tree = tree;
		left = allowed;
		k = resolve_new(&config, &r);
		if (k == 0)
			k = run_twice(r, s);
		left = -1;
		assert_true(k == 0 || k == -ENOMEM);
		if (!r)
			continue;
		assert_int_equal(resolve_run(r, s, NULL), 0);
		resolve_counts(r, &counts);
		assert_int_equal(counts.files, 3);
		assert_true(allowed < 10000);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_watchset),
		cmocka_unit_test(test_resolve),
	};

	return cmocka_run_group_tests(tests, testroot_setup, testroot_teardown);
}
