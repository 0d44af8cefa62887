/*
 * The world of the test; see testprofiles.h.
 */
#include "profiles/testprofiles.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/io.h"

#define POLKIT "org.freedesktop.PolicyKit1"

static pid_t helpers[HELPERS];

static void pause_10ms(void)
{
	usleep(10000);
}

/* ---- the machine ---- */

static const char *const files[][2] = {
	{POLICY "scaling_driver", "intel_pstate"},
	{POLICY "scaling_governor", "powersave"},
	{POLICY "scaling_available_governors", "performance powersave"},
	{POLICY "affected_cpus", "0"},
	{PREFERENCE, "balance_performance"},
	{POLICY "energy_performance_available_preferences",
	 "default performance balance_performance balance_power power"},
	{BOOST, "1"},
	{PLATFORM, "balanced"},
	{PLATFORM "_choices", "low-power balanced performance"},
};

void make_machine(const struct testroot *t, bool bare)
{
	char access[64];

	testroot_clear(t);
	testroot_write(t, "proc/sys/kernel/random/boot_id",
		       "01234567-89ab-cdef-0123-456789abcdef\n");
	testroot_write(t, "etc/passwd", "root:x:0:0::/:/bin/sh\n");
	testroot_write(t, "etc/group", "root:x:0:\n");
	snprintf(access, sizeof(access), "[control]\nusers = %d\n", (int)getuid());
	testroot_write(t, "etc/leonhard/access.conf", access);
	testroot_write(t, "sys/devices/system/cpu/present", "0\n");
	testroot_write(t, "sys/devices/system/cpu/online", "0\n");
	for (size_t i = 0; !bare && i < ARRAY_SIZE(files); i++) {
		char line[128];

		snprintf(line, sizeof(line), "%s\n", files[i][1]);
		testroot_write(t, files[i][0], line);
	}
}

void expect_file(const char *path, const char *text)
{
	for (int ms = 0;; ms += 10) {
		_cleanup_free_ char *line = NULL;

		if (io_read_file(AT_FDCWD, path, 4096, &line, NULL) == 0) {
			line[strcspn(line, "\n")] = '\0';
			if (strcmp(line, text) == 0)
				return;
		}
		if (ms >= PATIENCE_MS)
			assert_string_equal(line ? line : "", text);
		pause_10ms();
	}
}

/* ---- a polkit ---- */

void polkit_say(const char *answer)
{
	assert_int_equal(io_replace_file(AT_FDCWD, "answer", answer, strlen(answer), 0644), 0);
}

void expect_asked(const char *action, const char *sender)
{
	char text[128];

	snprintf(text, sizeof(text), "%s %s", action, sender);
	expect_file("asked", text);
}

static int on_check(sd_bus_message *m, void *data, sd_bus_error *error)
{
	_cleanup_free_ char *answer = NULL;
	const char *kind, *key, *sender, *action;
	char text[128];

	if (sd_bus_message_read(m, "(sa{sv})s", &kind, 1, &key, "s", &sender, &action) < 0 ||
	    io_read_file(AT_FDCWD, "answer", 64, &answer, NULL) < 0)
		return -EINVAL;
	snprintf(text, sizeof(text), "%s %s\n", action, sender);
	io_replace_file(AT_FDCWD, "asked", text, strlen(text), 0644);
	if (strcmp(answer, "silent") == 0)
		return 1;
	return sd_bus_reply_method_return(m, "(bba{ss})", strcmp(answer, "yes") == 0,
					  strcmp(answer, "challenge") == 0, 0);
}

static const sd_bus_vtable polkit_table[] = {
	SD_BUS_VTABLE_START(0),
	SD_BUS_METHOD("CheckAuthorization", "(sa{sv})sa{ss}us", "(bba{ss})", on_check,
		      SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_VTABLE_END,
};

static _Noreturn void be_polkit(void)
{
	sd_bus *bus;
	int r = sd_bus_open_system(&bus);

	if (r >= 0)
		r = sd_bus_add_object_vtable(bus, NULL, "/org/freedesktop/PolicyKit1/Authority",
					     POLKIT ".Authority", polkit_table, NULL);
	if (r >= 0)
		r = sd_bus_request_name(bus, POLKIT, 0);
	while (r >= 0) {
		r = sd_bus_process(bus, NULL);
		if (r == 0)
			r = sd_bus_wait(bus, UINT64_MAX);
	}
	_exit(1);
}

/* ---- programs ---- */

static _Noreturn void be_helper(const struct testroot *t, enum helper which)
{
	char root[64];

	snprintf(root, sizeof(root), "--root=%s", t->path);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	unsetenv("NOTIFY_SOCKET");
	switch (which) {
	case HELPER_BUS:
		execlp("dbus-daemon", "dbus-daemon", "--nofork", "--nopidfile",
		       "--config-file=bus.conf", (char *)NULL);
		break;
	case HELPER_WRITER:
		execl(getenv("TEST_WRITER"), "writer", root, (char *)NULL);
		break;
	case HELPER_POWER:
		execl(getenv("TEST_POWER"), "power", root, (char *)NULL);
		break;
	default:
		be_polkit();
	}
	_exit(127);
}

/* What is there once it can be asked. */
static const char *const signs[HELPERS] = {
	[HELPER_BUS] = "bus",
	[HELPER_WRITER] = "run/leonhard/pwrapis-writer",
	[HELPER_POWER] = "run/leonhard/io.leonhard.Power",
};

static void configure_bus(const struct testroot *t)
{
	char text[512];

	snprintf(text, sizeof(text),
		 "<busconfig><type>session</type><listen>unix:path=%s/bus</listen>"
		 "<auth>EXTERNAL</auth><policy context=\"default\"><allow user=\"*\"/>"
		 "<allow own=\"*\"/><allow send_destination=\"*\"/>"
		 "<allow receive_sender=\"*\"/></policy></busconfig>",
		 t->path);
	testroot_write(t, "bus.conf", text);
	snprintf(text, sizeof(text), "unix:path=%s/bus", t->path);
	setenv("DBUS_SYSTEM_BUS_ADDRESS", text, 1);
}

static bool polkit_is_there(void)
{
	sd_bus *bus = dial(geteuid());
	bool there = sd_bus_get_name_creds(bus, POLKIT, 0, NULL) >= 0;

	sd_bus_flush_close_unref(bus);
	return there;
}

void helper_kill(enum helper which)
{
	if (!helpers[which])
		return;
	kill(helpers[which], SIGKILL);
	waitpid(helpers[which], NULL, 0);
	helpers[which] = 0;
}

void helper_start(const struct testroot *t, enum helper which)
{
	helper_kill(which);
	if (signs[which])
		unlink(signs[which]);
	if (which == HELPER_BUS)
		configure_bus(t);
	helpers[which] = fork();
	assert_true(helpers[which] >= 0);
	if (helpers[which] == 0)
		be_helper(t, which);
	for (int ms = 0; signs[which] ? access(signs[which], F_OK) < 0 : !polkit_is_there();
	     ms += 10) {
		assert_true(ms < PATIENCE_MS);
		pause_10ms();
	}
}

sd_bus *dial(uid_t uid)
{
	uid_t before = geteuid();
	sd_bus *bus = NULL;
	int r = 0;

	if (uid != before)
		assert_int_equal(seteuid(uid), 0);
	/* A bus that has just made its socket may not listen yet. */
	for (int ms = 0; ms < PATIENCE_MS; ms += 10) {
		r = sd_bus_open_system(&bus);
		if (r >= 0)
			break;
		pause_10ms();
	}
	if (uid != before)
		assert_int_equal(seteuid(before), 0);
	assert_true(r >= 0);
	return bus;
}
