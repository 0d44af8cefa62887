/*
 * Tests of the blocking client: against the test service, and against services that mean harm.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <cmocka.h>

#include "base/def.h"
#include "rpc/client.h"
#include "rpc/testrig.h"

/* What came of a call. */
struct seen {
	int replies;
	char error[128];
	json_int_t number; /* of the last reply */
	int stop_after; /* leave the stream after so many */
};

static int see(void *data, const struct rpc_answer *answer)
{
	struct seen *s = data;

	assert_true(json_is_object(answer->parameters));
	s->replies++;
	snprintf(s->error, sizeof(s->error), "%s", answer->error ? answer->error : "");
	s->number = json_integer_value(json_object_get(answer->parameters, "number"));
	return s->stop_after && s->replies == s->stop_after ? 42 : 0;
}

static int echo(struct rpc_link *l)
{
	json_auto_t *parameters = json_pack("{ss}", "text", "hi");
	struct seen seen = {};
	int r = rpc_link_call(l, TEST "Echo", parameters, false, 5000, see, &seen);

	if (r == 0) {
		assert_int_equal(seen.replies, 1);
		assert_string_equal(seen.error, "");
	}
	return r;
}

static void test_addresses(void **state)
{
	struct rig *rig = *state;
	_cleanup_free_ char *path = NULL, *with_mode = NULL;
	const char *good[] = {"io.leonhard.Test", "io.leonhard.Test.Echo", NULL, NULL};
	static const struct {
		const char *address;
		int r;
	} bad[] = {
		{"io.leonhard.Other", -ENOENT},
		{"io.leonhard.Other.Echo", -ENOENT},
		{"leonhard", -EINVAL},
		{"", -EINVAL},
		{"io/leonhard.Test", -EINVAL},
		{"../leonhard.Test", -EINVAL},
		{"unix:", -EINVAL},
		{"unix:run/x", -EINVAL},
		{"unix:@", -ECONNREFUSED},
		{"unix:/does/not/exist", -ENOENT},
		{"tcp:127.0.0.1:80", -EINVAL},
	};
	struct rpc_link *l = NULL;

	assert_true(asprintf(&path, "unix:%s", rig->socket) > 0);
	assert_true(asprintf(&with_mode, "unix:%s;mode=0666", rig->socket) > 0);
	good[2] = path;
	good[3] = with_mode;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		assert_int_equal(rpc_link_open(rig->root, good[i], &l), 0);
		assert_int_equal(echo(l), 0);
		rpc_link_free(l);
		l = NULL;
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		assert_int_equal(rpc_link_open(rig->root, bad[i].address, &l), bad[i].r);
		assert_null(l);
	}
}

/* A root whose paths are too long for a socket's address. */
static void test_long_root(void **state)
{
	struct rig *rig = *state, below = {.limits = rig->limits};
	struct rpc_link *l;

	assert_true(asprintf(&below.root, "%s/%0100d", rig->root, 0) > 0);
	assert_true(asprintf(&below.socket, "%s" RPC_SOCKET_DIR "/io.leonhard.Test", below.root) >
		    0);
	assert_int_equal(mkdir(below.root, 0755), 0);
	assert_int_equal(rpc_link_open(below.root, "io.leonhard.Test", &l), -ENOENT);
	rig_start(&below);
	assert_int_equal(rpc_link_open(below.root, "io.leonhard.Test", &l), 0);
	assert_int_equal(echo(l), 0);
	rpc_link_free(l);
	rig_stop(&below);
	free(below.root);
	free(below.socket);
}

static void test_refused(void **state)
{
	struct rig *rig = *state;
	struct rpc_link *l;

	kill(rig->server, SIGKILL);
	rig_wait(rig->server);
	rig->server = 0;
	assert_int_equal(rpc_link_open(rig->root, "io.leonhard.Test", &l), -ECONNREFUSED);
}

static int open_denied(struct rig *rig, void *data)
{
	struct rpc_link *l;

	return rpc_link_open(rig->root, "io.leonhard.Test", &l) == -EACCES ? 0 : 1;
}

static void test_denied(void **state)
{
	struct rig *rig = *state;

	rig_need_users();
	assert_int_equal(chmod(rig->socket, 0600), 0);
	assert_int_equal(rig_wait(rig_fork_as(RIG_USER, open_denied, rig, NULL)), 0);
}

static void test_calls(void **state)
{
	struct rig *rig = *state;
	json_auto_t *hundred = json_pack("{si si}", "count", 100, "size", 10);
	struct seen seen = {};
	struct rpc_link *l;

	assert_int_equal(rpc_link_open(rig->root, "io.leonhard.Test", &l), 0);
	/* No parameters, and an error: an answer like any other. */
	assert_int_equal(rpc_link_call(l, TEST "Refuse", NULL, false, 0, see, &seen), 0);
	assert_string_equal(seen.error, TEST "Refused");
	seen = (struct seen){};
	assert_int_equal(rpc_link_call(l, TEST "Stream", hundred, true, 1000, see, &seen), 0);
	assert_int_equal(seen.replies, 100);
	assert_int_equal(seen.number, 99);
	/* A stream that is left: the next call has its own answer. */
	seen = (struct seen){.stop_after = 7};
	assert_int_equal(rpc_link_call(l, TEST "Stream", hundred, true, 1000, see, &seen), 42);
	assert_int_equal(seen.replies, 7);
	assert_int_equal(echo(l), 0);
	/* A result of the last reply leaves nothing behind either. */
	seen = (struct seen){.stop_after = 1};
	assert_int_equal(rpc_link_call(l, TEST "Refuse", NULL, false, 0, see, &seen), 42);
	assert_int_equal(echo(l), 0);
	rpc_link_free(l);
	rpc_link_free(NULL);
}

static int see_counts(void *data, const struct rpc_answer *answer)
{
	*(json_int_t *)data = json_integer_value(json_object_get(answer->parameters, "echoed"));
	return 0;
}

static void test_oneway(void **state)
{
	struct rig *rig = *state;
	json_auto_t *parameters = json_pack("{ss}", "text", "hi");
	json_int_t echoed = 0;
	struct rpc_link *l;

	assert_int_equal(rpc_link_open(rig->root, "io.leonhard.Test", &l), 0);
	for (int i = 0; i < 3; i++)
		assert_int_equal(rpc_link_oneway(l, TEST "Echo", parameters, 5000), 0);
	/* Nothing came back that the next call would take for its own. */
	assert_int_equal(echo(l), 0);
	assert_int_equal(rpc_link_call(l, TEST "Counts", NULL, false, 5000, see_counts, &echoed),
			 0);
	assert_int_equal(echoed, 4);
	kill(rig->server, SIGKILL);
	rig_wait(rig->server);
	rig->server = 0;
	assert_int_equal(rpc_link_oneway(l, TEST "Echo", parameters, 5000), -ECONNRESET);
	assert_int_equal(rpc_link_oneway(l, TEST "Echo", parameters, 5000), -ECONNREFUSED);
	rpc_link_free(l);
}

static void test_too_long(void **state)
{
	struct rig *rig = *state;
	json_auto_t *parameters = NULL;
	_cleanup_free_ char *text = malloc(RPC_MESSAGE_MAX);
	struct seen seen = {};
	struct rpc_link *l;

	memset(text, 'x', RPC_MESSAGE_MAX);
	parameters = json_pack("{ss%}", "text", text, RPC_MESSAGE_MAX);
	assert_int_equal(rpc_link_open(rig->root, "io.leonhard.Test", &l), 0);
	assert_int_equal(rpc_link_call(l, TEST "Echo", parameters, false, 0, see, &seen),
			 -EMSGSIZE);
	assert_int_equal(seen.replies, 0);
	assert_int_equal(echo(l), 0);
	json_decref(parameters);
	/* Just not too long, both ways. */
	parameters = json_pack("{ss%}", "text", text, RPC_MESSAGE_MAX - 100);
	assert_int_equal(rpc_link_call(l, TEST "Echo", parameters, false, 0, see, &seen), 0);
	rpc_link_free(l);
}

static void test_timeout(void **state)
{
	struct rig *rig = *state;
	json_auto_t *interval = json_pack("{si}", "interval", 50);
	struct seen seen = {};
	uint64_t begin;
	struct rpc_link *l;

	assert_int_equal(rpc_link_open(rig->root, "io.leonhard.Test", &l), 0);
	begin = rig_now_ms();
	assert_int_equal(rpc_link_call(l, TEST "Hold", NULL, false, 200, see, &seen), -ETIMEDOUT);
	assert_in_range(rig_now_ms() - begin, 200, 2000);
	assert_int_equal(seen.replies, 0);
	/* What came too late would be taken for the answer of this one. */
	assert_int_equal(echo(l), 0);
	/* The time is for each reply, not for the stream. */
	seen = (struct seen){.stop_after = 20};
	assert_int_equal(rpc_link_call(l, TEST "Ticks", interval, true, 500, see, &seen), 42);
	rpc_link_free(l);
}

static void on_alarm(int sig)
{
}

static void test_signal(void **state)
{
	struct rig *rig = *state;
	struct sigaction action = {.sa_handler = on_alarm, .sa_flags = SA_RESTART};
	struct itimerval soon = {.it_value = {.tv_usec = 100000}};
	struct seen seen = {};
	struct rpc_link *l;

	assert_int_equal(rpc_link_open(rig->root, "io.leonhard.Test", &l), 0);
	assert_int_equal(sigaction(SIGALRM, &action, NULL), 0);
	assert_int_equal(setitimer(ITIMER_REAL, &soon, NULL), 0);
	assert_int_equal(rpc_link_call(l, TEST "Hold", NULL, false, 0, see, &seen), -EINTR);
	assert_int_equal(echo(l), 0);
	rpc_link_free(l);
}

static void test_gone(void **state)
{
	struct rig *rig = *state;
	struct seen seen = {};
	struct rpc_link *l;
	pid_t killer;

	assert_int_equal(rpc_link_open(rig->root, "io.leonhard.Test", &l), 0);
	killer = fork();
	if (killer == 0) {
		usleep(100000);
		kill(rig->server, SIGKILL);
		_exit(0);
	}
	assert_int_equal(rpc_link_call(l, TEST "Hold", NULL, false, 0, see, &seen), -ECONNRESET);
	rig_wait(killer);
	rig_wait(rig->server);
	rig->server = 0;
	assert_int_equal(echo(l), -ECONNREFUSED);
	/* Another server under the same name is found by the next call. */
	rig_start(rig);
	assert_int_equal(echo(l), 0);
	rpc_link_free(l);
}

/* Why a connection was closed at once is an answer, even to those who speak first. */
static void test_told_why(void **state)
{
	struct rig *rig = *state;
	struct seen seen = {};
	struct rpc_link *l[3];

	rig_stop(rig);
	rig->limits.connections = 2;
	rig_start(rig);
	for (int i = 0; i < 3; i++)
		assert_int_equal(rpc_link_open(rig->root, "io.leonhard.Test", &l[i]), 0);
	usleep(100000);
	assert_int_equal(rpc_link_call(l[2], TEST "Hold", NULL, false, 1000, see, &seen), 0);
	assert_string_equal(seen.error, "io.leonhard.Rpc.TooManyConnections");
	assert_int_equal(echo(l[1]), 0);
	for (int i = 0; i < 3; i++)
		rpc_link_free(l[i]);
}

/* ---- services that mean harm ---- */

struct script {
	const char *bytes;
	size_t len;
	int times; /* that the bytes are sent; 0: without end */
	int pause_ms; /* after each */
	bool stays; /* open, when it has said everything */
	int r; /* what the client makes of it */
	bool more;
};

#define BYTES(s) s, sizeof(s) - 1

static const struct script scripts[] = {
	{BYTES("{}\0"), 1, 0, true, 0, false},
	{BYTES(""), 1, 0, false, -ECONNRESET, false},
	{BYTES("{}"), 1, 0, false, -ECONNRESET, false},
	{BYTES("{}"), 1, 0, true, -ETIMEDOUT, false},
	{BYTES("\0"), 1, 0, true, -EPROTO, false},
	{BYTES("HTTP/1.1 400 Bad Request\r\n\0"), 1, 0, true, -EPROTO, false},
	{BYTES("{\"parameters\":[]}\0"), 1, 0, true, -EPROTO, false},
	{BYTES("{\"error\":1}\0"), 1, 0, true, -EPROTO, false},
	{BYTES("{\"continues\":true}\0"), 1, 0, true, -EPROTO, false},
	{BYTES("{\"parameters\":{\"a\":1,\"a\":2}}\0"), 1, 0, true, -EPROTO, false},
	{BYTES("{\"continues\":true}\0{\"error\":\"a.b\",\"continues\":true}\0"), 1, 0, true,
	 -EPROTO, true},
	{BYTES("[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["), 0, 0, true, -EMSGSIZE, false},
	{BYTES("[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\0"), 1, 0, true, -EPROTO, false},
	/* A byte now and then is no reply in time. */
	{BYTES(" "), 0, 20, true, -ETIMEDOUT, false},
};

static void play(int fd, const struct script *s)
{
	char call[256];

	if (recv(fd, call, sizeof(call), 0) <= 0)
		return;
	for (int i = 0; s->times == 0 || i < s->times; i++) {
		if (s->len && send(fd, s->bytes, s->len, MSG_NOSIGNAL) < 0)
			return;
		if (s->pause_ms)
			usleep(s->pause_ms * 1000);
	}
	if (s->stays)
		pause();
}

static pid_t fork_player(const struct script *s, char address[64])
{
	struct sockaddr_un name = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), n;
	pid_t pid;

	snprintf(address, 64, "unix:@rpc-test-%d", getpid());
	n = strlen(address + 6);
	memcpy(name.sun_path + 1, address + 6, n);
	assert_int_equal(
		bind(fd, (struct sockaddr *)&name, offsetof(struct sockaddr_un, sun_path) + 1 + n),
		0);
	assert_int_equal(listen(fd, 1), 0);
	pid = fork();
	if (pid == 0) {
		play(accept(fd, NULL, NULL), s);
		_exit(0);
	}
	close(fd);
	return pid;
}

static void test_hostile(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(scripts); i++) {
		struct seen seen = {};
		struct rpc_link *l;
		char address[64];
		pid_t pid = fork_player(&scripts[i], address);
		int r;

		assert_int_equal(rpc_link_open(NULL, address, &l), 0);
		r = rpc_link_call(l, "a.b", NULL, scripts[i].more,
				  scripts[i].r == -ETIMEDOUT ? 300 : RIG_HANG_MS, see, &seen);
		if (r != scripts[i].r)
			fail_msg("script %zu: %d", i, r);
		rpc_link_free(l);
		kill(pid, SIGKILL);
		rig_wait(pid);
	}
}

#define WITH_SERVER(test) cmocka_unit_test_setup_teardown(test, rig_setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_SERVER(test_addresses), WITH_SERVER(test_long_root),
		WITH_SERVER(test_refused),   WITH_SERVER(test_denied),
		WITH_SERVER(test_calls),     WITH_SERVER(test_too_long),
		WITH_SERVER(test_oneway),    WITH_SERVER(test_timeout),
		WITH_SERVER(test_signal),    WITH_SERVER(test_gone),
		WITH_SERVER(test_told_why),  cmocka_unit_test(test_hostile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
