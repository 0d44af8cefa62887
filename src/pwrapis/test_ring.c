/*
 * Tests of the shared memory: one writer and readers at once, what the seals keep out, the bounds
 * of a head.
 */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/time.h"
#include "pwrapis/ring.h"

enum { CPUS = 300, RACE_MS = 500, READERS = 3 };

/* A sample all of whose words follow from its number. */
static void fill(uint64_t n, struct powerring_sample *s, struct powerring_cpu *cpus, size_t count)
{
	*s = (struct powerring_sample){
		.monotonic_ns = n,
		.realtime_ns = 2 * n,
		.power_ns = 3 * n,
		.known = n,
		.watts = {(double)n, (double)n + 1, (double)n + 2},
		.joules = {(double)n, (double)n + 1, (double)n + 2},
		.usage = (double)n,
	};
	for (size_t i = 0; i < count; i++)
		cpus[i] = (struct powerring_cpu){(uint32_t)(n + i), (uint16_t)n, (uint16_t)(n + 1)};
}

static void expect_whole(const struct powerring_sample *s, const struct powerring_cpu *cpus)
{
	struct powerring_cpu expected_cpus[CPUS];
	struct powerring_sample expected;

	fill(s->number, &expected, expected_cpus, CPUS);
	expected.number = s->number;
	assert_memory_equal(s, &expected, sizeof(*s));
	assert_memory_equal(cpus, expected_cpus, sizeof(expected_cpus));
}

static void open_ring(const struct ring *ring, struct powerring *ret_reader)
{
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	assert_int_equal(powerring_map(pair[0], ring_fd(ring), ring_bytes(ring), ret_reader), 0);
	close(pair[1]);
}

static void write_one(struct ring *ring, uint64_t n)
{
	struct powerring_cpu cpus[CPUS];
	struct powerring_sample sample;

	fill(n, &sample, cpus, CPUS);
	ring_write(ring, &sample, cpus);
}

static void test_one(void **state)
{
	_cleanup_(ring_free_p) struct ring *ring = NULL;
	struct powerring_sample samples[8], s;
	struct powerring_cpu cpus[CPUS];
	struct powerring reader;
	uint64_t missed;

	assert_int_equal(ring_new(CPUS, 4, true, 1000, &ring), 0);
	open_ring(ring, &reader);
	assert_int_equal(powerring_latest(&reader, &s, cpus, CPUS), -ENODATA);
	assert_int_equal(powerring_read(&reader, 1, &s, NULL, 0), -EAGAIN);
	assert_int_equal(reader.coarse, 1);
	assert_int_equal(powerring_period_ns(&reader), 1000);
	for (uint64_t n = 1; n <= 6; n++) {
		write_one(ring, n);
		assert_int_equal(powerring_latest(&reader, &s, cpus, CPUS), 0);
		assert_int_equal(s.number, n);
		expect_whole(&s, cpus);
	}
	assert_int_equal(powerring_since(&reader, 0, samples, 8, &missed), 4);
	assert_int_equal(missed, 2);
	assert_int_equal(samples[0].number, 3);
	assert_int_equal(samples[3].number, 6);
	assert_int_equal(powerring_since(&reader, 4, samples, 1, &missed), 1);
	assert_int_equal(samples[0].number, 5);
	assert_int_equal(missed, 0);
	assert_int_equal(powerring_since(&reader, 6, samples, 8, NULL), 0);
	assert_int_equal(powerring_read(&reader, 2, &s, NULL, 0), -ESTALE);
	assert_int_equal(powerring_read(&reader, 0, &s, NULL, 0), -ESTALE);
	ring_free(take_ptr(ring));
	assert_true(powerring_has_ended(&reader));
	powerring_close(&reader);
}

/* ---- a writer and readers at once ---- */

struct race {
	struct ring *ring;
	struct powerring reader;
	bool over;
	uint64_t whole, late;
};

static void *run_writer(void *data)
{
	struct race *race = data;

	uint64_t until_ns = time_now_ns(CLOCK_MONOTONIC) + RACE_MS * NS_PER_MS;

	for (uint64_t n = 1; time_now_ns(CLOCK_MONOTONIC) < until_ns; n++)
		write_one(race->ring, n);
	__atomic_store_n(&race->over, true, __ATOMIC_RELEASE);
	return NULL;
}

/* Reads the latest, and the oldest, which is about to be overwritten. */
static void *run_reader(void *data)
{
	struct race *race = data;
	uint64_t whole = 0, late = 0, last = 0;

	while (!__atomic_load_n(&race->over, __ATOMIC_ACQUIRE)) {
		uint64_t latest = powerring_latest_number(&race->reader);
		struct powerring_cpu cpus[CPUS];
		struct powerring_sample s;

		if (powerring_latest(&race->reader, &s, cpus, CPUS) == 0) {
			expect_whole(&s, cpus);
			assert_true(s.number >= last);
			last = s.number;
			whole++;
		}
		if (latest > 1 && powerring_read(&race->reader, latest - 1, &s, cpus, CPUS) == 0)
			expect_whole(&s, cpus);
		else
			late++;
	}
	__atomic_fetch_add(&race->whole, whole, __ATOMIC_RELAXED);
	__atomic_fetch_add(&race->late, late, __ATOMIC_RELAXED);
	return NULL;
}

/* No reader ever sees parts of two samples, though the ring is as small as can be. */
static void test_race(void **state)
{
	struct race race = {};
	pthread_t writer, readers[READERS];

	assert_int_equal(ring_new(CPUS, 2, false, 1, &race.ring), 0);
	open_ring(race.ring, &race.reader);
	for (int i = 0; i < READERS; i++)
		assert_int_equal(pthread_create(&readers[i], NULL, run_reader, &race), 0);
	assert_int_equal(pthread_create(&writer, NULL, run_writer, &race), 0);
	for (int i = 0; i < READERS; i++)
		pthread_join(readers[i], NULL);
	pthread_join(writer, NULL);
	assert_true(race.whole > 0 && race.late > 0);
	powerring_close(&race.reader);
	ring_free(race.ring);
}

/* ---- seals ---- */

/* Who gets the descriptor can do nothing to the memory, by it or by the file behind it. */
static void test_sealed(void **state)
{
	_cleanup_(ring_free_p) struct ring *ring = NULL;
	_cleanup_close_ int again = -1;
	char path[64], byte = 1;
	size_t bytes;
	void *map;

	assert_int_equal(ring_new(2, 4, false, 1, &ring), 0);
	bytes = ring_bytes(ring);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", ring_fd(ring));
	again = open(path, O_RDWR | O_CLOEXEC);
	for (int i = 0; i < 2; i++) {
		int fd = i == 0 ? ring_fd(ring) : again;

		if (fd < 0)
			continue;
		assert_int_equal(pwrite(fd, &byte, 1, 0), -1);
		assert_int_equal(errno, EPERM);
		assert_int_equal(ftruncate(fd, 0), -1);
		assert_int_equal(ftruncate(fd, (off_t)bytes * 2), -1);
		assert_int_equal(
			fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, (off_t)bytes),
			-1);
		assert_ptr_equal(mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0),
				 MAP_FAILED);
		assert_int_equal(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), -1);
		map = mmap(NULL, bytes, PROT_READ, MAP_SHARED, fd, 0);
		assert_ptr_not_equal(map, MAP_FAILED);
		assert_int_equal(mprotect(map, bytes, PROT_READ | PROT_WRITE), -1);
		munmap(map, bytes);
	}
	/* And the writer still can. */
	ring_write(ring, &(struct powerring_sample){}, (struct powerring_cpu[2]){});
}

/* A head that leads out of the memory is refused. */
static void test_head(void **state)
{
	const struct powerring_head good = {
		.magic = POWERRING_MAGIC,
		.version = POWERRING_VERSION,
		.bytes = 128 + 2 * 128,
		.slots_offset = 128,
		.slot_bytes = 128,
		.slot_count = 2,
		.cpus_offset = 96,
		.cpu_count = 4,
	};
	struct powerring_head bad[9];

	assert_int_equal(powerring_check(&good, good.bytes), 0);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		bad[i] = good;
	bad[0].magic++;
	bad[1].version++;
	bad[2].slot_count = 3;
	bad[3].slot_count = 0;
	bad[4].slots_offset = 8;
	bad[5].cpu_count = 5;
	bad[6].cpus_offset = 92;
	bad[7].slot_bytes = UINT32_MAX - 7;
	bad[8].cpu_count = POWERRING_CPUS_MAX + 1;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_true(powerring_check(&bad[i], good.bytes) < 0);
	assert_true(powerring_check(&good, good.bytes - 1) < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one),
		cmocka_unit_test(test_race),
		cmocka_unit_test(test_sealed),
		cmocka_unit_test(test_head),
	};

	return cmocka_run_group_tests_name("pwrapis/ring", tests, NULL, NULL);
}
