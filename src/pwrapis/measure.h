/*
 * Rates: a call reads counters, waits a tenth of a second, reads them again, and replies. Only who
 * asks waits.
 */
#ifndef PWRAPIS_MEASURE_H
#define PWRAPIS_MEASURE_H

#include "pwrapis/call.h"

enum { MEASURE_MS = 100 };

struct measure;

/* Called after the pause, with the seconds that have passed: a code, or CALL_WAITS for another
 * pause. */
typedef int (*measure_fn)(struct call *c, const double *before, double seconds);

/* CALL_WAITS, or a code. @before has @count numbers and is copied. */
int measure_begin(struct call *c, const double *before, size_t count, measure_fn finish);
void measure_free(struct measure *m); /* takes NULL */

#endif
