/*
 * The power daemon over a plant; see daemons.h.
 */
#include "daemons.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/io.h"
#include "base/str.h"
#include "base/testrun.h"
#include "libpwrapi/powerapi.h"
#include "rig.h"

#define WRITER_SOCKET "run/leonhard/pwrapis-writer"

enum { HANG_MS = 30000 };

static pid_t writer;
static bool daemon_runs;

/* Files of /proc that the plant plays, among those of the folder. */
static const char *const proc_files[] = {"proc/stat", "proc/cpuinfo"};

static void make_root(const struct testroot *t)
{
	testroot_write(t, "etc/passwd", "root:x:0:0::/:/bin/sh\n");
	testroot_write(t, "etc/group", "root:x:0:\n");
	testroot_write(t, "etc/leonhard/access.conf", "");
	testroot_write(t, "proc/sys/kernel/random/boot_id",
		       "01234567-89ab-cdef-0123-456789abcdef\n");
	assert_true(symlinkat("plant/sys", t->fd, "sys") == 0 || errno == EEXIST);
	for (size_t i = 0; i < ARRAY_SIZE(proc_files); i++) {
		char from[64];

		testroot_write(t, proc_files[i], "");
		snprintf(from, sizeof(from), "plant/%s", proc_files[i]);
		assert_int_equal(mount(from, proc_files[i], NULL, MS_BIND, NULL), 0);
	}
}

static void launch_writer(const struct testroot *t)
{
	char root[64];

	snprintf(root, sizeof(root), "--root=%s", t->path);
	unlink(WRITER_SOCKET);
	writer = fork();
	assert_true(writer >= 0);
	if (writer == 0) {
		int out = open("writer.out", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(out, STDERR_FILENO);
		unsetenv("NOTIFY_SOCKET");
		execl(getenv("TEST_WRITER"), "writer", root, (char *)NULL);
		_exit(127);
	}
	for (int i = 0; access(WRITER_SOCKET, F_OK) < 0; i++) {
		assert_true(i < HANG_MS / 10);
		usleep(10000);
	}
}

void machine_start(const struct testroot *t, const char *const plant_args[])
{
	plant_start(t, plant_args);
	make_root(t);
	launch_writer(t);
	testrun_launch_ready(t);
	daemon_runs = true;
	assert_int_equal(PWR_SetServerInfo("etc/sysconfig/pwrapis/pwrserver.sock"), PWR_SUCCESS);
	assert_int_equal(PWR_Register(), PWR_SUCCESS);
}

static void end_writer(int number)
{
	if (writer > 0) {
		kill(writer, number);
		waitpid(writer, NULL, 0);
	}
	writer = 0;
}

void daemon_kill(void)
{
	testrun_signal(SIGKILL);
	testrun_finish();
	daemon_runs = false;
}

static void unmount_files(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(proc_files); i++)
		while (umount2(proc_files[i], MNT_DETACH) == 0)
			;
}

void machine_stop(const struct testroot *t)
{
	PWR_UnRegister();
	if (daemon_runs)
		testrun_stop(SIGTERM);
	daemon_runs = false;
	end_writer(SIGTERM);
	unmount_files();
	plant_stop();
}

void machine_kill(const struct testroot *t)
{
	PWR_UnRegister();
	end_writer(SIGKILL);
	daemon_runs = false;
	unmount_files();
	plant_kill(t);
}

/* ---- what is set ---- */

static struct strbuf all;

/* A fan that goes by the temperature changes its level itself. */
static int add_setting(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	_cleanup_free_ char *text = NULL;

	if (type != FTW_F || !(st->st_mode & S_IWUSR) || str_ends(path, "/pwm1"))
		return 0;
	if (io_read_file(AT_FDCWD, path, 4096, &text, NULL) < 0)
		return 0;
	return strbuf_addf(&all, "%s = %s", path, text);
}

char *machine_settings(void)
{
	char *text = NULL;

	assert_int_equal(nftw("plant/sys", add_setting, 16, FTW_PHYS), 0);
	assert_int_equal(strbuf_steal(&all, &text), 0);
	return text;
}

void machine_expect(const char *settings)
{
	for (int ms = 0;; ms += 50) {
		_cleanup_free_ char *now = machine_settings();

		if (strcmp(now, settings) == 0)
			return;
		if (ms > HANG_MS)
			assert_string_equal(now, settings);
		usleep(50000);
	}
}
