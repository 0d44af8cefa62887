/*
 * The power daemon and its privileged half over the simulated plant, asked through the library:
 * readings against the truth, energy over many turns of its counter, a cap that acts, and faults
 * while something is held.
 *
 * All seeds are new ones; what a failed run had is in the log, whose head is printed.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/testrun.h"
#include "base/time.h"
#include "daemons.h"
#include "libpwrapi/powerapi.h"
#include "rig.h"

#define POLICY "sys/devices/system/cpu/cpufreq/policy0"

static double now_s(void)
{
	return time_now_ns(CLOCK_MONOTONIC) * 1e-9;
}

static void sleep_s(double seconds)
{
	usleep(seconds * 1e6);
}

static void say_seed(void)
{
	_cleanup_fclose_ FILE *f = fopen("truth", "re");
	char line[256] = "";

	assert_non_null(f);
	if (fgets(line, sizeof(line), f))
		print_message("%s", line + 2);
}

static void start(const struct testroot *t, const char *load, const char *const args[])
{
	testroot_write(t, "load", load);
	testroot_write(t, "faults", "");
	machine_start(t, args);
	say_seed();
}

static int teardown(void **state)
{
	machine_kill(*state);
	return testrun_teardown(state);
}

static void take_control(void)
{
	assert_int_equal(PWR_RequestControlAuth(), PWR_SUCCESS);
}

/* ---- readings ---- */

enum { LOOKS = 5, RANGE_J = 18000 };

/* By the sensor's own word, and half a watt for whole watts. */
static void check_watts(const char *what, double shown, double truth)
{
	print_message("simulated plant: %s %.1f W, in truth %.2f W\n", what, shown, truth);
	if (!(fabs(shown - truth) <= 0.02 * truth + 0.5))
		fail_msg("%s is off", what);
}

static void check_usage(void)
{
	PWR_CPU_Usage *usage = malloc(4096);

	assert_int_equal(PWR_CPU_GetUsage(usage, 4096), PWR_SUCCESS);
	assert_int_equal(usage->coreNum, 4);
	assert_true(usage->avgUsage > 0.45 && usage->avgUsage < 1);
	free(usage);
}

/* What the daemon tells is of its last look, once a second, which comes late when others work: so
 * means of some are compared. */
static void test_readings(void **state)
{
	static const char *const args[] = {"--packages", "2", "--load", "load", NULL};
	double from, to, board = 0, cpu = 0, memory = 0;
	PWR_SYS_PowerInfo info;

	start(*state, "0 0.45\n", args);
	sleep_s(6);
	from = now_s() - 1;
	for (int i = 0; i < LOOKS; i++) {
		assert_int_equal(PWR_SYS_GetRtPowerInfo(&info), PWR_SUCCESS);
		board += (double)info.sysPower / LOOKS;
		cpu += (double)info.cpuPower / LOOKS;
		memory += (double)info.memPower / LOOKS;
		sleep_s(1);
	}
	to = now_s() - 1;
	check_usage();
	machine_stop(*state);
	check_watts("the board", board, truth_mean("board_w", from, to));
	check_watts("processors", cpu,
		    truth_mean("cpu0_w", from, to) + truth_mean("cpu1_w", from, to));
	check_watts("memory", memory,
		    truth_mean("memory0_w", from, to) + truth_mean("memory1_w", from, to));
}

/* ---- energy ---- */

static double total_energy(void)
{
	PWR_SYS_StatisticPowerInfo info;

	/* Until there are two looks there is no energy. */
	if (PWR_SYS_GetStatisticPowerInfo(&info) != PWR_SUCCESS)
		return 0;
	return info.totalEnergy;
}

/* The total right after the daemon has looked again, and when that was. */
static double next_total(double *ret_clock_s)
{
	double before = total_energy(), now = before;

	for (int ms = 0; now == before; ms += 2) {
		assert_true(ms < 20000);
		usleep(2000);
		now = total_energy();
	}
	*ret_clock_s = now_s();
	return now;
}

/* The board's zone alone, whose counter comes round every five seconds or more: the daemon, which
 * looks once a second and takes ten kilowatts for possible, may be late. */
static void test_energy(void **state)
{
	static const char *const args[] = {"--scale-time",   "30",    "--meters", "none", "--psys",
					   "--energy-range", "18000", "--load",	  "load", NULL};
	double from_s, to_s, from_j, counted, truth;

	start(*state, "0 0.1\n37 1\n71 0.3\n113 repeat\n", args);
	next_total(&from_s);
	from_j = next_total(&from_s);
	sleep_s(28);
	counted = next_total(&to_s) - from_j;
	sleep_s(0.3);
	machine_stop(*state);
	truth = truth_at("board_j", to_s) - truth_at("board_j", from_s);
	print_message("simulated plant: %.0f J counted over %.0f turns, in truth %.0f J: off by "
		      "%.2f %%\n",
		      counted, truth / RANGE_J, truth, 100 * (counted / truth - 1));
	assert_true(truth > 2 * RANGE_J);
	assert_true(fabs(counted / truth - 1) < 0.01);
}

/* ---- the cap ---- */

static void check_cap(const char *what, const char *column, double limit, double from_s,
		      double to_s)
{
	struct settling s = truth_settling(column, limit, from_s, to_s);

	print_message("simulated plant: %s of %.0f W: settles in %.1f s, overshoot %.2f W (%.1f "
		      "%%), steady error %+.2f W (%+.1f %%)\n",
		      what, limit, s.settle_s, s.overshoot_w, 100 * s.overshoot_w / limit,
		      s.error_w, 100 * s.error_w / limit);
	assert_true(s.settle_s <= 4);
	assert_true(s.overshoot_w <= 0.03 * limit);
	assert_true(fabs(s.error_w) <= 0.01 * limit);
}

/* A client sets the cap of the machine under full load, and gives it back. */
static void step_cap(const struct testroot *t, const char *const args[], double share,
		     double *ret_limit, double *ret_from_s)
{
	_cleanup_free_ char *before = NULL;
	PWR_SYS_PowerInfo info;
	double drawn;
	int watts;

	start(t, "0 1\n", args);
	before = machine_settings();
	take_control();
	assert_int_equal(PWR_CPU_SetFreqGovernor("performance"), PWR_SUCCESS);
	sleep_s(5);
	assert_int_equal(PWR_SYS_GetRtPowerInfo(&info), PWR_SUCCESS);
	drawn = info.sysPower > 0 ? info.sysPower : info.cpuPower;
	*ret_limit = round(share * drawn);
	*ret_from_s = now_s();
	assert_int_equal(PWR_SYS_SetCappedPower(*ret_limit), PWR_SUCCESS);
	assert_int_equal(PWR_SYS_GetCappedPower(&watts), PWR_SUCCESS);
	assert_int_equal(watts, *ret_limit);
	sleep_s(12);
	assert_int_equal(PWR_ReleaseControlAuth(), PWR_SUCCESS);
	machine_expect(before);
	machine_stop(t);
}

static void test_board_cap(void **state)
{
	static const char *const args[] = {"--load", "load", NULL};
	double limit, from_s;

	step_cap(*state, args, 0.75, &limit, &from_s);
	check_cap("a cap of the board", "board_w", limit, from_s, from_s + 12);
}

/* Without a meter, the limit of the package. */
static void test_package_cap(void **state)
{
	static const char *const args[] = {"--meters", "none", "--load", "load", NULL};
	double limit, from_s;

	step_cap(*state, args, 0.7, &limit, &from_s);
	check_cap("a limit of the package", "cpu0_w", limit, from_s, from_s + 12);
}

/* ---- faults ---- */

static const char *const faulty[] = {"--faults", "@faults", "--load", "load", NULL};

static void hold(void)
{
	const PWR_CPU_FreqRange range = {.minFreq = 1500, .maxFreq = 2000};

	take_control();
	assert_int_equal(PWR_CPU_SetFreqGovernor("performance"), PWR_SUCCESS);
	assert_int_equal(PWR_CPU_SetFreqRange(&range), PWR_SUCCESS);
	assert_int_equal(PWR_CPU_SetIdleGovernor("ladder"), PWR_SUCCESS);
}

static void check_answer(const char *what, int code)
{
	print_message("simulated plant: %s: %d\n", what, code);
	/* Not that there was no answer, nor an end of the daemon. */
	assert_int_not_equal(code, PWR_ERR_TIMEOUT);
	assert_int_not_equal(code, PWR_ERR_DISCONNECTED);
}

static void check_fails(const char *what, int code)
{
	check_answer(what, code);
	assert_int_not_equal(code, PWR_SUCCESS);
}

static void test_faults(void **state)
{
	_cleanup_free_ char *before = NULL, *held = NULL;
	char governor[PWR_MAX_ELEMENT_NAME_LEN];
	PWR_CPU_FreqRange range;
	int watts;

	start(*state, "0 0.5\n", faulty);
	before = machine_settings();
	hold();
	held = machine_settings();
	assert_string_not_equal(held, before);
	plant_faults(*state, "0-999 ebusy *policy2/scaling_governor");
	check_fails("a busy governor, set", PWR_CPU_SetFreqGovernor("powersave"));
	plant_faults(*state, "0-999 eio *scaling_governor");
	check_fails("a governor that cannot be read",
		    PWR_CPU_GetFreqGovernor(governor, sizeof(governor)));
	plant_faults(*state, "0-999 garbage *cpuinfo_max_freq; 0-999 garbage *scaling_max_freq");
	check_fails("a range of nonsense", PWR_CPU_GetFreqRange(&range));
	plant_faults(*state, "0-999 eio *power1_cap");
	check_fails("a cap that cannot be read", PWR_SYS_GetCappedPower(&watts));
	plant_faults(*state, "0-999 deaf *power1_cap");
	check_fails("a cap that is not taken", PWR_SYS_SetCappedPower(60));
	/* Either it is known to be gone, and the others are set, or that is found out now. */
	plant_faults(*state, "0-999 vanish *policy1");
	check_answer("a policy that is gone, set", PWR_CPU_SetFreqGovernor("powersave"));
	plant_faults(*state, "");
	/* What failed has left what was held before. */
	assert_int_equal(PWR_CPU_SetFreqGovernor("performance"), PWR_SUCCESS);
	machine_expect(held);
	assert_int_equal(PWR_ReleaseControlAuth(), PWR_SUCCESS);
	machine_expect(before);
	machine_stop(*state);
}

/* Files refuse when it is to be put back: it is, when they have come to their senses. */
static void release_under(void **state, const char *spec)
{
	_cleanup_free_ char *before = NULL;
	char governor[PWR_MAX_ELEMENT_NAME_LEN];

	start(*state, "0 0.5\n", faulty);
	before = machine_settings();
	hold();
	plant_faults(*state, spec);
	PWR_ReleaseControlAuth();
	sleep_s(1.5);
	plant_faults(*state, "");
	machine_expect(before);
	assert_int_equal(PWR_CPU_GetFreqGovernor(governor, sizeof(governor)), PWR_SUCCESS);
	machine_stop(*state);
}

static void test_release_busy(void **state)
{
	release_under(state, "0-999 ebusy *scaling_governor; 0-999 ebusy *current_governor");
}

static void test_release_vanished(void **state)
{
	release_under(state, "0-999 vanish *policy3; 0-999 eio *scaling_max_freq");
}

/* The half that talks dies while files refuse. */
static void test_killed_busy(void **state)
{
	_cleanup_free_ char *before = NULL;

	start(*state, "0 0.5\n", faulty);
	before = machine_settings();
	hold();
	plant_faults(*state, "0-999 ebusy *policy0/*; 0-999 slow *policy1/* 100");
	daemon_kill();
	sleep_s(1.5);
	plant_faults(*state, "");
	machine_expect(before);
	machine_stop(*state);
}

/* What is stuck is no error; what is slow is waited for, and no longer than it takes. */
static void test_slow(void **state)
{
	double until, most = 0;
	PWR_SYS_PowerInfo info;
	unsigned count = 0;
	int watts;

	start(*state, "0 0.5\n", faulty);
	sleep_s(3);
	plant_faults(*state, "0-999 slow *power1_average 200; 0-999 stuck *energy_uj");
	for (until = now_s() + 4; now_s() < until; count++) {
		double before = now_s();

		assert_int_equal(PWR_SYS_GetCappedPower(&watts), PWR_SUCCESS);
		most = fmax(most, now_s() - before);
		sleep_s(0.005);
	}
	print_message("simulated plant: beside a meter of 200 ms the longest of %u answers took "
		      "%.0f ms\n",
		      count, most * 1000);
	assert_true(most < 2);
	assert_int_equal(PWR_SYS_GetRtPowerInfo(&info), PWR_SUCCESS);
	assert_true(info.sysPower > 0);
	machine_stop(*state);
}

#define TEST(fn) cmocka_unit_test_teardown(fn, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_readings),	     TEST(test_energy),	     TEST(test_board_cap),
		TEST(test_package_cap),	     TEST(test_faults),	     TEST(test_release_busy),
		TEST(test_release_vanished), TEST(test_killed_busy), TEST(test_slow),
	};

	return cmocka_run_group_tests_name("plant/power", tests, testrun_setup_group,
					   testroot_teardown);
}
