/*
 * Threads that disturb nobody, and waiting with a deadline.
 *
 * Deadlines are nanoseconds of CLOCK_MONOTONIC. Every waiting is in a loop over its predicate.
 */
#ifndef LIBPWRAPI_THREAD_H
#define LIBPWRAPI_THREAD_H

#include <pthread.h>
#include <stdint.h>

uint64_t thread_now_ns(void);

/* A condition variable whose deadlines are of CLOCK_MONOTONIC. */
void thread_cond_init(pthread_cond_t *cond);

/* 0 when there may be something new, -ETIMEDOUT. */
int thread_wait(pthread_cond_t *cond, pthread_mutex_t *lock, uint64_t deadline_ns);

/*
 * Starts a thread that takes no signal of the program's but those that its own faults raise. A
 * negative errno.
 */
int thread_start(void *(*run)(void *), void *data, pthread_t *ret_thread);

#endif
