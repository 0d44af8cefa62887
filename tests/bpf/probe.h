/*
 * What the checks of bpf-probe share: the report, and small things of the test process.
 *
 * A group of checks is a function that calls check() once for each thing it has seen, good or
 * bad, and returns early when the rest of it has nothing to stand on: what it had to say by then
 * includes the failure.
 */
#ifndef TESTS_BPF_PROBE_H
#define TESTS_BPF_PROBE_H

#include <stdbool.h>
#include <stddef.h>

/* Prints "ok - ..." or "not ok - ..." and counts it; returns @good. */
bool check(bool good, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* As check(), for a call that returned 0 or a negative errno, which is told when it failed. */
bool check_call(int result, const char *what);

/* A new empty file in the current folder; an open descriptor, or a negative errno. */
int probe_file(const char *path);

/* Waits 10 ms between two looks of somebody else at something. */
void probe_pause(void);

void check_lsm(void);
void check_trace(void);
void check_cc(void);
void check_fifo(void);
void check_events(void);

#endif
