/*
 * The rings as their readers see them: who gets which, what is in them, what hostile readers can
 * do.
 */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/io.h"
#include "base/testrun.h"
#include "base/time.h"
#include "libpwrapi/powerring.h"
#include "pwrapis/machine/fakemachine.h"
#include "pwrapis/rings.h"

#define SOCKET "run/leonhard/pwrapis-ring"

enum {
	OBSERVER = 12345,
	CONTROLLER = 12346,
	NOBODY = 12347,
	HOSTILE_TRIES = 1000,
	PATIENCE_MS = 20000, /* only a hang takes so long */
};

static const char *golden;
static pid_t pid;

static void pause_ms(int ms)
{
	usleep(ms * 1000);
}

/* ---- the machine ---- */

static void write_stat(const struct testroot *t, unsigned busy, unsigned idle)
{
	char text[2048];
	int n = snprintf(text, sizeof(text), "cpu  0 0 0 0 0 0 0 0 0 0\n");

	for (int i = 0; i < 8; i++)
		n += snprintf(text + n, sizeof(text) - n, "cpu%d %u 0 0 %u 0 0 0 0 0 0\n", i, busy,
			      idle);
	testroot_write(t, "proc/stat", text);
}

static void write_access(const struct testroot *t, const char *observers)
{
	char text[256];

	snprintf(text, sizeof(text), "[observe]\nusers = %s\n[control]\nusers = %d %d\n", observers,
		 CONTROLLER, (int)getuid());
	testroot_write(t, "etc/leonhard/access.conf", text);
}

static int setup(void **state)
{
	const struct testroot *t = *state;
	_cleanup_free_ char *path = NULL, *text = NULL;
	unsigned line;

	testroot_clear(t);
	assert_true(asprintf(&path, "%s/intel2s/machine", golden) > 0);
	assert_int_equal(io_read_file(AT_FDCWD, path, 65536, &text, NULL), 0);
	assert_int_equal(fakemachine_make(t->fd, text, &line), 0);
	testroot_write(t, "etc/passwd", "root:x:0:0::/:/bin/sh\n");
	testroot_write(t, "etc/group", "root:x:0:\n");
	write_access(t, "12345");
	write_stat(t, 100, 100);
	pid = testrun_launch_ready(t);
	return 0;
}

/* ---- readers ---- */

static int open_as(uid_t uid, struct powerring *ret_ring)
{
	int e;

	assert_int_equal(seteuid(uid), 0);
	e = powerring_open(SOCKET, ret_ring);
	assert_int_equal(seteuid(0), 0);
	return e;
}

static void open_here(struct powerring *ret_ring)
{
	assert_int_equal(powerring_open(SOCKET, ret_ring), 0);
}

static void await_number(const struct powerring *r, uint64_t number)
{
	for (int ms = 0; powerring_latest_number(r) < number; ms += 5) {
		assert_true(ms < PATIENCE_MS);
		pause_ms(5);
	}
}

static void await_end(const struct powerring *r)
{
	for (int ms = 0; !powerring_has_ended(r); ms += 10) {
		assert_true(ms < PATIENCE_MS);
		pause_ms(10);
	}
}

/* ---- what is in them ---- */

static void test_fresh(void **state)
{
	struct powerring_cpu cpus[POWERRING_CPUS_MAX];
	struct powerring_sample s, several[8];
	struct powerring r;
	uint64_t begin_ns, missed;

	open_here(&r);
	assert_int_equal(r.coarse, 0);
	assert_int_equal(r.cpu_count, 8);
	begin_ns = time_now_ns(CLOCK_MONOTONIC);
	await_number(&r, 12);
	/* Ten milliseconds each; a busy machine may take longer. */
	assert_true(time_now_ns(CLOCK_MONOTONIC) - begin_ns > 80 * NS_PER_MS);
	write_stat(*state, 175, 125);
	await_number(&r, powerring_latest_number(&r) + 2);
	assert_int_equal(powerring_latest(&r, &s, cpus, ARRAY_SIZE(cpus)), 0);
	assert_true(s.known & POWERRING_USAGE);
	assert_true(fabs(s.usage - 0.75) < 1e-9);
	assert_true(cpus[7].known & POWERRING_CPU_USAGE);
	assert_int_equal(cpus[7].usage, 7500);
	assert_true(s.known & POWERRING_BOARD_WATTS);
	assert_true(s.watts[POWERRING_BOARD] == 214);
	assert_true(s.power_ns && s.power_ns <= s.monotonic_ns);
	assert_true(cpus[0].known & POWERRING_CPU_FREQUENCY);
	assert_int_equal(powerring_since(&r, s.number - 5, several, 5, &missed), 5);
	assert_int_equal(missed, 0);
	for (int i = 1; i < 5; i++)
		assert_true(several[i].monotonic_ns > several[i - 1].monotonic_ns);
	powerring_close(&r);
}

/* Whole watts and joules, hundredths of usage, once a second. */
static void test_coarse(void **state)
{
	struct powerring_cpu cpus[8];
	struct powerring_sample s;
	struct powerring r;
	uint64_t first;

	if (geteuid() != 0)
		skip();
	assert_int_equal(open_as(OBSERVER, &r), 0);
	assert_int_equal(r.coarse, 1);
	assert_int_equal(powerring_period_ns(&r), NS_PER_S);
	await_number(&r, 1);
	first = powerring_latest_number(&r);
	pause_ms(300);
	assert_true(powerring_latest_number(&r) <= first + 1);
	write_stat(*state, 1234, 1000);
	await_number(&r, first + 2);
	assert_int_equal(powerring_latest(&r, &s, cpus, 8), 0);
	assert_true(s.watts[POWERRING_BOARD] == round(s.watts[POWERRING_BOARD]));
	assert_true(s.joules[POWERRING_BOARD] == round(s.joules[POWERRING_BOARD]));
	assert_true(!(s.known & POWERRING_USAGE) ||
		    fabs(s.usage * 100 - round(s.usage * 100)) < 1e-9);
	assert_true(cpus[0].usage % 100 == 0);
	powerring_close(&r);
}

/* ---- who ---- */

static void test_nobody(void **state)
{
	struct powerring r;

	if (geteuid() != 0)
		skip();
	assert_int_equal(open_as(NOBODY, &r), -EACCES);
}

static void test_limit(void **state)
{
	struct powerring rings[RINGS_PER_USER_MAX], more;

	if (geteuid() != 0)
		skip();
	for (int i = 0; i < RINGS_PER_USER_MAX; i++)
		assert_int_equal(open_as(OBSERVER, &rings[i]), 0);
	assert_int_equal(open_as(OBSERVER, &more), -EUSERS);
	assert_int_equal(open_as(CONTROLLER, &more), 0);
	powerring_close(&more);
	powerring_close(&rings[0]);
	for (int ms = 0; open_as(OBSERVER, &rings[0]) < 0; ms += 10) {
		assert_true(ms < PATIENCE_MS);
		pause_ms(10);
	}
	for (int i = 0; i < RINGS_PER_USER_MAX; i++)
		powerring_close(&rings[i]);
}

/* Who may not read any more has a ring that nobody writes. */
static void test_access_changes(void **state)
{
	struct powerring observer, controller, again;
	uint64_t last;

	if (geteuid() != 0)
		skip();
	assert_int_equal(open_as(OBSERVER, &observer), 0);
	assert_int_equal(open_as(CONTROLLER, &controller), 0);
	write_access(*state, "1");
	await_end(&observer);
	await_end(&controller);
	last = powerring_latest_number(&observer);
	assert_int_equal(open_as(OBSERVER, &again), -EACCES);
	assert_int_equal(open_as(CONTROLLER, &again), 0);
	await_number(&again, 1);
	assert_int_equal(powerring_latest_number(&observer), last);
	powerring_close(&observer);
	powerring_close(&controller);
	powerring_close(&again);
}

/* ---- bad readers ---- */

static unsigned long status_number(const char *key)
{
	_cleanup_free_ char *text = NULL;
	char path[64];
	const char *line;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	assert_int_equal(io_read_file(AT_FDCWD, path, 65536, &text, NULL), 0);
	line = strstr(text, key);
	assert_non_null(line);
	return strtoul(line + strlen(key), NULL, 10);
}

/* While nobody is attached only the beat wakes it up. */
static void test_rest(void **state)
{
	struct powerring r;
	unsigned long before;

	open_here(&r);
	await_number(&r, 3);
	powerring_close(&r);
	pause_ms(200);
	before = status_number("\nvoluntary_ctxt_switches:");
	pause_ms(3000);
	assert_true(status_number("\nvoluntary_ctxt_switches:") - before <= 8);
}

/* Attaches again and again, and keeps what it was given: it is the same memory each time. */
static void keep_maps(void)
{
	static struct powerring kept[HOSTILE_TRIES];

	for (int i = 0; i < HOSTILE_TRIES; i++) {
		if (open_as(CONTROLLER, &kept[i]) < 0)
			memset(&kept[i], 0, sizeof(kept[i]));
		else
			close(kept[i].fd);
	}
	for (int i = 0; i < HOSTILE_TRIES; i++)
		if (kept[i].map)
			munmap((void *)(uintptr_t)kept[i].map, kept[i].bytes);
}

/* One that attaches a thousand times and keeps all it was given: nobody else notices. */
static void test_thousand(void **state)
{
	static struct powerring kept[HOSTILE_TRIES];
	unsigned count = 0, refused = 0;
	struct powerring_sample s;
	struct powerring good;
	unsigned long before;

	if (geteuid() != 0)
		skip();
	for (int i = 0; i < HOSTILE_TRIES; i++) {
		int e = open_as(CONTROLLER, &kept[count]);

		count += e == 0;
		refused += e == -EUSERS;
	}
	assert_int_equal(count, RINGS_PER_USER_MAX);
	assert_int_equal(refused, HOSTILE_TRIES - RINGS_PER_USER_MAX);
	assert_int_equal(open_as(OBSERVER, &good), 0);
	await_number(&good, 1);
	assert_int_equal(powerring_latest(&good, &s, NULL, 0), 0);
	powerring_close(&good);
	for (unsigned i = 0; i < count; i++)
		powerring_close(&kept[i]);
	/* The first time also fills what a sanitizer keeps of its own. */
	keep_maps();
	before = status_number("\nVmRSS:");
	keep_maps();
	assert_true(status_number("\nVmRSS:") < before + 4096);
}

/* What a reader sends ends its connection, and what it was given cannot be written. */
static void test_sends(void **state)
{
	struct powerring r, other;

	open_here(&r);
	open_here(&other);
	assert_int_equal(mprotect((void *)(uintptr_t)r.map, r.bytes, PROT_READ | PROT_WRITE), -1);
	assert_int_equal(send(r.fd, "give me more", 12, MSG_NOSIGNAL), 12);
	await_end(&r);
	assert_false(powerring_has_ended(&other));
	powerring_close(&r);
	powerring_close(&other);
}

static void test_daemon_killed(void **state)
{
	struct powerring r, again;

	open_here(&r);
	await_number(&r, 2);
	testrun_signal(SIGKILL);
	testrun_finish();
	assert_true(powerring_has_ended(&r));
	assert_true(powerring_open(SOCKET, &again) < 0);
	powerring_close(&r);
	pid = testrun_launch_ready(*state);
	open_here(&again);
	powerring_close(&again);
}

static void test_stop(void **state)
{
	struct powerring r;

	open_here(&r);
	testrun_stop(SIGTERM);
	assert_true(powerring_has_ended(&r));
	powerring_close(&r);
	assert_true(powerring_open(SOCKET, &r) < 0);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, testrun_teardown)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(test_fresh),	   TEST(test_coarse), TEST(test_nobody),   TEST(test_limit),
		TEST(test_access_changes), TEST(test_rest),   TEST(test_thousand), TEST(test_sends),
		TEST(test_daemon_killed),  TEST(test_stop),
	};

	golden = argc > 1 ? argv[1] : "";
	return cmocka_run_group_tests_name("pwrapis/rings", tests, testrun_setup_group,
					   testroot_teardown);
}
