/*
 * What a hostile local user does to leonhard-pwrapis. The first seven are what the published daemon
 * was seen to let happen.
 */
#include <errno.h>
#include <math.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/testrun.h"
#include "pwrapis/testpwrapis.h"

#define GOVERNOR "sys/devices/system/cpu/cpufreq/policy0/scaling_governor"

static void expect_served(void)
{
	struct client c;

	client_open(&c, TEST_OBSERVER);
	assert_int_equal(client_code(&c, WIRE_CPU_GET_GOVERNOR, NULL, 0), PWR_SUCCESS);
	client_close(&c);
}

/* ---- the seven ---- */

/* A set by who has no token is refused by the daemon, whatever their library thinks. */
static void test_set_without_token(void **state)
{
	struct client c;

	writer_start(*state);
	client_open(&c, TEST_OBSERVER);
	assert_int_equal(client_code(&c, WIRE_CPU_SET_GOVERNOR, "powersave", 10),
			 PWR_ERR_CONTROL_AUTH_NO_PERMISSION);
	assert_int_equal(client_code(&c, WIRE_CPU_SET_IDLE_GOVERNOR, "teo", 4),
			 PWR_ERR_CONTROL_AUTH_NO_PERMISSION);
	assert_int_equal(client_code(&c, WIRE_COM_REQUEST_CONTROL, NULL, 0),
			 PWR_ERR_CONTROL_AUTH_NO_PERMISSION);
	client_close(&c);
	client_open(&c, TEST_CONTROLLER);
	assert_int_equal(client_code(&c, WIRE_CPU_SET_GOVERNOR, "powersave", 10),
			 PWR_ERR_NOT_AUTHED);
	client_close(&c);
	assert_string_equal(rig_file(GOVERNOR), "ondemand");
	writer_expect("");
}

static void test_keyword_is_no_command(void **state)
{
	static const char *const keywords[] = {
		"'; touch marker; echo '",
		"$(touch marker)",
		"`touch marker`",
		"| touch marker",
		"%s%n",
		"../../../etc/passwd",
		"x\ntouch marker\n",
	};
	struct client c;

	client_open(&c, TEST_OBSERVER);
	for (size_t i = 0; i < ARRAY_SIZE(keywords); i++)
		assert_int_equal(
			client_code(&c, WIRE_PROC_QUERY, keywords[i], strlen(keywords[i]) + 1),
			PWR_ERR_NO_PROCS_BY_KEYWORD);
	client_close(&c);
	assert_int_equal(access("marker", F_OK), -1);
}

static void test_key_is_no_path(void **state)
{
	static const char *const keys[] = {"../secret",
					   "../../secret",
					   "/etc/passwd",
					   "..",
					   ".",
					   "up_threshold/../../secret",
					   "up_threshold\n"};
	const char secret[] = "sys/devices/system/cpu/cpufreq/secret";
	PWR_CPU_FreqGovAttr attr = {.gov = "ondemand"}, reply;
	struct client c;

	testroot_write(*state, secret, "1234\n");
	writer_start(*state);
	client_open(&c, TEST_CONTROLLER);
	client_code(&c, WIRE_COM_REQUEST_CONTROL, NULL, 0);
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		memset(&attr.attr, 0, sizeof(attr.attr));
		strcpy(attr.attr.key, keys[i]);
		strcpy(attr.attr.value, "1");
		assert_int_equal(client_ask(&c, WIRE_CPU_GET_GOVERNOR_ATTR, &attr, sizeof(attr),
					    &reply, sizeof(reply), NULL),
				 PWR_ERR_ATTR_NOT_EXISTS);
		assert_int_equal(client_code(&c, WIRE_CPU_SET_GOVERNOR_ATTR, &attr, sizeof(attr)),
				 PWR_ERR_ATTR_NOT_EXISTS);
	}
	/* Neither is a governor; and texts without their NUL are cut, not read on. */
	strcpy(attr.gov, "../secret");
	assert_int_equal(client_code(&c, WIRE_CPU_GET_GOVERNOR_ATTR, &attr, sizeof(attr)),
			 PWR_ERR_GOVERNOR_INVALIDE);
	memset(&attr, 'a', sizeof(attr));
	assert_int_equal(client_code(&c, WIRE_CPU_GET_GOVERNOR_ATTR, &attr, sizeof(attr)),
			 PWR_ERR_GOVERNOR_INVALIDE);
	client_close(&c);
	assert_string_equal(rig_file(secret), "1234");
	writer_expect("");
}

/* One byte, and then nothing: it costs its sender their connection, and nobody else anything. */
static void test_one_byte(void **state)
{
	const struct testroot *t = *state;
	struct client slow, c;

	rig_config(t, "[server]\nmessage_timeout = 2s\n");
	rig_start(t);
	client_open(&slow, TEST_OBSERVER);
	client_open(&c, TEST_OBSERVER);
	client_send(&slow, "\1", 1);
	for (int i = 0; i < 1000; i++)
		assert_int_equal(client_code(&c, WIRE_CPU_GET_FREQ_RANGE, NULL, 0), PWR_SUCCESS);
	/* All that time it was not over: it is the deadline that ends it. */
	client_expect_end(&slow);
	client_close(&slow);
	client_close(&c);
}

/* Who a client is, is said by the kernel for this connection, with the size asked for each time. */
static void test_credentials(void **state)
{
	struct client many[32];

	for (size_t i = 0; i < ARRAY_SIZE(many); i++)
		client_open(&many[i], i % 2 ? TEST_CONTROLLER : TEST_OBSERVER);
	for (size_t i = 0; i < ARRAY_SIZE(many); i++) {
		int code = client_code(&many[i], WIRE_COM_REQUEST_CONTROL, NULL, 0);

		if (i % 2)
			assert_true(code ==
				    (i == 1 ? PWR_SUCCESS : PWR_ERR_CONTROL_AUTH_REQUESTED));
		else
			assert_int_equal(code, PWR_ERR_CONTROL_AUTH_NO_PERMISSION);
	}
	for (size_t i = 0; i < ARRAY_SIZE(many); i++)
		client_close(&many[i]);
}

static void test_no_false_success(void **state)
{
	const PWR_COM_BasicDcTaskInfo perf = {PWR_COM_DATATYPE_CPU_PERF, 1000};
	struct client c;

	client_open(&c, 0);
	assert_int_equal(client_code(&c, WIRE_SYS_GET_POWER, NULL, 0), PWR_ERR_NOT_SUPPORTED);
	assert_int_equal(client_code(&c, WIRE_CPU_GET_PERF, NULL, 0), PWR_ERR_NOT_SUPPORTED);
	assert_int_equal(client_code(&c, WIRE_COM_CREATE_TASK, &perf, sizeof(perf)),
			 PWR_ERR_NOT_SUPPORTED);
	/* A file that does not hold a number, or is gone, is no 0 either. */
	testroot_write(*state, "sys/devices/system/cpu/cpufreq/policy0/scaling_min_freq", "nan\n");
	assert_int_not_equal(client_code(&c, WIRE_CPU_GET_FREQ_RANGE, NULL, 0), PWR_SUCCESS);
	unlink("sys/devices/system/cpu/cpufreq/policy0/scaling_cur_freq");
	assert_int_not_equal(client_code(&c, WIRE_CPU_GET_FREQ, NULL, 0), PWR_SUCCESS);
	client_close(&c);
}

/* Who asks for usage waits for nobody, and nobody waits for them: 64 at once are answered in less
 * than the half second that one took. */
static void test_no_pause(void **state)
{
	struct client many[60];
	uint64_t begin_ms;

	rig_processors(*state, 50, 250);
	for (size_t i = 0; i < ARRAY_SIZE(many); i++)
		client_open(&many[i], TEST_OBSERVER);
	begin_ms = rig_now_ms();
	for (size_t i = 0; i < ARRAY_SIZE(many); i++)
		client_request(&many[i], WIRE_CPU_GET_USAGE, NULL, 0);
	for (size_t i = 0; i < ARRAY_SIZE(many); i++) {
		char reply[1024];
		struct wire_head head = client_read(&many[i], reply, sizeof(reply));

		assert_int_equal(head.result, PWR_SUCCESS);
		client_close(&many[i]);
	}
	/* As many pauses of half a second would be half a minute. */
	assert_true(rig_now_ms() - begin_ms < 10000);
}

/* ---- what else there is ---- */

static struct wire_head request_head(const struct client *c, uint16_t operation)
{
	return (struct wire_head){
		.major = WIRE_MAJOR,
		.minor = WIRE_MINOR,
		.operation = operation,
		.type = WIRE_REQUEST,
		.sequence = 7,
		.system = c->pid,
	};
}

static void test_lengths(void **state)
{
	static const uint32_t lengths[] = {UINT32_MAX, INT32_MAX, WIRE_REQUEST_MAX + 1};

	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		struct wire_head head;
		struct client c;

		client_open(&c, TEST_OBSERVER);
		head = request_head(&c, WIRE_PROC_QUERY);
		head.data_bytes = lengths[i];
		client_send(&c, &head, sizeof(head));
		client_expect_end(&c);
		client_close(&c);
	}
	expect_served();
}

static void test_no_requests(void **state)
{
	for (int i = 0; i < 4; i++) {
		struct wire_head head;
		struct client c;

		client_open(&c, TEST_OBSERVER);
		head = request_head(&c, WIRE_CPU_GET_USAGE);
		head.major += i == 0;
		head.minor += i == 1;
		head.format += i == 2;
		head.type += i == 3;
		client_send(&c, &head, sizeof(head));
		client_expect_end(&c);
		client_close(&c);
	}
	expect_served();
}

static void test_unknown_and_wrong_sizes(void **state)
{
	static char data[WIRE_REQUEST_MAX];
	struct client c;

	client_open(&c, TEST_OBSERVER);
	assert_int_equal(client_code(&c, 0, NULL, 0), PWR_ERR_NOT_SUPPORTED);
	assert_int_equal(client_code(&c, UINT16_MAX, data, sizeof(data)), PWR_ERR_NOT_SUPPORTED);
	assert_int_equal(client_code(&c, WIRE_COM_EVENT, NULL, 0), PWR_ERR_NOT_SUPPORTED);
	assert_int_equal(client_code(&c, WIRE_CPU_GET_USAGE, "x", 1), PWR_ERR_INVALIDE_PARAM);
	assert_int_equal(client_code(&c, WIRE_CPU_SET_FREQ_RANGE, data, 7), PWR_ERR_INVALIDE_PARAM);
	assert_int_equal(client_code(&c, WIRE_CPU_GET_FREQ, data, 17), PWR_ERR_INVALIDE_PARAM);
	assert_int_equal(client_code(&c, WIRE_CPU_GET_GOVERNOR, NULL, 0), PWR_SUCCESS);
	client_close(&c);
}

/* Another's process id, and nobody's. */
static void test_other_ids(void **state)
{
	struct client c;

	client_open(&c, TEST_CONTROLLER);
	c.pid = getppid();
	assert_int_equal(client_code(&c, WIRE_COM_REQUEST_CONTROL, NULL, 0), PWR_ERR_NOT_AUTHED);
	c.pid = 0;
	assert_int_equal(client_code(&c, WIRE_CPU_GET_GOVERNOR, NULL, 0), PWR_ERR_NOT_AUTHED);
	c.pid = getpid();
	assert_int_equal(client_code(&c, WIRE_COM_REQUEST_CONTROL, NULL, 0), PWR_SUCCESS);
	client_close(&c);
}

/* What the folder says that this process is, in a namespace of its own. */
static void write_status(const struct testroot *t, const char *pids)
{
	char path[64], text[128];

	snprintf(path, sizeof(path), "proc/%d/status", (int)getpid());
	snprintf(text, sizeof(text), "Name:\ttest\nNSpid:\t%s\n", pids);
	testroot_write(t, path, text);
}

/* A client in a container calls itself by the number that it has there. */
static void test_own_id(void **state)
{
	PWR_COM_BasicDcTaskInfo task = {PWR_COM_DATATYPE_CPU_USAGE, PWR_MIN_DC_INTERVAL};
	char data[4096];
	struct client c;
	struct wire_head head;

	write_status(*state, "4711\t7");
	client_open(&c, TEST_CONTROLLER);
	c.pid = 8;
	assert_int_equal(client_code(&c, WIRE_COM_REQUEST_CONTROL, NULL, 0), PWR_ERR_NOT_AUTHED);
	c.pid = 7;
	assert_int_equal(client_code(&c, WIRE_COM_REQUEST_CONTROL, NULL, 0), PWR_SUCCESS);
	assert_int_equal(client_code(&c, WIRE_COM_CREATE_TASK, &task, sizeof(task)), PWR_SUCCESS);
	rig_processors(*state, 50, 250);
	head = client_read(&c, data, sizeof(data));
	assert_int_equal(head.type, WIRE_DATA);
	assert_int_equal(head.system, 7);
	client_close(&c);
}

/* It keeps the number that it has begun with, and gets none of a namespace that is not told. */
static void test_own_id_kept(void **state)
{
	struct client c, other;

	write_status(*state, "4711\t7");
	client_open(&c, TEST_CONTROLLER);
	assert_int_equal(client_code(&c, WIRE_COM_REQUEST_CONTROL, NULL, 0), PWR_SUCCESS);
	c.pid = 7;
	assert_int_equal(client_code(&c, WIRE_COM_RELEASE_CONTROL, NULL, 0), PWR_ERR_NOT_AUTHED);
	c.pid = getpid() | 1U << 31;
	assert_int_equal(client_code(&c, WIRE_COM_RELEASE_CONTROL, NULL, 0), PWR_ERR_NOT_AUTHED);
	client_close(&c);
	write_status(*state, "x");
	client_open(&other, TEST_CONTROLLER);
	other.pid = 7;
	assert_int_equal(client_code(&other, WIRE_CPU_GET_GOVERNOR, NULL, 0), PWR_ERR_NOT_AUTHED);
	client_close(&other);
}

/* A request that comes byte by byte, and many that come in one piece. */
static void test_pieces(void **state)
{
	enum { COUNT = 100 };
	struct wire_head heads[COUNT];
	char reply[1024];
	struct client c;

	client_open(&c, TEST_OBSERVER);
	heads[0] = request_head(&c, WIRE_CPU_GET_FREQ_RANGE);
	for (size_t i = 0; i < sizeof(heads[0]); i++)
		client_send(&c, (const char *)heads + i, 1);
	assert_int_equal(client_read(&c, reply, sizeof(reply)).sequence, 7);
	for (int i = 0; i < COUNT; i++) {
		heads[i] = request_head(&c, WIRE_CPU_GET_FREQ_RANGE);
		heads[i].sequence = i;
	}
	client_send(&c, heads, sizeof(heads));
	shutdown(c.fd, SHUT_WR);
	for (int i = 0; i < COUNT; i++)
		assert_int_equal(client_read(&c, reply, sizeof(reply)).sequence, i);
	client_expect_end(&c);
	client_close(&c);
}

/* Who asks without end takes no turns from others; of their own sessions they have 64. */
static void test_turns(void **state)
{
	enum { FLOOD = 64 };
	struct client flood[FLOOD], one_more, c;

	for (int i = 0; i < FLOOD; i++) {
		client_open(&flood[i], TEST_OBSERVER);
		for (int j = 0; j < 50; j++)
			client_request(&flood[i], WIRE_CPU_GET_FREQ_ABILITY, NULL, 0);
	}
	client_open(&one_more, TEST_OBSERVER);
	client_expect_event(&one_more, PWR_COM_EVTTYPE_CRED_FAILED);
	client_expect_end(&one_more);
	client_close(&one_more);
	client_open(&c, TEST_CONTROLLER);
	for (int i = 0; i < 10; i++)
		assert_int_equal(client_code(&c, WIRE_CPU_GET_GOVERNOR, NULL, 0), PWR_SUCCESS);
	client_close(&c);
	for (int i = 0; i < FLOOD; i++)
		client_close(&flood[i]);
}

/* A client that asks and never reads: what it asks waits, and in the end it goes. */
static void test_never_reads(void **state)
{
	const struct testroot *t = *state;
	struct wire_head head;
	struct client c;
	ssize_t n = 1;

	rig_config(t, "[server]\nstall_timeout = 1s\n");
	rig_start(t);
	client_open(&c, TEST_OBSERVER);
	head = request_head(&c, WIRE_CPU_GET_FREQ_ABILITY);
	for (int i = 0; n > 0 && i < 1000000; i++) {
		n = send(c.fd, &head, sizeof(head), MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && errno == EAGAIN) {
			expect_served();
			n = 1;
		}
	}
	assert_true(n < 0);
	client_close(&c);
	expect_served();
}

static void test_thousand(void **state)
{
	enum { COUNT = 1000, EACH = 50 };
	static struct client all[COUNT];
	const struct rlimit files = {4096, 4096};
	struct client root;

	setrlimit(RLIMIT_NOFILE, &files);
	testroot_write(*state, "etc/leonhard/access.conf", "[observe]\nusers = *\n");
	rig_config(*state, "");
	rig_start(*state);
	for (int i = 0; i < COUNT; i++)
		client_open(&all[i], 20000 + i / EACH);
	/* The last sixteenth is for administrators. */
	for (int i = 0; i < COUNT - COUNT / 16; i++)
		assert_int_equal(client_code(&all[i], WIRE_CPU_GET_GOVERNOR, NULL, 0), PWR_SUCCESS);
	client_expect_event(&all[COUNT - 1], PWR_COM_EVTTYPE_CRED_FAILED);
	client_open(&root, 0);
	assert_int_equal(client_code(&root, WIRE_CPU_GET_GOVERNOR, NULL, 0), PWR_SUCCESS);
	client_close(&root);
	for (int i = 0; i < COUNT; i++)
		client_close(&all[i]);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, rig_setup, rig_teardown)
#define STOPPED(fn) cmocka_unit_test_setup_teardown(fn, rig_setup_stopped, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_set_without_token),
		TEST(test_keyword_is_no_command),
		TEST(test_key_is_no_path),
		STOPPED(test_one_byte),
		TEST(test_credentials),
		TEST(test_no_false_success),
		TEST(test_no_pause),
		TEST(test_lengths),
		TEST(test_no_requests),
		TEST(test_unknown_and_wrong_sizes),
		TEST(test_other_ids),
		TEST(test_own_id),
		TEST(test_own_id_kept),
		TEST(test_pieces),
		TEST(test_turns),
		STOPPED(test_never_reads),
		STOPPED(test_thousand),
	};

	return cmocka_run_group_tests_name("pwrapis/hostile", tests, testrun_setup_group,
					   testroot_teardown);
}
