/*
 * Tests of the daemon's side of the probe, and of counters, with a probe that the test plays: what
 * it hands over is injected, and was counted by no hardware.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/testroot.h"
#include "base/time.h"
#include "pwrapis/counting.h"
#include "pwrapis/endring.h"
#include "pwrapis/probed.h"

enum { ALL = (1 << PROBE_COUNTER_KINDS) - 1 };

struct rig {
	struct testroot *t;
	uv_loop_t loop;
	struct probed p;
	int listen_fd, fd;
	unsigned told;
	int pressure_then; /* what a listener saw when it was told */
	bool was_open; /* the old trigger, when it was told that it goes */
};

static int watched = -1;

static void on_change(void *data)
{
	struct rig *rig = data;

	rig->told++;
	rig->pressure_then = probed_pressure_fd(&rig->p);
	rig->was_open = watched >= 0 && fcntl(watched, F_GETFD) >= 0;
}

static unsigned open_descriptors(void)
{
	unsigned count = 0;

	for (int fd = 0; fd < 256; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

static void begin(struct rig *rig, void **state)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};

	*rig = (struct rig){.t = *state, .fd = -1};
	testroot_write(rig->t, "sys/devices/system/cpu/online", "0-1\n");
	testroot_write(rig->t, "run/leonhard/here", "");
	snprintf(sa.sun_path, sizeof(sa.sun_path), "%s%s", rig->t->path, PROBE_SOCKET_PATH);
	unlink(sa.sun_path);
	rig->listen_fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0);
	assert_int_equal(bind(rig->listen_fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	assert_int_equal(listen(rig->listen_fd, 4), 0);
	uv_loop_init(&rig->loop);
	probed_init(&rig->p, &rig->loop, rig->t->fd);
	probed_listen(&rig->p, on_change, rig);
}

static void turn(struct rig *rig)
{
	for (int i = 0; i < 32; i++)
		uv_run(&rig->loop, UV_RUN_NOWAIT);
}

static void end(struct rig *rig)
{
	probed_close(&rig->p);
	turn(rig);
	assert_int_equal(uv_loop_close(&rig->loop), 0);
	cleanup_close_p(&rig->fd);
	close(rig->listen_fd);
}

static void answer(struct rig *rig)
{
	rig->fd = accept(rig->listen_fd, NULL, NULL);
	assert_true(rig->fd >= 0);
}

/* The descriptors stay the test's own. */
static void hand_over(struct rig *rig, struct probe_message message, const int *fds, unsigned count)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(8 * sizeof(int))];
	} control = {};
	struct iovec iov = {&message, sizeof(message)};
	struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1};

	if (!message.magic)
		message.magic = PROBE_MAGIC;
	if (count) {
		m.msg_control = &control;
		m.msg_controllen = CMSG_SPACE(count * sizeof(int));
		control.head = (struct cmsghdr){.cmsg_level = SOL_SOCKET,
						.cmsg_type = SCM_RIGHTS,
						.cmsg_len = CMSG_LEN(count * sizeof(int))};
		memcpy(CMSG_DATA(&control.head), fds, count * sizeof(int));
	}
	assert_int_equal(sendmsg(rig->fd, &m, 0), sizeof(message));
	turn(rig);
}

static void complete(struct rig *rig)
{
	hand_over(rig, (struct probe_message){.kind = PROBE_COMPLETE}, NULL, 0);
}

/* ---- descriptors ---- */

static void test_nobody_there(void **state)
{
	struct rig rig;

	begin(&rig, state);
	assert_int_equal(probed_pressure_fd(&rig.p), -ENOTCONN);
	close(rig.listen_fd);
	rig.listen_fd = -1;
	probed_hold(&rig.p);
	assert_int_equal(rig.p.fd, -1);
	assert_int_equal(probed_pressure_fd(&rig.p), -ENOTCONN);
	end(&rig);
}

static void test_pressure(void **state)
{
	struct rig rig;
	int pipe_fds[2];
	uint32_t bytes = 77;

	assert_int_equal(pipe(pipe_fds), 0);
	begin(&rig, state);
	probed_hold(&rig.p);
	answer(&rig);
	hand_over(&rig, (struct probe_message){.kind = PROBE_COUNTERS, .error = -ENOENT}, NULL, 0);
	hand_over(&rig, (struct probe_message){.kind = PROBE_PRESSURE}, pipe_fds, 1);
	hand_over(&rig, (struct probe_message){.kind = PROBE_ENDS, .error = -EPERM}, NULL, 0);
	assert_int_equal(rig.told, 0);
	complete(&rig);
	assert_int_equal(rig.told, 1);
	watched = probed_pressure_fd(&rig.p);
	assert_true(watched >= 0);
	assert_int_equal(rig.pressure_then, watched);
	assert_int_equal(probed_ends_fd(&rig.p, &bytes), -EPERM);
	assert_int_equal(bytes, 77);
	assert_int_equal(probed_counters(&rig.p, 0)->error, -ENOENT);
	assert_null(probed_counters(&rig.p, 1));
	/* The probe dies: who listens still has the old one, which is closed behind it. */
	close(take_fd(&rig.fd));
	turn(&rig);
	assert_int_equal(rig.told, 2);
	assert_int_equal(rig.pressure_then, -ENOTCONN);
	assert_true(rig.was_open);
	assert_int_equal(fcntl(watched, F_GETFD), -1);
	watched = -1;
	/* Not at once, but after a pause. */
	probed_beat(&rig.p);
	assert_int_equal(rig.p.fd, -1);
	nanosleep(&(struct timespec){.tv_sec = 1, .tv_nsec = 100000000}, NULL);
	turn(&rig);
	probed_beat(&rig.p);
	assert_true(rig.p.fd >= 0);
	answer(&rig);
	end(&rig);
	close(pipe_fds[0]);
	close(pipe_fds[1]);
}

static void test_release(void **state)
{
	struct rig rig;

	begin(&rig, state);
	probed_hold(&rig.p);
	probed_hold(&rig.p);
	probed_release(&rig.p);
	assert_true(rig.p.fd >= 0);
	probed_release(&rig.p);
	assert_int_equal(rig.p.fd, -1);
	/* Held again before libuv has let go of the handle. */
	probed_hold(&rig.p);
	assert_int_equal(rig.p.fd, -1);
	turn(&rig);
	assert_true(rig.p.fd >= 0);
	end(&rig);
}

static void test_hotplug(void **state)
{
	struct rig rig;

	begin(&rig, state);
	probed_hold(&rig.p);
	answer(&rig);
	complete(&rig);
	probed_beat(&rig.p);
	assert_true(rig.p.set.complete);
	testroot_write(rig.t, "sys/devices/system/cpu/online", "0\n");
	probed_beat(&rig.p);
	assert_false(rig.p.set.complete);
	turn(&rig);
	close(rig.fd);
	/* Twice: the first is the one that has gone. */
	answer(&rig);
	complete(&rig);
	assert_true(rig.p.set.complete);
	end(&rig);
}

static const struct {
	struct probe_message message;
	unsigned count;
} hostile[] = {
	{{.magic = 1, .kind = PROBE_COMPLETE}, 0},
	{{.kind = 0}, 0},
	{{.kind = PROBE_KINDS}, 0},
	{{.kind = 65535}, 1},
	{{.kind = PROBE_COMPLETE}, 1},
	{{.kind = PROBE_PRESSURE}, 0},
	{{.kind = PROBE_PRESSURE}, 2},
	{{.kind = PROBE_PRESSURE, .error = 5}, 1},
	{{.kind = PROBE_PRESSURE, .error = -5}, 1},
	{{.kind = PROBE_ENDS, .bytes = 4095}, 1},
	{{.kind = PROBE_ENDS, .bytes = 1U << 31}, 1},
	{{.kind = PROBE_COUNTERS, .cpu = PROBE_CPUS_MAX, .counters = 1}, 1},
	{{.kind = PROBE_COUNTERS, .cpu = UINT32_MAX, .counters = 1}, 1},
	{{.kind = PROBE_COUNTERS, .counters = 3}, 1},
	{{.kind = PROBE_COUNTERS, .counters = 1U << PROBE_COUNTER_KINDS}, 1},
	{{.kind = PROBE_COUNTERS, .counters = ALL}, 8},
};

static void test_hostile(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(hostile); i++) {
		const int fds[8] = {0, 0, 0, 0, 0, 0, 0, 0};
		unsigned before = open_descriptors();
		struct rig rig;

		begin(&rig, state);
		probed_hold(&rig.p);
		answer(&rig);
		hand_over(&rig, hostile[i].message, fds, hostile[i].count);
		assert_int_equal(rig.p.fd, -1);
		end(&rig);
		assert_int_equal(open_descriptors(), before);
	}
}

static void test_twice(void **state)
{
	const struct probe_message messages[] = {
		{.kind = PROBE_COUNTERS, .cpu = 3, .counters = 1},
		{.kind = PROBE_PRESSURE},
		{.kind = PROBE_ENDS, .bytes = 4096},
	};
	const int fd = 0;

	for (size_t i = 0; i < ARRAY_SIZE(messages); i++) {
		unsigned before = open_descriptors();
		struct rig rig;

		begin(&rig, state);
		probed_hold(&rig.p);
		answer(&rig);
		hand_over(&rig, messages[i], &fd, 1);
		assert_true(rig.p.fd >= 0);
		hand_over(&rig, messages[i], &fd, 1);
		assert_int_equal(rig.p.fd, -1);
		end(&rig);
		assert_int_equal(open_descriptors(), before);
	}
}

/* ---- counters ---- */

static void inject(int fd, uint64_t seconds, uint64_t running_ns, const uint64_t *numbers,
		   unsigned count)
{
	struct probe_counts c = {
		.count = count, .enabled_ns = seconds * NS_PER_S, .running_ns = running_ns};

	memcpy(c.numbers, numbers, count * sizeof(*numbers));
	assert_int_equal(ftruncate(fd, 0), 0);
	assert_true(pwrite(fd, &c, offsetof(struct probe_counts, numbers) + count * 8, 0) > 0);
}

static void hand_over_counters(struct rig *rig, unsigned cpu, int fd, uint32_t kinds)
{
	const int fds[PROBE_FDS_MAX] = {fd, fd, fd, fd};

	hand_over(rig,
		  (struct probe_message){.kind = PROBE_COUNTERS,
					 .flags = PROBE_INJECTED,
					 .cpu = cpu,
					 .counters = kinds},
		  fds, __builtin_popcount(kinds));
}

static void test_counters(void **state)
{
	int a = memfd_create("injected", 0), b = memfd_create("injected", 0);
	struct counted counted;
	struct counting c;
	struct rig rig;
	double number;

	begin(&rig, state);
	counting_init(&c, &rig.p);
	counting_want(&c);
	assert_int_equal(counting_all(&c, &counted), -EAGAIN);
	answer(&rig);
	inject(a, 1, NS_PER_S, (uint64_t[]){1000, 3000, 50, 10}, 4);
	inject(b, 1, NS_PER_S, (uint64_t[]){0, 0, 0, 0}, 4);
	hand_over_counters(&rig, 0, a, ALL);
	hand_over_counters(&rig, 2, b, ALL);
	complete(&rig);
	assert_true(counting_is_injected(&c));
	counting_beat(&c);
	assert_int_equal(counting_cpu(&c, 0, &counted), -EAGAIN);
	inject(a, 2, 2 * NS_PER_S, (uint64_t[]){2000, 5000, 150, 20}, 4);
	/* This one had the hardware for half of the time. */
	inject(b, 2, NS_PER_S * 3 / 2, (uint64_t[]){500, 250, 50, 20}, 4);
	counting_beat(&c);
	assert_int_equal(counting_cpu(&c, 0, &counted), 0);
	assert_int_equal(counting_ipc(&counted, &number), 0);
	assert_true(number == 2);
	assert_int_equal(counting_misses(&counted, &number), 0);
	assert_true(number == 10);
	assert_int_equal(counting_miss_ratio(&counted, &number), 0);
	assert_true(number == 0.1);
	assert_int_equal(counting_cpu(&c, 1, &counted), -ENODATA);
	assert_int_equal(counting_cpu(&c, 2, &counted), 0);
	assert_true(counted.numbers[PROBE_CYCLES] == 1000);
	assert_int_equal(counting_all(&c, &counted), 0);
	assert_true(counted.numbers[PROBE_CYCLES] == 2000);
	assert_true(counted.numbers[PROBE_INSTRUCTIONS] == 2500);
	/* Nothing ran: there is no ratio. */
	inject(a, 3, 3 * NS_PER_S, (uint64_t[]){2000, 5000, 150, 20}, 4);
	counting_beat(&c);
	assert_int_equal(counting_cpu(&c, 0, &counted), 0);
	assert_int_equal(counting_ipc(&counted, &number), -ENODATA);
	assert_int_equal(counting_miss_ratio(&counted, &number), -ENODATA);
	/* It goes back, or is no record: not a number of anything. */
	inject(a, 4, 4 * NS_PER_S, (uint64_t[]){1, 5000, 150, 20}, 4);
	counting_beat(&c);
	assert_int_equal(counting_cpu(&c, 0, &counted), -ENODATA);
	inject(a, 5, 5 * NS_PER_S, (uint64_t[]){3000, 5000, 150}, 3);
	counting_beat(&c);
	assert_int_equal(counting_cpu(&c, 0, &counted), -EBADMSG);
	counting_close(&c);
	end(&rig);
	close(a);
	close(b);
}

static void test_some_counters(void **state)
{
	int a = memfd_create("injected", 0);
	struct counted counted;
	struct counting c;
	struct rig rig;
	double number;

	begin(&rig, state);
	counting_init(&c, &rig.p);
	counting_want(&c);
	answer(&rig);
	inject(a, 1, NS_PER_S, (uint64_t[]){10, 1}, 2);
	hand_over_counters(&rig, 0, a, 1 << PROBE_CYCLES | 1 << PROBE_LLC_MISSES);
	complete(&rig);
	counting_beat(&c);
	inject(a, 3, 3 * NS_PER_S, (uint64_t[]){30, 7}, 2);
	counting_beat(&c);
	assert_int_equal(counting_cpu(&c, 0, &counted), 0);
	assert_int_equal(counting_ipc(&counted, &number), -EOPNOTSUPP);
	assert_int_equal(counting_miss_ratio(&counted, &number), -EOPNOTSUPP);
	assert_int_equal(counting_misses(&counted, &number), 0);
	assert_true(number == 3);
	counting_close(&c);
	end(&rig);
	close(a);
}

static void test_no_counters(void **state)
{
	struct counted counted;
	struct counting c;
	struct rig rig;

	begin(&rig, state);
	counting_init(&c, &rig.p);
	counting_want(&c);
	answer(&rig);
	hand_over(&rig, (struct probe_message){.kind = PROBE_COUNTERS, .error = -ENOENT}, NULL, 0);
	complete(&rig);
	counting_beat(&c);
	assert_int_equal(counting_cpu(&c, 0, &counted), -EOPNOTSUPP);
	assert_int_equal(counting_all(&c, &counted), -EOPNOTSUPP);
	counting_close(&c);
	assert_int_equal(rig.p.fd, -1);
	end(&rig);
}

/* ---- the ring of ends ---- */

enum { RING = 4096 };

struct page {
	_Alignas(8) char data[RING];
	uint64_t reader, writer;
	unsigned count;
	unsigned last_pid;
};

static void put(struct page *r, unsigned pid, uint32_t flags)
{
	struct probe_end e = {.pid = pid, .comm = "sixteen-letters!"};
	uint32_t head[2] = {sizeof(e) | flags, 0};

	memset(e.comm, 'x', sizeof(e.comm));
	for (size_t i = 0; i < sizeof(head); i++)
		r->data[(r->writer + i) % RING] = ((char *)head)[i];
	for (size_t i = 0; i < sizeof(e); i++)
		r->data[(r->writer + sizeof(head) + i) % RING] = ((char *)&e)[i];
	r->writer += sizeof(head) + sizeof(e);
}

static void on_end(void *data, const struct probe_end *e)
{
	struct page *r = data;

	assert_int_equal(strlen(e->comm), 15);
	assert_int_equal(e->pid, ++r->last_pid);
	r->count++;
}

static void test_ring(void **state)
{
	struct page r = {};
	struct endring *ring;
	unsigned pid = 0;

	assert_int_equal(endring_open_memory(&r.reader, &r.writer, r.data, RING, &ring), 0);
	assert_int_equal(endring_read(ring, 10, on_end, &r), 0);
	/* Over the end of it, many times. */
	for (int i = 0; i < 1000; i++) {
		put(&r, ++pid, 0);
		put(&r, ++pid, 0);
		assert_int_equal(endring_read(ring, 10, on_end, &r), 2);
		assert_int_equal(r.reader, r.writer);
	}
	put(&r, ++pid, 0);
	put(&r, ++pid, 1U << 31);
	assert_int_equal(endring_read(ring, 10, on_end, &r), 1);
	assert_int_equal(endring_read(ring, 10, on_end, &r), 0);
	assert_int_equal(r.count, 2001);
	endring_close(ring);
}

static void test_bad_ring(void **state)
{
	struct page r = {.writer = 64};
	struct endring *ring;

	assert_int_equal(endring_open_memory(&r.reader, &r.writer, r.data, RING, &ring), 0);
	*(uint32_t *)(void *)r.data = 4000;
	assert_int_equal(endring_read(ring, 10, on_end, &r), -EBADMSG);
	r.writer = RING * 2;
	assert_int_equal(endring_read(ring, 10, on_end, &r), -EBADMSG);
	r.reader = 3;
	assert_int_equal(endring_read(ring, 10, on_end, &r), -EBADMSG);
	assert_int_equal(r.count, 0);
	endring_close(ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nobody_there), cmocka_unit_test(test_pressure),
		cmocka_unit_test(test_release),	     cmocka_unit_test(test_hotplug),
		cmocka_unit_test(test_hostile),	     cmocka_unit_test(test_twice),
		cmocka_unit_test(test_counters),     cmocka_unit_test(test_some_counters),
		cmocka_unit_test(test_no_counters),  cmocka_unit_test(test_ring),
		cmocka_unit_test(test_bad_ring),
	};

	return cmocka_run_group_tests(tests, testroot_setup, testroot_teardown);
}
