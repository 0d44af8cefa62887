/*
 * For tests: every function of the API, as it should be called.
 */
#ifndef LIBPWRAPI_TESTCALLS_H
#define LIBPWRAPI_TESTCALLS_H

#include <stddef.h>
#include <stdint.h>

enum { TESTCALLS_ROOM = 4 };

struct testcall {
	const char *name;
	uint16_t operation; /* 0: it asks nobody */
	int (*call)(void);
};

const struct testcall *testcalls(size_t *ret_count);

#endif
