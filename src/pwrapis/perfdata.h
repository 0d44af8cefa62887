/*
 * What processors compute, as the published structure has it; and calls that wait until it is known
 * whether this machine counts it.
 */
#ifndef PWRAPIS_PERFDATA_H
#define PWRAPIS_PERFDATA_H

#include <stddef.h>

struct call;
struct pwrapis;

/*
 * Over the last second, behind @before bytes of zeroes; -1 beside something known is what is not
 * counted here. The data are the caller's. -EAGAIN when it is not known yet, -EOPNOTSUPP or
 * -ENOTCONN when it is not counted, or what reading failed with.
 */
int perf_data(struct pwrapis *p, size_t before, void **ret_data, size_t *ret_len);

/* Called when it is known, with 0 or why there is nothing: a code. */
typedef int (*perf_fn)(struct call *c, int r);
/* CALL_WAITS, or what @fn has returned. */
int perf_when_known(struct call *c, perf_fn fn);

/* The code for a negative errno. */
int perf_code(const struct call *c, int r);

#endif
