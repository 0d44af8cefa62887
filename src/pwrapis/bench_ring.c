/*
 * Times of the ring; see bench_ring.h.
 */
#include "pwrapis/bench_ring.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/def.h"
#include "base/io.h"
#include "base/parse.h"
#include "base/time.h"
#include "libpwrapi/powerring.h"

enum { READS = 1000000, PAUSE_US = 10000 };

/* Nanoseconds of a reading of @room processors, on average; 0 when one fails. */
static double time_reads(const struct powerring *ring, size_t room)
{
	static struct powerring_cpu cpus[POWERRING_CPUS_MAX];
	struct powerring_sample sample;
	uint64_t begin_ns = time_now_ns(CLOCK_THREAD_CPUTIME_ID);

	for (int i = 0; i < READS; i++)
		if (powerring_latest(ring, &sample, cpus, room) < 0)
			return 0;
	return (double)(time_now_ns(CLOCK_THREAD_CPUTIME_ID) - begin_ns) / READS;
}

/* Nanoseconds for which the process has run. */
static int time_of_process(const char *pid, uint64_t *ret_ns)
{
	_cleanup_free_ char *text = NULL;
	char path[64];
	int r;

	snprintf(path, sizeof(path), "/proc/%s/schedstat", pid);
	r = io_read_file(AT_FDCWD, path, 256, &text, NULL);
	if (r == 0)
		*ret_ns = strtoull(text, NULL, 10);
	return r;
}

static int measure(const struct powerring *ring, const char *pid, uint64_t seconds)
{
	struct powerring_sample sample;
	uint64_t before = 0, after = 0, begin_ns = time_now_ns(CLOCK_MONOTONIC);
	int r = time_of_process(pid, &before);

	while (r == 0 && time_now_ns(CLOCK_MONOTONIC) - begin_ns < seconds * NS_PER_S) {
		r = powerring_latest(ring, &sample, NULL, 0);
		usleep(PAUSE_US);
	}
	if (r == 0)
		r = time_of_process(pid, &after);
	if (r < 0)
		return r;
	printf("period_ns %llu\n", (unsigned long long)powerring_period_ns(ring));
	printf("daemon_ppm %.0f\n",
	       (double)(after - before) * 1e6 / (double)(time_now_ns(CLOCK_MONOTONIC) - begin_ns));
	return 0;
}

int bench_ring(const char *path, const char *pid, const char *seconds)
{
	struct powerring ring = {};
	uint64_t count;
	int r = parse_u64(seconds, 1, 3600, &count);

	if (r == 0)
		r = powerring_open(path, &ring);
	if (r < 0) {
		fprintf(stderr, "pwrapis-bench: %s\n", strerror(-r));
		return 1;
	}
	while (powerring_latest_number(&ring) == 0)
		usleep(PAUSE_US);
	printf("latest_ns %.1f\n", time_reads(&ring, 0));
	printf("latest_cpus_ns %.1f of %u\n", time_reads(&ring, ring.cpu_count), ring.cpu_count);
	r = measure(&ring, pid, count);
	powerring_close(&ring);
	if (r < 0)
		fprintf(stderr, "pwrapis-bench: %s\n", strerror(-r));
	return r < 0;
}
