/*
 * The daemon, its machine, its store and its clients; see testtrace.h.
 */
#include "filetrace/trace/testtrace.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
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
#include "filetrace/request.h"

#define INTERFACE "io.leonhard.Trace"

const struct testroot *root;
struct store *store;
static pid_t daemon_pid;
static int lock_fd = -1;

/* ---- clients ---- */

/* Whoever is not root has the class that the file gives to all. It is read anew after a moment. */
static void give_all(const char *class)
{
	static const char *given;
	char text[64];

	if (given == class)
		return;
	given = class;
	snprintf(text, sizeof(text), "[%s]\nusers = *\n", class);
	testroot_write(root, "etc/leonhard/access.conf", text);
	pause_ms(500);
}

struct client *client_new(void)
{
	if (geteuid() != 0)
		give_all("admin");
	return client_connect(root, INTERFACE);
}

struct client *observer_new(void)
{
	if (geteuid() != 0)
		give_all("observe");
	return client_connect_somebody(root, INTERFACE);
}

json_t *client_ask(const char *method, json_t *parameters)
{
	_cleanup_client_ struct client *c = client_new();

	return client_call(c, method, parameters, false);
}

/* ---- the store ---- */

void testtrace_make_folder(void)
{
	_cleanup_close_ int fd = -1;

	assert_int_equal(fs_mkdir(root->fd, STORE_DIR, 0750), 0);
	fd = testtrace_folder_fd();
	/* As tmpfiles.d makes it: what is made in it may be read by the daemon's group. */
	if (geteuid() == 0)
		assert_int_equal(fchown(fd, 0, SOMEBODY) | fchmod(fd, 02750), 0);
}

int testtrace_folder_fd(void)
{
	int fd;

	assert_int_equal(fs_open(root->fd, STORE_DIR, O_RDONLY | O_DIRECTORY, 0, &fd), 0);
	return fd;
}

void testtrace_open(void)
{
	int fd = testtrace_folder_fd();

	assert_int_equal(store_open(fd, &store), 0);
	close(fd);
}

void testtrace_close(void)
{
	store_close(take_ptr(store));
}

void testtrace_capture(bool runs)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

	if (lock_fd >= 0)
		close(take_fd(&lock_fd));
	if (!runs)
		return;
	assert_int_equal(fs_open(root->fd, STORE_DIR "/lock", O_RDWR | O_CREAT, 0640, &lock_fd), 0);
	assert_int_equal(fcntl(lock_fd, F_OFD_SETLK, &lock), 0);
}

int64_t put_record(const struct record *r)
{
	int64_t id;

	assert_int_equal(store_begin(store), 0);
	assert_int_equal(store_put_record(store, TEST_BOOT, r, &id), 0);
	assert_int_equal(store_commit(store), 0);
	return id;
}

int64_t put_path(const char *path)
{
	const struct record r = teststore_record(path, 0, 1000);

	return put_record(&r);
}

/* ---- the daemon ---- */

/* As the unit has it, the daemon is neither root nor the one who writes the store. */
static int become_somebody(void)
{
	if (geteuid() != 0)
		return 0;
	return setgroups(0, NULL) | setresgid(SOMEBODY, SOMEBODY, SOMEBODY) |
	       setresuid(SOMEBODY, SOMEBODY, SOMEBODY);
}

void testtrace_start(void)
{
	const char *program = getenv("TRACE_DAEMON");
	_cleanup_free_ char *option = NULL;
	_cleanup_close_ int fd = -1;

	assert_non_null(program);
	fd = open(program, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_true(asprintf(&option, "--root=%s", root->path) > 0);
	daemon_pid = fork();
	if (daemon_pid == 0) {
		/* The folder of the program may be closed to others. */
		if (become_somebody() == 0)
			fexecve(fd,
				(char *[]){(char *)program, option, (char *)"--log-level=error",
					   NULL},
				environ);
		_exit(127);
	}
	assert_true(daemon_pid > 0);
}

void testtrace_stop(void)
{
	int status;

	kill(daemon_pid, SIGTERM);
	assert_int_equal(waitpid(daemon_pid, &status, 0), daemon_pid);
	daemon_pid = 0;
	assert_int_equal(status, 0);
}

long testtrace_rss_kib(void)
{
	_cleanup_free_ char *text = NULL;
	const char *line;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/status", (int)daemon_pid);
	assert_int_equal(io_read_file(AT_FDCWD, path, 65536, &text, NULL), 0);
	line = strstr(text, "VmRSS:");
	assert_non_null(line);
	return strtol(line + strlen("VmRSS:"), NULL, 10);
}

/* A folder in which the daemon writes. */
static void make_own_folder(const char *path)
{
	assert_int_equal(fs_mkdir(root->fd, path, 0755), 0);
	if (geteuid() == 0)
		assert_int_equal(fchownat(root->fd, path + 1, SOMEBODY, SOMEBODY, 0), 0);
}

static void put_machine(void)
{
	assert_int_equal(chmod(root->path, 0755), 0);
	testroot_write(root, "etc/leonhard/access.conf",
		       geteuid() == 0 ? "[observe]\nusers = *\n" : "[admin]\nusers = *\n");
	testroot_write(root, "etc/leonhard/trace.conf",
		       "[follow]\nsettle = 5ms\n[watch]\ntimeout = 2s\n[read]\nmemory = 8M\n"
		       "[health]\nfree_percent = 1\n");
	make_own_folder(REQUEST_DIR);
	make_own_folder("/run/leonhard");
}

int testtrace_whole(void **state)
{
	put_machine();
	testtrace_make_folder();
	testtrace_open();
	testtrace_start();
	return 0;
}

int testtrace_bare(void **state)
{
	put_machine();
	testtrace_start();
	return 0;
}

int testtrace_teardown(void **state)
{
	if (daemon_pid)
		testtrace_stop();
	testtrace_close();
	testtrace_capture(false);
	testroot_clear(root);
	return 0;
}

int testtrace_group(void **state)
{
	int r = testroot_setup(state);

	root = *state;
	return r;
}
