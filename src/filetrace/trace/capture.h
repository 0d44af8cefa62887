/*
 * Whether the half that captures runs: it holds a lock on a file of the store (open file
 * description locks, fcntl(2)) as long as it lives, so that no number of a process can mislead.
 */
#ifndef FILETRACE_CAPTURE_RUNS_H
#define FILETRACE_CAPTURE_RUNS_H

/* 1, 0, or a negative errno when it cannot be told. */
int capture_runs(int root_fd);

#endif
