/*
 * Runs one program to its end: no shell, a fixed environment, and input through a pipe.
 */
#ifndef FIRSTBOOT_CHILD_H
#define FIRSTBOOT_CHILD_H

/*
 * Runs the program argv[0] (an absolute path) with @input as its standard input, or an empty one
 * when NULL; at most PIPE_BUF bytes. Its output goes to our standard error.
 *
 * 0 when it ended with success, a negative errno when it could not be run, and otherwise a
 * positive number: its exit status, or 128 plus the number of the signal that ended it.
 */
int child_run(const char *const argv[], const char *input);

#endif
