/*
 * Tests of lab.c with a QEMU that this program plays: a guest that hangs in its boot is started
 * again, and a client that came during the first start is let go.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/io.h"
#include "lab/lab.h"
#include "lab/names.h"
#include "lab/spawn.h"

#define QEMU "qemu-system-x86_64"

static char root[32];

/* The number behind "id=port,fd=" in an argument. */
static int port_of(int argc, char **argv)
{
	static const char mark[] = "id=port,fd=";

	for (int i = 1; i < argc; i++) {
		const char *found = strstr(argv[i], mark);

		if (found)
			return atoi(found + strlen(mark));
	}
	return -1;
}

/* The first time a guest whose agent says hello and no more, then one with the real agent. */
static int play_qemu(int argc, char **argv)
{
	uint8_t frame[LAB_HEADER_BYTES + 4];
	char number[16], bytes[4096];
	int fd = port_of(argc, argv);

	if (mkdir("started", 0700) < 0) {
		snprintf(number, sizeof(number), "%d", fd);
		execl(getenv("LAB_AGENT"), "lab-agent", "--fd", number, NULL);
		return 127;
	}
	lab_header_encode(&(struct lab_frame){.type = LAB_HELLO, .length = 4}, frame);
	lab_put_u32(frame + LAB_HEADER_BYTES, LAB_VERSION);
	if (io_write_all(fd, frame, sizeof(frame)) < 0)
		return 1;
	while (read(fd, bytes, sizeof(bytes)) > 0)
		;
	return 0;
}

static void make_file(const char *name)
{
	assert_int_equal(io_replace_file(AT_FDCWD, name, "", 0, 0600), 0);
}

static int setup(void **state)
{
	_cleanup_free_ char *path = NULL, *self = realpath("/proc/self/exe", NULL);

	strcpy(root, "/tmp/lab-test-XXXXXX");
	if (!self || !mkdtemp(root) || chdir(root) < 0 || mkdir("bin", 0700) < 0 ||
	    mkdir("p", 0700) < 0 || symlink(self, "bin/" QEMU) < 0)
		return -1;
	make_file("vmlinuz");
	make_file("p/lab.qcow2");
	if (asprintf(&path, "%s/bin:%s", root, getenv("PATH")) < 0)
		return -1;
	return setenv("PATH", path, 1) || setenv("XDG_RUNTIME_DIR", root, 1);
}

static int teardown(void **state)
{
	const char *const argv[] = {"rm", "-rf", root, NULL};
	pid_t pid;

	if (spawn_helper(&(struct spawn_helper){.argv = argv,
						.stdio = {-1, -1, -1},
						.keep = {-1, -1, -1, -1}},
			 &pid) < 0)
		return -1;
	return spawn_wait(pid);
}

/* Connects as soon as the lab is there; what became of a command that it runs. */
static int be_client(int dirfd)
{
	struct lab_exec e = {.argv = (char *[]){(char *)"cat", NULL}};
	struct loop loop = {.signal_fd = -1};
	struct session session;
	int fd, status, r;

	while (names_connect(dirfd, "box", &fd) < 0)
		usleep(10000);
	loop.session = &session;
	loop_set_timeout(&loop, 5000);
	r = session_init(&session, fd);
	if (r == 0)
		r = loop_wait_ready(&loop);
	if (r == 0)
		r = loop_run(&loop, &e, (const int[]){-1, -1, -1}, &status);
	return r;
}

static void test_client_of_a_guest_that_hangs(void **state)
{
	const struct options o = {
		.artifacts = root,
		.profile = "p",
		.name = "box",
		.accel = ACCEL_TCG,
		.cpus = 1,
		.mem_bytes = UINT64_C(256) << 20,
		.timeout_s = 60,
		.boot_timeout_s = 1,
	};
	const struct option_drive image = {.file = (char *)"p/lab.qcow2", .format = "qcow2"};
	struct lab_exec e = {.argv = (char *[]){(char *)"true", NULL}};
	int status = 42, client_status;
	struct lab lab;
	pid_t client;

	assert_int_equal(lab_init(&lab, &o), 0);
	client = fork();
	if (client == 0)
		_exit(be_client(lab.directory_fd) == -ECONNRESET ? 0 : 1);
	assert_true(client > 0);
	assert_int_equal(lab_start(&lab, &image), 0);
	assert_int_equal(access("started", F_OK), 0);
	client_status = spawn_wait(client);
	assert_int_equal(loop_run(&lab.loop, &e, (const int[]){-1, -1, -1}, &status), 0);
	assert_int_equal(status, 0);
	lab_deinit(&lab);
	/* Its command was the first guest's, and is gone with it. */
	assert_int_equal(client_status, 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_client_of_a_guest_that_hangs, setup, teardown),
	};

	if (strcmp(program_invocation_short_name, QEMU) == 0)
		return play_qemu(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
