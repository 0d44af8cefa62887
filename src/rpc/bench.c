/*
 * Times of calls; see bench.h.
 */
#include "rpc/bench.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/def.h"
#include "base/time.h"

static int compare(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

int bench_calls(size_t count, int (*call)(void *data), void *data)
{
	_cleanup_free_ uint64_t *times_ns = calloc(count ? count : 1, sizeof(*times_ns));

	if (!times_ns)
		return -ENOMEM;
	for (size_t i = 0; i < BENCH_WARM_UP + count; i++) {
		uint64_t begin_ns = time_now_ns(CLOCK_MONOTONIC);
		int r = call(data);

		if (r < 0)
			return r;
		if (i >= BENCH_WARM_UP)
			times_ns[i - BENCH_WARM_UP] = time_now_ns(CLOCK_MONOTONIC) - begin_ns;
	}
	qsort(times_ns, count, sizeof(*times_ns), compare);
	printf("p50_ns %" PRIu64 "\np99_ns %" PRIu64 "\n", times_ns[count / 2],
	       times_ns[count * 99 / 100]);
	return 0;
}
