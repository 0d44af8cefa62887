/*
 * Energy that only the privileged half may open: told all the same, without asking again; and what
 * comes in place of its descriptor.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/testrun.h"
#include "pwrapis/testlaunch.h"
#include "pwrapis/testpwrapis.h"

#define ZONE "sys/class/powercap/intel-rapl:0/"
/* Where the one half may read, and the other one not. */
#define HIDDEN "var/lib/leonhard/pwrapis-writer/energy_uj"

enum { HANG_MS = 30 * 1000, LOOK_MS = 50, JUMP_JOULES = 5000 };

/* In place and of one length, as a reader may have it open. */
static void put_energy(const char *path, unsigned joules)
{
	_cleanup_close_ int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(dprintf(fd, "%06u000000\n", joules), 13);
}

static int setup(void **state)
{
	const struct testroot *t = *state;

	rig_setup_stopped(state);
	testroot_write(t, ZONE "name", "package-0\n");
	testroot_write(t, ZONE "max_energy_range_uj", "999999000000\n");
	testroot_write(t, ZONE "energy_uj", "7\n");
	/* For nobody: the program has no capability, whoever it is. */
	assert_int_equal(chmod(ZONE "energy_uj", 0), 0);
	put_energy(GIFT_PATH, 100000);
	return 0;
}

static int get_power(PWR_SYS_PowerInfo *power)
{
	struct client c;
	int code;

	client_open(&c, TEST_OBSERVER);
	code = client_ask(&c, WIRE_SYS_GET_POWER, NULL, 0, power, sizeof(*power), NULL);
	client_close(&c);
	return code;
}

static void expect_power(int code, int least_watts)
{
	const uint64_t hang = rig_now_ms() + HANG_MS;
	PWR_SYS_PowerInfo power = {};

	while (get_power(&power) != code || power.cpuPower < least_watts) {
		assert_true(rig_now_ms() < hang);
		usleep(LOOK_MS * 1000);
		power.cpuPower = 0;
	}
}

/* That what the counter takes is told. A second may be a long one. */
static void expect_followed(const char *path)
{
	expect_power(PWR_SUCCESS, 0);
	put_energy(path, 100000 + JUMP_JOULES);
	expect_power(PWR_SUCCESS, JUMP_JOULES / 8);
}

static void await_opens(unsigned count)
{
	const uint64_t hang = rig_now_ms() + HANG_MS;

	while (writer_opens() < count) {
		assert_true(rig_now_ms() < hang);
		usleep(LOOK_MS * 1000);
	}
}

/* Descriptors that the daemon keeps: those of a client that has gone are closed a little later. */
static unsigned kept_fds(void)
{
	unsigned fewest = rig_fd_count();

	for (int i = 0; i < 10; i++) {
		unsigned count;

		usleep(LOOK_MS * 1000);
		count = rig_fd_count();
		if (count < fewest)
			fewest = count;
	}
	return fewest;
}

/* One descriptor, and no question after it. */
static void test_told(void **state)
{
	writer_start(*state);
	rig_start(*state);
	expect_followed(GIFT_PATH);
	await_opens(1);
	usleep(3500 * 1000);
	assert_in_range(writer_opens(), 1, 2);
}

/* Nothing is known, nothing is kept, nobody waits, and it is not asked for each second. */
static void expect_refused(const struct testroot *t, enum writer_gift gift)
{
	unsigned count;

	writer_start(t);
	writer_give(gift);
	rig_start(t);
	await_opens(1);
	expect_power(PWR_ERR_NOT_SUPPORTED, 0);
	count = kept_fds();
	usleep(2500 * 1000);
	expect_power(PWR_ERR_NOT_SUPPORTED, 0);
	assert_int_equal(kept_fds(), count);
	assert_in_range(writer_opens(), 1, 2);
}

static void test_none(void **state)
{
	expect_refused(*state, GIFT_NONE);
}

static void test_two(void **state)
{
	expect_refused(*state, GIFT_TWO);
}

static void test_pipe(void **state)
{
	expect_refused(*state, GIFT_PIPE);
}

/* What was refused is asked for again after a while. */
static void test_folder(void **state)
{
	expect_refused(*state, GIFT_FOLDER);
	writer_give(GIFT_FILE);
	expect_followed(GIFT_PATH);
}

/* One that nobody has asked for is closed. */
static void test_unasked(void **state)
{
	struct client c;
	unsigned count;

	writer_start(*state);
	writer_give(GIFT_ALWAYS);
	rig_start(*state);
	expect_followed(GIFT_PATH);
	client_open(&c, TEST_CONTROLLER);
	assert_int_equal(client_code(&c, WIRE_COM_REQUEST_CONTROL, NULL, 0), PWR_SUCCESS);
	count = kept_fds();
	for (int i = 0; i < 20; i++)
		assert_int_equal(client_code(&c, WIRE_CPU_SET_GOVERNOR, "powersave", 10),
				 PWR_SUCCESS);
	assert_int_equal(kept_fds(), count);
	client_close(&c);
}

/* What cannot be read any more is closed, and asked for anew after a while. */
static void test_unreadable(void **state)
{
	writer_start(*state);
	rig_start(*state);
	expect_power(PWR_SUCCESS, 0);
	assert_int_equal(truncate(GIFT_PATH, 0), 0);
	expect_power(PWR_ERR_NOT_SUPPORTED, 0);
	put_energy(GIFT_PATH, 100000);
	expect_followed(GIFT_PATH);
}

/* The descriptor goes with the half that gave it, and comes with the next one. */
static void test_writer_killed(void **state)
{
	assert_int_equal(unlink(ZONE "energy_uj"), 0);
	assert_int_equal(symlink("/" HIDDEN, ZONE "energy_uj"), 0);
	testroot_write(*state, HIDDEN, "");
	put_energy(HIDDEN, 100000);
	testroot_write(*state, "proc/sys/kernel/random/boot_id",
		       "01234567-89ab-cdef-0123-456789abcdef\n");
	launch_writer(*state);
	rig_start(*state);
	expect_followed(HIDDEN);
	end_writer(SIGKILL);
	expect_power(PWR_ERR_NOT_SUPPORTED, 0);
	put_energy(HIDDEN, 100000);
	launch_writer(*state);
	expect_followed(HIDDEN);
}

static int teardown(void **state)
{
	end_writer(SIGKILL);
	return rig_teardown(state);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_told),       TEST(test_none),		 TEST(test_two),
		TEST(test_pipe),       TEST(test_folder),	 TEST(test_unasked),
		TEST(test_unreadable), TEST(test_writer_killed),
	};

	return cmocka_run_group_tests_name("pwrapis/guarded", tests, testrun_setup_group,
					   testroot_teardown);
}
