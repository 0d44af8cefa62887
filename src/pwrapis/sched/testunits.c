/*
 * The stand-in for systemd; see testunits.h. A process for the socket, one more for each
 * connection.
 */
#include "pwrapis/sched/testunits.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <systemd/sd-bus.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/io.h"
#include "base/str.h"
#include "pwrapis/machine/cpulist.h"

#define SOCKET "run/dbus/system_bus_socket"

static pid_t standin;

static void must(int r)
{
	if (r < 0)
		_exit(1);
}

/* The unit's list, or NULL. */
static char *read_unit(const char *name)
{
	char path[256], *text;
	size_t len;

	snprintf(path, sizeof(path), "units/%s", name);
	return io_read_file(AT_FDCWD, path, 4096, &text, &len) < 0 ? NULL : text;
}

static int no_unit(sd_bus_message *m)
{
	return sd_bus_reply_method_errorf(m, "org.freedesktop.systemd1.NoSuchUnit", "no");
}

static int set_unit(sd_bus_message *m)
{
	const char *name, *property;
	struct cpulist list;
	const uint8_t *bytes;
	char path[256], text[4096];
	_cleanup_free_ char *before = NULL;
	size_t len, n;
	int runtime;

	must(sd_bus_message_read(m, "sb", &name, &runtime));
	must(sd_bus_message_enter_container(m, 'a', "(sv)"));
	must(sd_bus_message_enter_container(m, 'r', "sv"));
	must(sd_bus_message_read(m, "s", &property));
	must(sd_bus_message_enter_container(m, 'v', "ay"));
	must(sd_bus_message_read_array(m, 'y', (const void **)&bytes, &len));
	before = read_unit(name);
	if (!before)
		return no_unit(m);
	if (!runtime || !str_equal(property, "AllowedCPUs"))
		return sd_bus_reply_method_errorf(m, SD_BUS_ERROR_INVALID_ARGS, "no");
	bitmap_init(&list.map, list.words, CPULIST_MAX);
	for (size_t cpu = 0; cpu < 8 * len; cpu++)
		if (bytes[cpu / 8] >> cpu % 8 & 1)
			bitmap_set(&list.map, cpu);
	n = bitmap_format_list(&list.map, text, sizeof(text) - 1);
	text[n++] = '\n';
	snprintf(path, sizeof(path), "units/%s", name);
	must(io_replace_file(AT_FDCWD, path, text, n, 0644));
	return sd_bus_reply_method_return(m, NULL);
}

static int get_unit(sd_bus_message *m)
{
	uint8_t bytes[CPULIST_MAX / 8] = {};
	_cleanup_free_ char *name = NULL, *text = NULL;
	sd_bus_message *reply;
	struct cpulist list;
	size_t len = 0;

	must(sd_bus_path_decode(sd_bus_message_get_path(m), "/org/freedesktop/systemd1/unit",
				&name));
	text = read_unit(name);
	if (!text)
		return no_unit(m);
	must(cpulist_parse(text, &list));
	for (size_t cpu = 0; (cpu = bitmap_find_set(&list.map, cpu)) < CPULIST_MAX; cpu++) {
		bytes[cpu / 8] |= 1 << cpu % 8;
		len = cpu / 8 + 1;
	}
	must(sd_bus_message_new_method_return(m, &reply));
	must(sd_bus_message_open_container(reply, 'v', "ay"));
	must(sd_bus_message_append_array(reply, 'y', bytes, len));
	must(sd_bus_message_close_container(reply));
	must(sd_bus_send(NULL, reply, NULL));
	sd_bus_message_unref(reply);
	return 0;
}

/* What was started has a file, what was stopped has none. */
static int run_unit(sd_bus_message *m, bool on)
{
	const char *name, *mode;
	char path[256];

	must(sd_bus_message_read(m, "ss", &name, &mode));
	snprintf(path, sizeof(path), "units/%s.runs", name);
	if (!on)
		unlink(path);
	else
		must(io_replace_file(AT_FDCWD, path, "1\n", 2, 0644));
	return sd_bus_reply_method_return(m, "o", "/org/freedesktop/systemd1/job/1");
}

static int answer(sd_bus_message *m)
{
	if (access("units/silent", F_OK) == 0)
		return 0;
	if (sd_bus_message_is_method_call(m, "org.freedesktop.DBus", "Hello"))
		return sd_bus_reply_method_return(m, "s", ":1.1");
	if (sd_bus_message_is_method_call(m, NULL, "SetUnitProperties"))
		return set_unit(m);
	if (sd_bus_message_is_method_call(m, NULL, "StartUnit"))
		return run_unit(m, true);
	if (sd_bus_message_is_method_call(m, NULL, "StopUnit"))
		return run_unit(m, false);
	if (sd_bus_message_is_method_call(m, NULL, "Get"))
		return get_unit(m);
	return sd_bus_message_is_method_call(m, NULL, NULL)
		       ? sd_bus_reply_method_errorf(m, SD_BUS_ERROR_UNKNOWN_METHOD, "no")
		       : 0;
}

static void serve(int fd)
{
	sd_bus *bus;
	sd_id128_t id;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	must(sd_id128_randomize(&id));
	must(sd_bus_new(&bus));
	must(sd_bus_set_fd(bus, fd, fd));
	must(sd_bus_set_server(bus, 1, id));
	must(sd_bus_start(bus));
	for (;;) {
		sd_bus_message *m = NULL;
		int r = sd_bus_process(bus, &m);

		must(r);
		if (m)
			must(answer(m));
		sd_bus_message_unref(m);
		if (r == 0)
			must(sd_bus_wait(bus, UINT64_MAX));
	}
}

static void accept_all(int listen_fd)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGCHLD, SIG_IGN);
	for (;;) {
		int fd = accept(listen_fd, NULL, NULL);

		must(fd);
		if (fork() == 0) {
			close(listen_fd);
			serve(fd);
		}
		close(fd);
	}
}

void testunits_start(const struct testroot *t)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX, .sun_path = SOCKET};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	testroot_write(t, "run/dbus/about", "a stand-in\n");
	unlink(SOCKET);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	assert_int_equal(listen(fd, 16), 0);
	standin = fork();
	assert_true(standin >= 0);
	if (standin == 0)
		accept_all(fd);
	close(fd);
}

void testunits_stop(void)
{
	if (!standin)
		return;
	kill(standin, SIGKILL);
	waitpid(standin, NULL, 0);
	standin = 0;
}
