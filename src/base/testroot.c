/*
 * A folder that plays the root of a machine; see testroot.h.
 */
#include "base/testroot.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/fs.h"
#include "base/io.h"

int testroot_setup(void **state)
{
	static struct testroot t;

	strcpy(t.path, "/tmp/testroot.XXXXXX");
	if (!mkdtemp(t.path) || chmod(t.path, 0755) < 0 || chdir(t.path) < 0)
		return -1;
	*state = &t;
	return fs_open_root(t.path, &t.fd);
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	return ftw->level ? remove(path) : 0;
}

void testroot_clear(const struct testroot *t)
{
	assert_int_equal(nftw(t->path, remove_entry, 16, FTW_DEPTH | FTW_PHYS), 0);
}

int testroot_teardown(void **state)
{
	struct testroot *t = *state;

	testroot_clear(t);
	close(t->fd);
	return rmdir(t->path);
}

void testroot_write_bytes(const struct testroot *t, const char *path, const void *bytes, size_t len)
{
	_cleanup_free_ char *copy = strdup(path);
	_cleanup_close_ int dir = open(t->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	_cleanup_close_ int fd = -1;

	assert_non_null(copy);
	for (char *slash = copy; (slash = strchr(slash, '/')); *slash++ = '/') {
		*slash = '\0';
		mkdirat(dir, copy, 0755);
	}
	fd = openat(dir, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	assert_true(fd >= 0);
	assert_int_equal(io_write_all(fd, bytes, len), 0);
}

void testroot_write(const struct testroot *t, const char *path, const char *text)
{
	testroot_write_bytes(t, path, text, strlen(text));
}

int testroot_run(const struct testroot *t, void (*fn)(const struct testroot *t))
{
	pid_t child = fork();
	int result;

	if (child == 0) {
		fn(t);
		_exit(0);
	}
	assert_true(child > 0);
	assert_int_equal(waitpid(child, &result, 0), child);
	return result;
}

void testroot_not_so(const char *file, int line, const char *condition)
{
	fprintf(stderr, "%s:%d: not so: %s (%s)\n", file, line, condition, strerror(errno));
	_exit(1);
}
