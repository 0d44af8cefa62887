/*
 * Tests of the client on a loop: against the test service, and with connections that are lost.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <cmocka.h>

#include "base/def.h"
#include "rpc/client.h"
#include "rpc/testrig.h"

/* A client on a loop, and what its callbacks have seen. */
struct fixture {
	struct rig rig;
	uv_loop_t loop;
	struct rpc_client *client;
	int replies, errors, losses, last_loss;
	json_int_t next; /* the number that the next reply of a stream must have */
	int close_after; /* replies; 0: not by itself */
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	rig_init(&f->rig);
	rig_start(&f->rig);
	assert_int_equal(uv_loop_init(&f->loop), 0);
	assert_int_equal(rpc_client_new(&f->loop, f->rig.root, "io.leonhard.Test", &f->client), 0);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	if (!f->close_after)
		rpc_client_close(f->client);
	/* Nothing is left that would keep the loop going. */
	uv_run(&f->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&f->loop), 0);
	rig_deinit(&f->rig);
	free(f);
	return 0;
}

static void on_answer(struct rpc_client *c, int r, const struct rpc_answer *answer, void *data)
{
	struct fixture *f = data;

	assert_int_equal(r < 0, answer == NULL);
	f->losses += r < 0;
	f->last_loss = r < 0 ? r : f->last_loss;
	f->replies += answer && !answer->error;
	f->errors += answer && answer->error;
	if (f->close_after && f->replies + f->losses == f->close_after)
		rpc_client_close(c);
}

/* Replies of a stream whose numbers go on from call to call. */
static void on_number(struct rpc_client *c, int r, const struct rpc_answer *answer, void *data)
{
	struct fixture *f = data;

	assert_int_equal(r, 0);
	assert_null(answer->error);
	assert_int_equal(json_integer_value(json_object_get(answer->parameters, "number")),
			 f->next++);
	if (!answer->continues)
		f->next = 0;
	f->replies++;
}

static void run_until(struct fixture *f, int replies, int losses)
{
	uint64_t begin = rig_now_ms();

	while (f->replies < replies || f->losses < losses) {
		assert_true(rig_now_ms() - begin < RIG_HANG_MS);
		uv_run(&f->loop, UV_RUN_ONCE);
	}
}

static void echo(struct fixture *f, int count)
{
	json_auto_t *parameters = json_pack("{ss}", "text", "hi");

	for (int i = 0; i < count; i++)
		assert_int_equal(
			rpc_client_call(f->client, TEST "Echo", parameters, false, on_answer, f),
			0);
}

static void test_calls(void **state)
{
	struct fixture *f = *state;
	json_auto_t *parameters = json_pack("{si si}", "count", 50, "size", 100);

	/* All at once, in order: calls, streams, errors, calls without replies. */
	for (int i = 0; i < 20; i++) {
		echo(f, 1);
		assert_int_equal(
			rpc_client_call(f->client, TEST "Stream", parameters, true, on_number, f),
			0);
		assert_int_equal(
			rpc_client_call(f->client, TEST "Refuse", NULL, false, on_answer, f), 0);
		assert_int_equal(rpc_client_oneway(f->client, TEST "Refuse", NULL), 0);
	}
	run_until(f, 20 * 51, 0);
	while (f->errors < 20)
		uv_run(&f->loop, UV_RUN_ONCE);
	assert_int_equal(f->replies, 20 * 51);
	assert_int_equal(f->losses, 0);
}

/* More than the socket takes: the rest is sent when there is room; beyond the bound, refused. */
static void test_much(void **state)
{
	struct fixture *f = *state;
	_cleanup_free_ char *text = malloc(100001);
	json_auto_t *parameters = NULL;
	int sent = 0, r;

	memset(text, 'x', 100000);
	text[100000] = '\0';
	parameters = json_pack("{ss}", "text", text);
	while ((r = rpc_client_call(f->client, TEST "Echo", parameters, false, on_answer, f)) == 0)
		sent++;
	assert_int_equal(r, -ENOBUFS);
	assert_in_range(sent, 10, 30);
	run_until(f, sent, 0);
	echo(f, 1);
	run_until(f, sent + 1, 0);
}

static void test_lost(void **state)
{
	struct fixture *f = *state;

	echo(f, 1);
	run_until(f, 1, 0);
	for (int i = 0; i < 3; i++)
		assert_int_equal(rpc_client_call(f->client, TEST "Hold", NULL, false, on_answer, f),
				 0);
	kill(f->rig.server, SIGKILL);
	rig_wait(f->rig.server);
	f->rig.server = 0;
	run_until(f, 1, 3);
	assert_int_equal(f->last_loss, -ECONNRESET);
	assert_int_equal(rpc_client_call(f->client, TEST "Hold", NULL, false, on_answer, f),
			 -ENOTCONN);
	assert_int_equal(rpc_client_oneway(f->client, TEST "Hold", NULL), -ENOTCONN);
	assert_int_equal(f->losses, 3);
}

/* From within a callback, for a reply and for a loss: nobody is called any more. */
static void test_close_in_reply(void **state)
{
	struct fixture *f = *state;

	f->close_after = 3;
	echo(f, 10);
	uv_run(&f->loop, UV_RUN_DEFAULT);
	assert_int_equal(f->replies, 3);
	assert_int_equal(f->losses, 0);
}

static void test_close_in_loss(void **state)
{
	struct fixture *f = *state;

	f->close_after = 2;
	for (int i = 0; i < 5; i++)
		assert_int_equal(rpc_client_call(f->client, TEST "Hold", NULL, false, on_answer, f),
				 0);
	kill(f->rig.server, SIGKILL);
	rig_wait(f->rig.server);
	f->rig.server = 0;
	uv_run(&f->loop, UV_RUN_DEFAULT);
	assert_int_equal(f->losses, 2);
}

static void count_loss(struct rpc_client *c, int r, void *data)
{
	struct fixture *f = data;

	assert_true(r < 0);
	f->losses++;
}

/* Also when no call waits. */
static void test_lost_at_rest(void **state)
{
	struct fixture *f = *state;

	rpc_client_on_lost(f->client, count_loss, f);
	echo(f, 1);
	run_until(f, 1, 0);
	assert_int_equal(f->losses, 0);
	kill(f->rig.server, SIGKILL);
	rig_wait(f->rig.server);
	f->rig.server = 0;
	run_until(f, 1, 1);
	assert_int_equal(rpc_client_call(f->client, TEST "Echo", NULL, false, on_answer, f),
			 -ENOTCONN);
	assert_int_equal(f->losses, 1);
}

static void test_close_at_once(void **state)
{
	struct fixture *f = *state;

	f->close_after = 1000;
	echo(f, 10);
	rpc_client_close(f->client);
	uv_run(&f->loop, UV_RUN_DEFAULT);
	assert_int_equal(f->replies + f->losses, 0);
}

/* Takes the only place that the server has, as soon as it is free. */
static void take_place(struct wire *w, const struct rig *rig)
{
	for (int i = 0; i < 1000; i++) {
		json_auto_t *reply = NULL;

		wire_open(w, rig);
		wire_say(w, CALL("Echo", "{\"text\":\"a\"}"));
		reply = wire_read(w);
		if (!json_object_get(reply, "error"))
			return;
		wire_close(w);
		usleep(10000);
	}
	fail();
}

/* What is told to a connection that is refused reaches the first who waits. */
static void test_refused(void **state)
{
	struct fixture *f = *state;
	struct wire w;

	rpc_client_close(f->client);
	rig_stop(&f->rig);
	f->rig.limits.connections = 1;
	rig_start(&f->rig);
	take_place(&w, &f->rig);
	assert_int_equal(rpc_client_new(&f->loop, f->rig.root, "io.leonhard.Test", &f->client), 0);
	echo(f, 3);
	run_until(f, 0, 2);
	assert_int_equal(f->errors, 1);
	wire_close(&w);
}

static void test_nobody_there(void **state)
{
	struct fixture *f = *state;
	struct rpc_client *c = NULL;

	assert_int_equal(rpc_client_new(&f->loop, f->rig.root, "io.leonhard.Other", &c), -ENOENT);
	assert_int_equal(rpc_client_new(&f->loop, f->rig.root, "leonhard", &c), -EINVAL);
	assert_null(c);
}

static int listen_with_queue(const char *name, int queue)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	strcpy(address.sun_path + 1, name);
	assert_int_equal(bind(fd, (struct sockaddr *)&address,
			      offsetof(struct sockaddr_un, sun_path) + 1 + strlen(name)),
			 0);
	assert_int_equal(listen(fd, queue), 0);
	return fd;
}

static pid_t fork_acceptor(int fd, int after_ms)
{
	pid_t pid = fork();
	char call[256];

	if (pid)
		return pid;
	usleep(after_ms * 1000);
	for (;;) {
		int s = accept(fd, NULL, NULL);

		if (recv(s, call, sizeof(call), 0) > 0)
			send(s, "{}", 3, MSG_NOSIGNAL);
	}
}

/* A service that is slow to accept: connecting goes on, calls wait. */
static void test_full_queue(void **state)
{
	struct fixture *f = *state;
	struct rpc_client *c[4];
	char name[64], address[80];
	pid_t pid;
	int fd;

	snprintf(name, sizeof(name), "rpc-test-%d", getpid());
	snprintf(address, sizeof(address), "unix:@%s", name);
	fd = listen_with_queue(name, 0);
	for (size_t i = 0; i < ARRAY_SIZE(c); i++) {
		assert_int_equal(rpc_client_new(&f->loop, NULL, address, &c[i]), 0);
		assert_int_equal(rpc_client_call(c[i], "a.b", NULL, false, on_answer, f), 0);
	}
	pid = fork_acceptor(fd, 200);
	run_until(f, ARRAY_SIZE(c), 0);
	kill(pid, SIGKILL);
	rig_wait(pid);
	for (size_t i = 0; i < ARRAY_SIZE(c); i++)
		rpc_client_close(c[i]);
	close(fd);
}

/* Who answers what was not asked, or more than was asked, is not listened to. */
static void test_hostile(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		int r;
	} cases[] = {
		{"{\"continues\":true}", 19, -EPROTO}, {"{}\0{}", 6, -EPROTO}, {"[", 2, -EPROTO},
		{"{\"error\":\"x\"}", 14, -EPROTO},    {"{", 1, -ECONNRESET},
	};
	struct fixture *f = *state;
	char name[64], address[80];

	snprintf(name, sizeof(name), "rpc-test-%d", getpid());
	snprintf(address, sizeof(address), "unix:@%s", name);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int fd = listen_with_queue(name, 1), s;
		struct rpc_client *c;

		f->losses = f->replies = 0;
		assert_int_equal(rpc_client_new(&f->loop, NULL, address, &c), 0);
		assert_int_equal(rpc_client_call(c, "a.b", NULL, false, on_answer, f), 0);
		s = accept(fd, NULL, NULL);
		assert_int_equal(send(s, cases[i].bytes, cases[i].len, 0), cases[i].len);
		close(s);
		while (rpc_client_oneway(c, "a.b", NULL) == 0)
			uv_run(&f->loop, UV_RUN_ONCE);
		/* The second of the two replies comes when nobody waits. */
		if (f->replies == 0)
			assert_int_equal(f->last_loss, cases[i].r);
		rpc_client_close(c);
		close(fd);
	}
}

#define WITH_CLIENT(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_CLIENT(test_calls),	 WITH_CLIENT(test_much),
		WITH_CLIENT(test_lost),		 WITH_CLIENT(test_close_in_reply),
		WITH_CLIENT(test_close_in_loss), WITH_CLIENT(test_close_at_once),
		WITH_CLIENT(test_refused),	 WITH_CLIENT(test_nobody_there),
		WITH_CLIENT(test_lost_at_rest),	 WITH_CLIENT(test_full_queue),
		WITH_CLIENT(test_hostile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
