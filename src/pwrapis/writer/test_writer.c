/*
 * Tests of the privileged half itself, in a folder that plays a machine with one policy of cpufreq.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/fs.h"
#include "base/str.h"
#include "base/testrun.h"
#include "base/time.h"
#include "pwrapis/writerproto.h"

#define POLICY "sys/devices/system/cpu/cpufreq/policy0/"
#define ZONE "sys/class/powercap/intel-rapl:0/"
#define JOURNAL "var/lib/leonhard/pwrapis-writer/journal"
#define BOOT_ID "proc/sys/kernel/random/boot_id"
#define BOOT "11111111-2222-3333-4444-555555555555\n"

enum { PATIENCE_S = 20, KILLS = 12 };

static const struct testroot *root;

static const struct {
	const char *path, *text;
} files[] = {
	{BOOT_ID, BOOT},
	{"sys/devices/system/cpu/online", "0\n"},
	{"sys/devices/system/cpu/possible", "0\n"},
	{"sys/devices/system/cpu/present", "0\n"},
	{POLICY "affected_cpus", "0\n"},
	{POLICY "cpuinfo_min_freq", "1000000\n"},
	{POLICY "cpuinfo_max_freq", "3000000\n"},
	{POLICY "scaling_min_freq", "1000000\n"},
	{POLICY "scaling_max_freq", "3000000\n"},
	{POLICY "scaling_governor", "powersave\n"},
	{POLICY "scaling_available_governors", "performance powersave\n"},
	{ZONE "name", "package-0\n"},
	{ZONE "energy_uj", "7000000\n"},
	{"etc/leonhard/pwrapis-writer.conf", "[restore]\nretry = 50ms\nlongest_retry = 100ms\n"},
};

static int setup(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		testroot_write(root, files[i].path, files[i].text);
	return 0;
}

static void is(const char *file, const char *expected)
{
	_cleanup_free_ char *line = NULL, *path = NULL;

	assert_true(asprintf(&path, "/" POLICY "%s", file) > 0);
	assert_int_equal(fs_read_line(root->fd, path, &line), 0);
	assert_string_equal(line, expected);
}

static bool soon(const char *file, const char *expected)
{
	_cleanup_free_ char *path = NULL;

	assert_true(asprintf(&path, "/" POLICY "%s", file) > 0);
	for (unsigned i = 0; i < PATIENCE_S * 100; i++) {
		_cleanup_free_ char *line = NULL;

		if (fs_read_line(root->fd, path, &line) == 0 && str_equal(line, expected))
			return true;
		usleep(10000);
	}
	return false;
}

static int dial(void)
{
	const struct timeval patience = {.tv_sec = PATIENCE_S};
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	snprintf(sa.sun_path, sizeof(sa.sun_path), "%s" WRITER_SOCKET_PATH, root->path);
	assert_int_equal(connect(fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	return fd;
}

static struct writer_request request_of(unsigned verb, const char *item)
{
	static uint64_t sequence;
	struct writer_request q = {.magic = WRITER_MAGIC,
				   .verb = verb,
				   .sequence = ++sequence,
				   .lease = 7,
				   .name = "policy0"};

	/* The numbers of the program under test are those of the table in its own order. */
	assert_int_equal(power_item_find(item, &q.item), 0);
	return q;
}

static struct writer_reply ask(int fd, const struct writer_request *q)
{
	struct writer_reply reply = {};

	assert_int_equal(send(fd, q, sizeof(*q), MSG_NOSIGNAL), sizeof(*q));
	assert_int_equal(recv(fd, &reply, sizeof(reply), 0), sizeof(reply));
	assert_int_equal(reply.magic, WRITER_MAGIC);
	assert_int_equal(reply.sequence, q->sequence);
	return reply;
}

static int set_khz(int fd, const char *item, double khz)
{
	struct writer_request q = request_of(WRITER_SET, item);

	q.value.number = khz * 1000;
	return ask(fd, &q).error;
}

static int set_governor(int fd, const char *governor)
{
	struct writer_request q = request_of(WRITER_SET, "cpufreq.governor");

	snprintf(q.value.text, sizeof(q.value.text), "%s", governor);
	return ask(fd, &q).error;
}

static bool ended(int fd)
{
	char c;

	return recv(fd, &c, 1, 0) == 0;
}

static void test_set_and_end(void **state)
{
	_cleanup_close_ int fd = -1;
	struct writer_request end = request_of(WRITER_END, "cpufreq.max");

	testrun_launch_ready(root);
	fd = dial();
	assert_int_equal(set_khz(fd, "cpufreq.max", 2000000), 0);
	assert_int_equal(set_khz(fd, "cpufreq.min", 1500000), 0);
	assert_int_equal(set_governor(fd, "performance"), 0);
	assert_int_equal(set_governor(fd, "../../etc"), -EINVAL);
	assert_int_equal(set_khz(fd, "cpufreq.max", 9000000), -ERANGE);
	is("scaling_max_freq", "2000000");
	is("scaling_governor", "performance");
	assert_int_equal(ask(fd, &end).restored, 3);
	is("scaling_min_freq", "1000000");
	is("scaling_max_freq", "3000000");
	is("scaling_governor", "powersave");
	testrun_stop(SIGTERM);
}

static void test_client_goes(void **state)
{
	int fd;

	testrun_launch_ready(root);
	fd = dial();
	assert_int_equal(set_khz(fd, "cpufreq.max", 2000000), 0);
	close(fd);
	assert_true(soon("scaling_max_freq", "3000000"));
	testrun_stop(SIGTERM);
}

static void test_stop(void **state)
{
	_cleanup_close_ int fd = -1;

	testrun_launch_ready(root);
	fd = dial();
	assert_int_equal(set_khz(fd, "cpufreq.max", 2000000), 0);
	testrun_stop(SIGTERM);
	is("scaling_max_freq", "3000000");
	assert_true(ended(fd));
}

static void kill_it(void)
{
	testrun_signal(SIGKILL);
	assert_int_equal(testrun_finish(), 128 + SIGKILL);
	testrun_drain();
}

static void test_killed(void **state)
{
	_cleanup_close_ int fd = -1;

	testrun_launch_ready(root);
	fd = dial();
	assert_int_equal(set_khz(fd, "cpufreq.max", 2000000), 0);
	assert_int_equal(set_governor(fd, "performance"), 0);
	kill_it();
	is("scaling_max_freq", "2000000");
	testrun_launch_ready(root);
	is("scaling_max_freq", "3000000");
	is("scaling_governor", "powersave");
	testrun_says("2 put back");
	testrun_stop(SIGTERM);
	testrun_drain();
	testrun_launch_ready(root);
	testrun_said("");
	testrun_stop(SIGTERM);
}

/* What was answered last, of the child that asks. */
static unsigned *set_khz_last;

/* Sets without end until the daemon is killed. */
_Noreturn static void set_without_end(int fd)
{
	struct writer_request q = request_of(WRITER_SET, "cpufreq.max");
	struct writer_reply reply;

	for (unsigned i = 0;; i++) {
		q.value.number = 2e9 + (i % 900) * 1e6;
		if (send(fd, &q, sizeof(q), MSG_NOSIGNAL) < 0 ||
		    recv(fd, &reply, sizeof(reply), 0) <= 0)
			_exit(0);
		*set_khz_last = q.value.number / 1000;
	}
}

static pid_t start_setting(void)
{
	_cleanup_close_ int fd = dial();
	pid_t pid = fork();

	if (pid == 0)
		set_without_end(fd);
	assert_true(pid > 0);
	return pid;
}

/* A plain file can be cut off and not written yet; one of the kernel's holds what it held then. */
static void be_the_kernel(void)
{
	struct stat st;
	char text[32];

	assert_int_equal(stat(POLICY "scaling_max_freq", &st), 0);
	if (st.st_size)
		return;
	snprintf(text, sizeof(text), "%u\n", *set_khz_last);
	testroot_write(root, POLICY "scaling_max_freq", text);
}

static void test_killed_at_work(void **state)
{
	set_khz_last = mmap(NULL, sizeof(*set_khz_last), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(set_khz_last, MAP_FAILED);
	for (unsigned i = 0; i < KILLS; i++) {
		pid_t pid;

		testrun_launch_ready(root);
		is("scaling_max_freq", "3000000");
		*set_khz_last = 3000000;
		pid = start_setting();
		usleep(20000 + 7001 * i);
		kill_it();
		assert_int_equal(waitpid(pid, NULL, 0), pid);
		be_the_kernel();
	}
	testrun_launch_ready(root);
	is("scaling_max_freq", "3000000");
	testrun_stop(SIGTERM);
}

/* What somebody else has set while nobody was there stays. */
static void test_conflict(void **state)
{
	_cleanup_close_ int fd = -1;

	testrun_launch_ready(root);
	fd = dial();
	assert_int_equal(set_khz(fd, "cpufreq.max", 2000000), 0);
	kill_it();
	testroot_write(root, POLICY "scaling_max_freq", "2500000\n");
	testrun_launch_ready(root);
	is("scaling_max_freq", "2500000");
	testrun_says("cpufreq.max of policy0 was set to 2.5e+09 by somebody else, after we had set "
		     "2e+09; it stays");
	testrun_stop(SIGTERM);
}

static void test_other_boot(void **state)
{
	_cleanup_close_ int fd = -1;

	testrun_launch_ready(root);
	fd = dial();
	assert_int_equal(set_khz(fd, "cpufreq.max", 2000000), 0);
	kill_it();
	testroot_write(root, BOOT_ID, "99999999-2222-3333-4444-555555555555\n");
	testrun_launch_ready(root);
	is("scaling_max_freq", "2000000");
	testrun_said("");
	testrun_stop(SIGTERM);
}

static void test_damaged_journal(void **state)
{
	testroot_write(root, JOURNAL, "this is no journal");
	assert_int_equal(chmod("var/lib/leonhard/pwrapis-writer", 0700), 0);
	assert_int_equal(chmod(JOURNAL, 0600), 0);
	testrun_launch_ready(root);
	testrun_says("damaged");
	testrun_stop(SIGTERM);
	assert_int_equal(access("var/lib/leonhard/pwrapis-writer/damaged-journal", F_OK), 0);
}

/* Somebody else could write the journal: it is not believed. */
static void test_foreign_journal(void **state)
{
	testroot_write(root, JOURNAL, "");
	assert_int_equal(chmod("var/lib/leonhard/pwrapis-writer", 0700), 0);
	assert_int_equal(chmod(JOURNAL, 0666), 0);
	testrun_launch(root, NULL);
	assert_string_equal(testrun_told(), "STOPPING=1");
	assert_int_equal(testrun_finish(), 1);
	testrun_says("cannot use the journal");
}

static void refused(int fd, const void *bytes, size_t len)
{
	assert_int_equal(send(fd, bytes, len, MSG_NOSIGNAL), len);
	assert_true(ended(fd));
	assert_true(soon("scaling_max_freq", "3000000"));
}

/* What is no record ends the connection, and all that it has set with it. */
static void test_wrong_records(void **state)
{
	struct writer_request q = request_of(WRITER_SET, "cpufreq.max");
	char longer[sizeof(q) + 1] = {};

	testrun_launch_ready(root);
	for (unsigned i = 0; i < 4; i++) {
		_cleanup_close_ int fd = dial();

		assert_int_equal(set_khz(fd, "cpufreq.max", 2000000), 0);
		memcpy(longer, &q, sizeof(q));
		q.magic = i == 3 ? 0 : WRITER_MAGIC;
		if (i == 0)
			refused(fd, &q, sizeof(q) - 1);
		else if (i == 1)
			refused(fd, longer, sizeof(longer));
		else if (i == 2)
			refused(fd, "x", 1);
		else
			refused(fd, &q, sizeof(q));
	}
	testrun_stop(SIGTERM);
}

/* One at a time: the next one is served when the first has gone. */
static void test_one_client(void **state)
{
	struct writer_request q = request_of(WRITER_SET, "cpufreq.max");
	_cleanup_close_ int second = -1;
	struct writer_reply reply;
	int first;

	q.value.number = 2.2e9;
	testrun_launch_ready(root);
	first = dial();
	assert_int_equal(set_khz(first, "cpufreq.max", 2000000), 0);
	second = dial();
	assert_int_equal(send(second, &q, sizeof(q), 0), sizeof(q));
	assert_int_equal(poll(&(struct pollfd){.fd = second, .events = POLLIN}, 1, 200), 0);
	is("scaling_max_freq", "2000000");
	close(first);
	assert_int_equal(recv(second, &reply, sizeof(reply), 0), sizeof(reply));
	assert_int_equal(reply.error, 0);
	is("scaling_max_freq", "2200000");
	testrun_stop(SIGTERM);
	is("scaling_max_freq", "3000000");
}

/* A second one would put back what the first has set. */
static void test_one_program(void **state)
{
	_cleanup_close_ int fd = -1;
	_cleanup_free_ char *command = NULL;

	testrun_launch_ready(root);
	fd = dial();
	assert_int_equal(set_khz(fd, "cpufreq.max", 2000000), 0);
	assert_true(asprintf(&command, "env -u NOTIFY_SOCKET %s --root=%s 2>second",
			     getenv("TEST_DAEMON"), root->path) > 0);
	assert_int_equal(WEXITSTATUS(system(command)), 1);
	is("scaling_max_freq", "2000000");
	assert_int_equal(set_khz(fd, "cpufreq.max", 2100000), 0);
	testrun_stop(SIGTERM);
	is("scaling_max_freq", "3000000");
}

/* A policy that is gone when its lease ends is put back when it is there again. */
static void test_gone(void **state)
{
	struct writer_request end = request_of(WRITER_END, "cpufreq.max");
	_cleanup_close_ int fd = -1;

	testrun_launch_ready(root);
	fd = dial();
	assert_int_equal(set_khz(fd, "cpufreq.max", 2000000), 0);
	assert_int_equal(rename("sys/devices/system/cpu/cpufreq/policy0", "sys/away"), 0);
	assert_true(ask(fd, &end).error < 0);
	assert_int_equal(rename("sys/away", "sys/devices/system/cpu/cpufreq/policy0"), 0);
	assert_true(soon("scaling_max_freq", "3000000"));
	testrun_stop(SIGTERM);
}

/* ---- descriptors ---- */

/* The reply, and what came with it; -1: nothing. */
static int ask_open(int fd, const struct writer_request *q, int *ret_passed)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(4 * sizeof(int))];
	} control = {};
	struct writer_reply reply = {};
	struct iovec iov = {.iov_base = &reply, .iov_len = sizeof(reply)};
	struct msghdr m = {.msg_iov = &iov,
			   .msg_iovlen = 1,
			   .msg_control = &control,
			   .msg_controllen = sizeof(control)};
	struct cmsghdr *c;

	*ret_passed = -1;
	assert_int_equal(send(fd, q, sizeof(*q), MSG_NOSIGNAL), sizeof(*q));
	assert_int_equal(recvmsg(fd, &m, MSG_CMSG_CLOEXEC), sizeof(reply));
	assert_int_equal(reply.sequence, q->sequence);
	c = CMSG_FIRSTHDR(&m);
	if (c) {
		assert_int_equal(c->cmsg_len, CMSG_LEN(sizeof(int)));
		memcpy(ret_passed, CMSG_DATA(c), sizeof(int));
	}
	return reply.error;
}

static struct writer_request request_for(unsigned verb, const char *item, const char *name)
{
	struct writer_request q = request_of(verb, item);

	q.lease = 0;
	memset(q.name, 0, sizeof(q.name));
	snprintf(q.name, sizeof(q.name), "%s", name);
	return q;
}

static void expect_none(int fd, unsigned verb, const char *item, const char *name, int error)
{
	struct writer_request q = request_for(verb, item, name);
	int passed;

	assert_int_equal(ask_open(fd, &q, &passed), error);
	assert_int_equal(passed, -1);
}

/* A guarded file is opened to be read, and nothing else is. */
static void test_opens(void **state)
{
	const struct writer_request q = request_for(WRITER_OPEN, "powercap.energy", "package-0");
	_cleanup_close_ int fd = -1, passed = -1;
	char text[32] = "";

	testrun_launch_ready(root);
	fd = dial();
	assert_int_equal(ask_open(fd, &q, &passed), 0);
	assert_int_equal(fcntl(passed, F_GETFL) & O_ACCMODE, O_RDONLY);
	assert_int_equal(pread(passed, text, sizeof(text) - 1, 0), 8);
	assert_string_equal(text, "7000000\n");
	expect_none(fd, WRITER_READ, "powercap.energy", "package-0", 0);
	expect_none(fd, WRITER_OPEN, "powercap.energy", "package-1", -ESTALE);
	expect_none(fd, WRITER_OPEN, "powercap.energy-range", "package-0", -EINVAL);
	expect_none(fd, WRITER_OPEN, "cpufreq.governor", "policy0", -EINVAL);
	expect_none(fd, WRITER_OPEN, "idle.latency-limit", "board", -EOPNOTSUPP);
	expect_none(fd, WRITER_OPEN, "ipmi.power", "board", -EOPNOTSUPP);
	/* What is in its place makes nobody wait. */
	assert_int_equal(unlink(ZONE "energy_uj"), 0);
	expect_none(fd, WRITER_OPEN, "powercap.energy", "package-0", -EOPNOTSUPP);
	assert_int_equal(mkfifo(ZONE "energy_uj", 0600), 0);
	expect_none(fd, WRITER_OPEN, "powercap.energy", "package-0", -EOPNOTSUPP);
	assert_int_equal(unlink(ZONE "energy_uj"), 0);
	testrun_stop(SIGTERM);
}

static int setup_group(void **state)
{
	if (testrun_setup_group(state) < 0)
		return -1;
	root = *state;
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_set_and_end, setup, testrun_teardown),
		cmocka_unit_test_setup_teardown(test_client_goes, setup, testrun_teardown),
		cmocka_unit_test_setup_teardown(test_stop, setup, testrun_teardown),
		cmocka_unit_test_setup_teardown(test_killed, setup, testrun_teardown),
		cmocka_unit_test_setup_teardown(test_killed_at_work, setup, testrun_teardown),
		cmocka_unit_test_setup_teardown(test_conflict, setup, testrun_teardown),
		cmocka_unit_test_setup_teardown(test_other_boot, setup, testrun_teardown),
		cmocka_unit_test_setup_teardown(test_damaged_journal, setup, testrun_teardown),
		cmocka_unit_test_setup_teardown(test_foreign_journal, setup, testrun_teardown),
		cmocka_unit_test_setup_teardown(test_wrong_records, setup, testrun_teardown),
		cmocka_unit_test_setup_teardown(test_one_client, setup, testrun_teardown),
		cmocka_unit_test_setup_teardown(test_one_program, setup, testrun_teardown),
		cmocka_unit_test_setup_teardown(test_gone, setup, testrun_teardown),
		cmocka_unit_test_setup_teardown(test_opens, setup, testrun_teardown),
	};

	return cmocka_run_group_tests(tests, setup_group, testroot_teardown);
}
