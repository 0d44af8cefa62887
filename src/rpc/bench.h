/*
 * What the benchmarks share: the time of one call, many times, and what is told of it.
 */
#ifndef RPC_BENCH_H
#define RPC_BENCH_H

#include <stddef.h>

enum { BENCH_WARM_UP = 1000 };

/* Calls @call so often and prints "p50_ns N" and "p99_ns N" of the time it takes; 0, or what a
 * failing @call returned. Some calls before are not counted. */
int bench_calls(size_t count, int (*call)(void *data), void *data);

#endif
