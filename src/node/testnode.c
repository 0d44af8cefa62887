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
#include "node/places.h"

#define BOOT_ID "01234567-0123-0123-0123-0123456789ab"

const struct testroot *root;
static pid_t daemon_pid;

struct client *client_new(void)
{
	return client_connect(root, "io.leonhard.Node");
}

json_t *client_ask(const char *method, json_t *parameters)
{
	_cleanup_client_ struct client *c = client_new();

	return client_call(c, method, parameters, false);
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

void assert_failed(const json_t *reply, const char *text)
{
	assert_error(reply, "io.leonhard.Node.ProbeFailed", text);
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
