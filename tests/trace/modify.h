/*
 * The ways of modify.c: each changes a file, or what is known of it, by other system calls.
 */
#ifndef TRACE_MODIFY_H
#define TRACE_MODIFY_H

#include <stddef.h>

struct way {
	const char *name;
	/* Changes @path; @other is a second path, or NULL. 0 or a negative errno. */
	int (*run)(const char *path, const char *other);
};

/* NULL-terminated by name. */
extern const struct way data_ways[], meta_ways[], name_ways[], ring_ways[];

/* What the ways write. */
#define MODIFY_TEXT "changed\n"
#define MODIFY_LEN (sizeof(MODIFY_TEXT) - 1)

/* The result of a system call, as these functions give theirs. */
int modify_result(long result);
/* 0 when @result is all of @len, which a write of few bytes is or fails. */
int modify_whole(long result, size_t len);

#endif
