/*
 * A folder that plays the root of a machine, for tests. What fails here fails the test.
 */
#ifndef BASE_TESTROOT_H
#define BASE_TESTROOT_H

#include <stddef.h>

struct testroot {
	char path[32];
	int fd; /* of fs_open_root() */
};

/* For cmocka's group: *state is the struct testroot. The working directory is in it. */
int testroot_setup(void **state);
int testroot_teardown(void **state);

/* Writes a file below the root, @path without a leading slash; makes the folders it needs. */
void testroot_write(const struct testroot *t, const char *path, const char *text);
void testroot_write_bytes(const struct testroot *t, const char *path, const void *bytes,
			  size_t len);
/* Empties the root. */
void testroot_clear(const struct testroot *t);

/* Runs @fn in a child; the wait status. What TESTROOT_CHECK finds to be false ends the child. */
int testroot_run(const struct testroot *t, void (*fn)(const struct testroot *t));
#define TESTROOT_CHECK(condition) \
	((condition) ? (void)0 : testroot_not_so(__FILE__, __LINE__, #condition))
_Noreturn void testroot_not_so(const char *file, int line, const char *condition);

#endif
