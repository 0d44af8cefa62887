/*
 * Tests of both halves together, without a guest: the real agent is a child on a socket pair.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/io.h"
#include "lab/copy.h"
#include "lab/loop.h"
#include "lab/pump.h"
#include "lab/relay.h"
#include "lab/spawn.h"

enum { TIMEOUT_MS = 60000, BIG_BYTES = 10 << 20 };

struct fixture {
	pid_t agent;
	struct session session;
	struct loop loop;
	char directory[32];
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	char number[16];
	int fds[2];

	assert_int_equal(loop_init(&f->loop), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	snprintf(number, sizeof(number), "%d", fds[1]);
	assert_int_equal(
		spawn_helper(
			&(struct spawn_helper){.argv = (const char *const[]){getenv("LAB_AGENT"),
									     "--fd", number, NULL},
					       .stdio = {-1, -1, -1},
					       .keep = {fds[1], -1, -1, -1}},
			&f->agent),
		0);
	close(fds[1]);
	assert_int_equal(session_init(&f->session, fds[0]), 0);
	f->loop.session = &f->session;
	loop_set_timeout(&f->loop, TIMEOUT_MS);
	assert_int_equal(loop_wait_ready(&f->loop), 0);
	strcpy(f->directory, "/tmp/lab-test-XXXXXX");
	assert_non_null(mkdtemp(f->directory));
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	const char *const argv[] = {"rm", "-rf", f->directory, NULL};
	pid_t pid;

	session_deinit(&f->session);
	loop_deinit(&f->loop);
	/* The host hung up: the agent ends by itself. */
	if (f->agent)
		assert_int_equal(spawn_wait(f->agent), 0);
	assert_int_equal(spawn_helper(&(struct spawn_helper){.argv = argv,
							     .stdio = {-1, -1, -1},
							     .keep = {-1, -1, -1, -1}},
				      &pid),
			 0);
	spawn_wait(pid);
	free(f);
	return 0;
}

/* A file without a name, to collect output. */
static int scratch(void)
{
	int fd = open("/tmp", O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	return fd;
}

static void assert_holds(int fd, const char *text)
{
	char bytes[4096];
	ssize_t n = pread(fd, bytes, sizeof(bytes) - 1, 0);

	assert_true(n >= 0);
	bytes[n] = '\0';
	assert_string_equal(bytes, text);
	close(fd);
}

static int shell(struct fixture *f, const char *script, int in, int out, int err, int *ret_status)
{
	struct lab_exec e = {.argv = (char *[]){(char *)"sh", (char *)"-c", (char *)script, NULL}};
	const int fds[] = {in, out < 0 ? -1 : fcntl(out, F_DUPFD_CLOEXEC, 3),
			   err < 0 ? -1 : fcntl(err, F_DUPFD_CLOEXEC, 3)};

	return loop_run(&f->loop, &e, fds, ret_status);
}

static void test_apart(void **state)
{
	int out = scratch(), err = scratch(), status;

	assert_int_equal(shell(*state, "echo out; echo err >&2; exit 7", -1, out, err, &status), 0);
	assert_int_equal(status, 7);
	assert_holds(out, "out\n");
	assert_holds(err, "err\n");
}

static void test_statuses(void **state)
{
	static const struct {
		const char *script;
		int status;
	} cases[] = {
		{"exit 0", 0},
		{"exit 125", 125},
		{"exit 255", 255},
		{"kill -9 $$", 137},
		{"kill -TERM $$", 143},
		{"exec /does/not/exist", 127},
		{"sleep 100 & exit 3", 3},
	};
	struct fixture *f = *state;
	struct lab_exec missing = {.argv = (char *[]){(char *)"/does/not/exist", NULL}};
	struct lab_exec directory = {.argv = (char *[]){(char *)"/tmp", NULL}};
	int status;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(shell(f, cases[i].script, -1, -1, -1, &status), 0);
		assert_int_equal(status, cases[i].status);
	}
	assert_int_equal(loop_run(&f->loop, &missing, (const int[]){-1, -1, -1}, &status), 0);
	assert_int_equal(status, 127);
	assert_int_equal(loop_run(&f->loop, &directory, (const int[]){-1, -1, -1}, &status), 0);
	assert_int_equal(status, 126);
}

static void test_environment(void **state)
{
	struct fixture *f = *state;
	struct lab_exec e = {.cwd = (char *)"/usr",
			     .argv = (char *[]){(char *)"sh", (char *)"-c",
						(char *)"pwd; echo $X $USER; "
							"cat /proc/self/oom_score_adj; "
							"test $(cut -d' ' -f6 /proc/$$/stat) = $$",
						NULL},
			     .env = (char *[]){(char *)"X=a b", NULL}};
	int out = scratch(), status;

	assert_int_equal(loop_run(&f->loop, &e,
				  (const int[]){-1, fcntl(out, F_DUPFD_CLOEXEC, 3), -1}, &status),
			 0);
	assert_int_equal(status, 0);
	assert_holds(out, "/usr\na b root\n0\n");
}

/* What a command left in its pipes arrives; what it left running is not waited for. */
static void test_left_behind(void **state)
{
	int out = scratch(), status;

	assert_int_equal(shell(*state, "(sleep 60; echo late) & yes x | head -c 60000", -1, out, -1,
			       &status),
			 0);
	assert_int_equal(status, 0);
	assert_int_equal(lseek(out, 0, SEEK_END), 60000);
	close(out);
}

/* A child that held more than its own end of a pipe would keep the pipe open. */
static int keep_only(int fd)
{
	dup2(fd, 0);
	close_range(3, UINT_MAX, 0);
	signal(SIGPIPE, SIG_DFL);
	return 0;
}

/* A child that writes @len bytes of a pattern, or reads them slowly and checks them. */
static pid_t fork_writer(int fd, size_t len)
{
	pid_t pid = fork();
	uint32_t block[1024];

	if (pid)
		return pid;
	fd = keep_only(fd);
	for (size_t at = 0; at < len; at += sizeof(block)) {
		for (size_t i = 0; i < ARRAY_SIZE(block); i++)
			block[i] = at + i;
		if (io_write_all(fd, block, sizeof(block)) < 0)
			_exit(1);
	}
	_exit(0);
}

static pid_t fork_slow_reader(int fd, size_t len)
{
	pid_t pid = fork();
	uint32_t block[1024];

	if (pid)
		return pid;
	fd = keep_only(fd);
	for (size_t at = 0; at < len; at += sizeof(block)) {
		if (at % (1 << 20) == 0)
			usleep(20000);
		if (io_read_exact(fd, block, sizeof(block)) < 0)
			_exit(1);
		for (size_t i = 0; i < ARRAY_SIZE(block); i++)
			if (block[i] != (uint32_t)(at + i))
				_exit(2);
	}
	_exit(read(fd, block, 1) == 0 ? 0 : 3);
}

static void test_big(void **state)
{
	struct fixture *f = *state;
	struct lab_exec e = {.argv = (char *[]){(char *)"cat", NULL}};
	int in[2], out[2], status;
	pid_t writer, reader;

	assert_int_equal(pipe2(in, O_CLOEXEC), 0);
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	writer = fork_writer(in[1], BIG_BYTES);
	close(in[1]);
	reader = fork_slow_reader(out[0], BIG_BYTES);
	close(out[0]);
	assert_int_equal(loop_run(&f->loop, &e, (const int[]){in[0], out[1], -1}, &status), 0);
	assert_int_equal(status, 0);
	assert_int_equal(spawn_wait(writer), 0);
	assert_int_equal(spawn_wait(reader), 0);
}

/* Input that is never read neither holds the exit up nor is it an error. */
static void test_unread_input(void **state)
{
	int in[2], status;
	pid_t writer;

	assert_int_equal(pipe2(in, O_CLOEXEC), 0);
	writer = fork_writer(in[1], BIG_BYTES);
	close(in[1]);
	assert_int_equal(shell(*state, "exec <&-; sleep 0.2; exit 5", in[0], -1, -1, &status), 0);
	assert_int_equal(status, 5);
	assert_int_not_equal(spawn_wait(writer), 0);
}

/* A reader that goes away ends the command that writes to it, as in any pipe. */
static void test_reader_gone(void **state)
{
	int out[2], status;

	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	close(out[0]);
	assert_int_equal(shell(*state, "exec yes", -1, out[1], -1, &status), 0);
	close(out[1]);
	assert_int_equal(status, 128 + SIGPIPE);
}

static int one_turn(struct fixture *f, struct pump *pumps, size_t count)
{
	static struct pollset ps;

	pollset_init(&ps);
	link_poll(&f->session.link, &ps);
	for (size_t i = 0; i < count; i++)
		pump_poll(&pumps[i], &ps);
	return pollset_turn(&ps, TIMEOUT_MS);
}

/* Sixty-three commands at once, all of them behind one whose output nobody reads. */
static void test_many(void **state)
{
	struct fixture *f = *state;
	static struct pump pumps[LAB_STREAM_COUNT_MAX];
	int stuck[2], out[LAB_STREAM_COUNT_MAX];
	bool all;

	assert_int_equal(pipe2(stuck, O_CLOEXEC), 0);
	for (size_t i = 0; i < LAB_STREAM_COUNT_MAX; i++) {
		char script[64];
		struct lab_exec e = {.argv = (char *[]){(char *)"sh", (char *)"-c", script, NULL}};

		snprintf(script, sizeof(script), i ? "seq 1 500 | tail -n 1; exit %zu" : "yes", i);
		out[i] = i ? scratch() : stuck[1];
		assert_int_equal(
			pump_start(&pumps[i], &f->session, &e,
				   (const int[]){-1, fcntl(out[i], F_DUPFD_CLOEXEC, 3), -1}),
			0);
	}
	do {
		assert_int_equal(one_turn(f, pumps, LAB_STREAM_COUNT_MAX), 0);
		all = true;
		for (size_t i = 1; i < LAB_STREAM_COUNT_MAX; i++)
			all = all && pump_done(&pumps[i]);
	} while (!all);
	assert_false(pumps[0].exited);
	assert_true(pumps[0].out[1].len <= LAB_WINDOW);
	for (size_t i = 1; i < LAB_STREAM_COUNT_MAX; i++) {
		assert_int_equal(pump_status(&pumps[i]), i);
		assert_holds(out[i], "500\n");
		pump_deinit(&pumps[i]);
	}
	pump_deinit(&pumps[0]);
	/* The one that was given up is gone for good: its stream can be had again. */
	while (f->session.streams[0])
		assert_int_equal(one_turn(f, NULL, 0), 0);
	close(stuck[0]);
	close(stuck[1]);
}

static void test_killed_agent(void **state)
{
	struct fixture *f = *state;
	char script[64];
	int out = scratch(), status = 42;

	snprintf(script, sizeof(script), "echo before; sleep 0.3; kill -9 %d; sleep 60", f->agent);
	assert_int_equal(shell(f, script, -1, out, -1, &status), -ECONNRESET);
	assert_int_equal(status, 42);
	assert_holds(out, "before\n");
	assert_int_equal(spawn_wait(f->agent), 137);
	f->agent = 0;
}

static void test_timeout_and_signal(void **state)
{
	struct fixture *f = *state;
	int status;

	loop_set_timeout(&f->loop, 100);
	assert_int_equal(shell(f, "sleep 60", -1, -1, -1, &status), -ETIMEDOUT);
	loop_set_timeout(&f->loop, TIMEOUT_MS);
	kill(getpid(), SIGTERM);
	assert_int_equal(shell(f, "sleep 60", -1, -1, -1, &status), -EINTR);
	assert_int_equal(f->loop.signal, SIGTERM);
}

static void write_file(const char *directory, const char *name, const char *text)
{
	_cleanup_free_ char *path = NULL;

	assert_true(asprintf(&path, "%s/%s", directory, name) > 0);
	assert_int_equal(io_replace_file(AT_FDCWD, path, text, strlen(text), 0750), 0);
}

static void assert_file(const char *directory, const char *name, const char *text)
{
	_cleanup_free_ char *path = NULL, *got = NULL;
	struct stat st;

	assert_true(asprintf(&path, "%s/%s", directory, name) > 0);
	assert_int_equal(io_read_file(AT_FDCWD, path, 4096, &got, NULL), 0);
	assert_string_equal(got, text);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0700, 0700);
}

static char *beneath(const struct fixture *f, const char *name)
{
	char *path;

	assert_true(asprintf(&path, "%s/%s", f->directory, name) > 0);
	return path;
}

static void test_copy(void **state)
{
	static const char *const names[] = {"plain", "-dash", "with space", "--", "q'\"$x"};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		_cleanup_free_ char *source = beneath(f, names[i]), *in = beneath(f, "new/dir/-in"),
				    *out = beneath(f, "out"), *into = beneath(f, "new/");

		write_file(f->directory, names[i], names[i]);
		assert_int_equal(copy_in(&f->loop, source, in), 0);
		assert_file(f->directory, "new/dir/-in", names[i]);
		assert_int_equal(copy_out(&f->loop, in, out), 0);
		assert_file(f->directory, "out", names[i]);
		/* Into directories: the name stays. */
		assert_int_equal(copy_in(&f->loop, source, into), 0);
		assert_file(into, names[i], names[i]);
	}
}

static void test_copy_tree(void **state)
{
	struct fixture *f = *state;
	_cleanup_free_ char *tree = beneath(f, "tree"), *sub = beneath(f, "tree/sub"),
			    *in = beneath(f, "in"), *out = beneath(f, "out");

	assert_int_equal(mkdir(tree, 0755), 0);
	assert_int_equal(mkdir(sub, 0755), 0);
	write_file(sub, "file", "deep");
	assert_int_equal(copy_in(&f->loop, tree, in), 0);
	assert_int_equal(copy_out(&f->loop, in, out), 0);
	assert_file(out, "sub/file", "deep");
	assert_int_equal(copy_in(&f->loop, "/does/not/exist", in), -ENOENT);
	assert_true(copy_out(&f->loop, "/does/not/exist", out) > 0);
	assert_int_equal(copy_out(&f->loop, "/", out), -EINVAL);
}

static void poll_relay(void *data, struct pollset *ps)
{
	relay_poll(data, ps);
}

/* A client of the relay, in a process of its own, beside a command of the lab itself. */
static void test_relay(void **state)
{
	struct fixture *f = *state;
	struct relay *relay;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), status;
	struct sockaddr_storage address = {.ss_family = AF_UNIX};
	socklen_t len = sizeof(sa_family_t);
	pid_t client;

	/* The kernel picks a name. */
	assert_int_equal(bind(fd, (struct sockaddr *)&address, len), 0);
	assert_int_equal(listen(fd, 4), 0);
	len = sizeof(address);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
	client = fork();
	if (client == 0) {
		struct fixture c = {.loop.signal_fd = -1};
		int s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), r;

		r = connect(s, (struct sockaddr *)&address, len);
		if (r == 0)
			r = session_init(&c.session, s);
		c.loop.session = &c.session;
		if (r == 0)
			r = loop_wait_ready(&c.loop);
		if (r == 0)
			r = shell(&c, "head -c 3000000 /dev/zero; exit 9", -1, -1, -1, &status);
		_exit(r == 0 && status == 9 ? 0 : 1);
	}
	assert_int_equal(relay_new(fd, &f->session, &relay), 0);
	f->loop.poll = poll_relay;
	f->loop.data = relay;
	assert_int_equal(shell(f, "sleep 2; exit 4", -1, -1, -1, &status), 0);
	assert_int_equal(status, 4);
	assert_int_equal(spawn_wait(client), 0);
	f->loop.poll = NULL;
	relay_free(relay);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define WITH_AGENT(t) cmocka_unit_test_setup_teardown(t, setup, teardown)
		WITH_AGENT(test_apart),	       WITH_AGENT(test_statuses),
		WITH_AGENT(test_environment),  WITH_AGENT(test_left_behind),
		WITH_AGENT(test_big),	       WITH_AGENT(test_unread_input),
		WITH_AGENT(test_reader_gone),  WITH_AGENT(test_many),
		WITH_AGENT(test_killed_agent), WITH_AGENT(test_timeout_and_signal),
		WITH_AGENT(test_copy),	       WITH_AGENT(test_copy_tree),
		WITH_AGENT(test_relay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
