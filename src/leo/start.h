/*
 * Starting another program, without a shell.
 */
#ifndef LEO_START_H
#define LEO_START_H

#include <stdbool.h>
#include <sys/types.h>

struct start {
	const char *const *argv; /* ends with NULL; argv[0] is looked for in $PATH */
	int in; /* its standard input; -1: nothing to read */
	int out; /* its standard output; -1: ours */
	/* In a process group of its own, so that what it starts can be killed with it, and with
	 * nothing of ours: its standard error is dropped. Else it has our terminal. */
	bool apart;
};

/* -ENOENT when there is no such program. Signals that we ignore, or handle, are its own again. */
int start_program(const struct start *s, pid_t *ret_pid);

#endif
