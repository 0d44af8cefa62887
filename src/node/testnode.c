/*
 * The daemon, its machine and its clients; see testnode.h.
 */
#include "node/testnode.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/fs.h"
#include "base/io.h"
#include "base/time.h"
#include "node/json.h"
#include "node/places.h"

#define BOOT_ID "01234567-0123-0123-0123-0123456789ab"

const struct testroot *root;
static pid_t daemon_pid;

struct client {
	int fd;
	char bytes[256 * 1024];
	size_t len;
};

void pause_ms(unsigned ms)
{
	nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL);
}

static int try_connect(void)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(a.sun_path, sizeof(a.sun_path), "%s/run/leonhard/io.leonhard.Node", root->path);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&a, sizeof(a)) == 0)
		return fd;
	close(fd);
	return -1;
}

struct client *client_new(void)
{
	struct client *c = calloc(1, sizeof(*c));

	assert_non_null(c);
	for (int ms = 0; ms < PATIENCE_MS; ms += 10) {
		c->fd = try_connect();
		if (c->fd >= 0)
			return c;
		pause_ms(10);
	}
	fail_msg("the daemon does not listen");
	return NULL;
}

void client_free_p(struct client **c)
{
	if (!*c)
		return;
	close((*c)->fd);
	free(*c);
}

void client_send(struct client *c, const char *method, json_t *parameters, bool more)
{
	_cleanup_json_ json_t *call = json_pack("{s:s+, s:o*, s:b}", "method", "io.leonhard.Node.",
						method, "parameters", parameters, "more", more);
	_cleanup_free_ char *text = json_dumps(call, 0);

	assert_non_null(text);
	assert_int_equal(io_write_all(c->fd, text, strlen(text) + 1), 0);
}

/* The next reply, the caller's; NULL when none comes in time. */
json_t *client_receive(struct client *c, int ms)
{
	struct pollfd p = {.fd = c->fd, .events = POLLIN};
	char *end;
	json_t *reply;
	ssize_t n;

	while (!(end = memchr(c->bytes, '\0', c->len))) {
		assert_true(c->len < sizeof(c->bytes));
		if (poll(&p, 1, ms) == 0)
			return NULL;
		n = read(c->fd, c->bytes + c->len, sizeof(c->bytes) - c->len);
		assert_true(n > 0);
		c->len += n;
	}
	reply = json_loads(c->bytes, 0, NULL);
	assert_non_null(reply);
	c->len -= end + 1 - c->bytes;
	memmove(c->bytes, end + 1, c->len);
	return reply;
}

json_t *client_ask(const char *method, json_t *parameters)
{
	_cleanup_client_ struct client *c = client_new();
	json_t *reply;

	client_send(c, method, parameters, false);
	reply = client_receive(c, PATIENCE_MS);
	assert_non_null(reply);
	return reply;
}

json_t *reply_member(json_t *reply, const char *name)
{
	json_t *j = json_object_get(json_object_get(reply, "parameters"), name);

	assert_non_null(j);
	return j;
}

/* What a reply says about the power "kvm". */
const char *reply_kvm(json_t *reply)
{
	json_t *power;
	size_t i;

	json_array_foreach(
		reply_member(reply, "powers"), i,
		power) if (!strcmp(json_string_value(json_object_get(power, "name")),
				   "kvm")) return json_string_value(json_object_get(power,
										    "state"));
	fail_msg("there is no power kvm");
	return NULL;
}

void assert_failed(json_t *reply, const char *text)
{
	assert_string_equal(json_string_value(json_object_get(reply, "error")),
			    "io.leonhard.Node.ProbeFailed");
	assert_non_null(strstr(json_string_value(reply_member(reply, "reason")), text));
}

bool testnode_requested(void)
{
	return fs_exists(root->fd, NODE_REQUEST_PATH) > 0;
}

void testnode_take_request(void)
{
	for (int ms = 0; ms < PATIENCE_MS && !testnode_requested(); ms += 10)
		pause_ms(10);
	assert_true(testnode_requested());
	assert_int_equal(unlinkat(root->fd, &NODE_REQUEST_PATH[1], 0), 0);
}

/* Writes what the probe would. */
void testnode_put_result(uint64_t started_ns, const char *kvm)
{
	_cleanup_free_ char *text = NULL;
	int n = asprintf(&text,
			 "{\"boot_id\": \"" BOOT_ID "\", \"started_ns\": %llu, \"probed_ns\": 7, "
			 "\"powers\": [{\"name\": \"kvm\", \"state\": \"%s\", \"detail\": \"\", "
			 "\"evidence\": \"the test\"}]}",
			 (unsigned long long)started_ns, kvm);

	assert_true(n > 0);
	assert_int_equal(fs_replace(root->fd, NODE_RESULT_PATH, text, n, 0644), 0);
}

static void start_daemon(void)
{
	const char *program = getenv("NODE_DAEMON");
	_cleanup_free_ char *option = NULL;

	assert_non_null(program);
	assert_true(asprintf(&option, "--root=%s", root->path) > 0);
	daemon_pid = fork();
	if (daemon_pid == 0) {
		execl(program, program, option, "--log-level=error", NULL);
		_exit(127);
	}
	assert_true(daemon_pid > 0);
}

static void put_machine(void)
{
	testroot_write(root, "etc/leonhard/access.conf", "[admin]\nusers = *\n");
	testroot_write(root, "etc/leonhard/node.conf",
		       "[probe]\ntimeout = 2s\n[watch]\nsettle = 50ms\n");
	testroot_write(root, &NODE_BOOT_ID_PATH[1], BOOT_ID "\n");
	testroot_write(root, "proc/sys/kernel/hostname", "fake\n");
	testroot_write(root, "sys/kernel/mm/ksm/run", "0\n");
}

/* A machine on which the probe's files are where tmpfiles.d would put them. */
int testnode_whole(void **state)
{
	put_machine();
	assert_int_equal(fs_mkdir(root->fd, NODE_RESULT_DIR, 0755), 0);
	assert_int_equal(fs_mkdir(root->fd, NODE_REQUEST_DIR, 0755), 0);
	start_daemon();
	testnode_take_request();
	return 0;
}

int testnode_bare(void **state)
{
	put_machine();
	start_daemon();
	return 0;
}

/* It is told to end once: a second signal would kill it. */
void testnode_stop(void)
{
	int status;

	kill(daemon_pid, SIGTERM);
	assert_int_equal(waitpid(daemon_pid, &status, 0), daemon_pid);
	daemon_pid = 0;
	assert_int_equal(status, 0);
}

int testnode_teardown(void **state)
{
	if (daemon_pid)
		testnode_stop();
	testroot_clear(root);
	return 0;
}

void testnode_reload(void)
{
	kill(daemon_pid, SIGHUP);
	pause_ms(300);
}

int testnode_group(void **state)
{
	int r = testroot_setup(state);

	root = *state;
	return r;
}
