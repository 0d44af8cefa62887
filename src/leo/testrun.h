/*
 * Runs a program for a test, with its standard output on a pipe or on a terminal of a known size.
 */
#ifndef LEO_TESTRUN_H
#define LEO_TESTRUN_H

#include <stdbool.h>
#include <stddef.h>

struct testrun {
	char *const *argv;
	char *const *environment;
	const char *directory;
	const char *input; /* what it reads */
	unsigned columns, rows; /* of the terminal; 0: a pipe */
	bool interrupts; /* Ctrl-C is typed after so many lines of output; without any, a while
			    later */
	unsigned interrupt_after;
	unsigned hang_up_after; /* lines, then nobody reads any more; 0: never */
	bool full; /* its output is a disk without room */
	bool unprivileged; /* not as root */
	/* Results: texts are the caller's. Control characters but line ends are written <hh>. */
	char *output, *error;
	int status; /* 128 + a signal */
};

void testrun_do(struct testrun *t);

#endif
