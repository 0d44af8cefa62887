/*
 * rpc-bench-dbus ADDRESS CALLS: times of the same call of Echo over the bus at ADDRESS, with a
 * service of its own in another process, both by sd-bus.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <systemd/sd-bus.h>

#include "base/def.h"
#include "rpc/bench.h"

#define NAME "io.leonhard.Bench"
#define PATH "/io/leonhard/Bench"

static int on_echo(sd_bus_message *m, void *data, sd_bus_error *error)
{
	const char *text;
	int r = sd_bus_message_read(m, "s", &text);

	return r < 0 ? r : sd_bus_reply_method_return(m, "s", text);
}

static const sd_bus_vtable vtable[] = {
	SD_BUS_VTABLE_START(0),
	SD_BUS_METHOD("Echo", "s", "s", on_echo, SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_VTABLE_END,
};

static int open_bus(const char *address, sd_bus **ret_bus)
{
	sd_bus *bus = NULL;
	int r = sd_bus_new(&bus);

	if (r >= 0)
		r = sd_bus_set_address(bus, address);
	if (r >= 0)
		r = sd_bus_set_bus_client(bus, 1);
	if (r >= 0)
		r = sd_bus_start(bus);
	if (r < 0) {
		sd_bus_unref(bus);
		return r;
	}
	*ret_bus = bus;
	return 0;
}

static int serve(const char *address, int ready)
{
	sd_bus *bus;
	int r = open_bus(address, &bus);

	if (r >= 0)
		r = sd_bus_add_object_vtable(bus, NULL, PATH, NAME, vtable, NULL);
	if (r >= 0)
		r = sd_bus_request_name(bus, NAME, 0);
	if (r >= 0 && write(ready, "r", 1) != 1)
		r = -errno;
	while (r >= 0) {
		r = sd_bus_process(bus, NULL);
		if (r == 0)
			r = sd_bus_wait(bus, UINT64_MAX);
	}
	return 1;
}

static int echo(void *data)
{
	sd_bus_message *reply = NULL;
	const char *text;
	int r = sd_bus_call_method(data, NAME, PATH, NAME, "Echo", NULL, &reply, "s",
				   "hello, world");

	if (r >= 0)
		r = sd_bus_message_read(reply, "s", &text);
	sd_bus_message_unref(reply);
	return r;
}

static pid_t fork_service(const char *address)
{
	int fds[2];
	pid_t pid;
	char byte;

	if (pipe(fds) < 0)
		return -1;
	pid = fork();
	if (pid == 0)
		_exit(serve(address, fds[1]));
	close(fds[1]);
	if (read(fds[0], &byte, 1) != 1)
		fputs("rpc-bench-dbus: the service did not start\n", stderr);
	close(fds[0]);
	return pid;
}

int main(int argc, char **argv)
{
	sd_bus *bus;
	pid_t service;
	int r;

	if (argc != 3) {
		fputs("Usage: rpc-bench-dbus ADDRESS CALLS\n", stderr);
		return 2;
	}
	service = fork_service(argv[1]);
	r = open_bus(argv[1], &bus);
	if (r == 0)
		r = bench_calls(strtoul(argv[2], NULL, 10), echo, bus);
	if (r < 0)
		fprintf(stderr, "rpc-bench-dbus: %s\n", strerror(-r));
	kill(service, SIGKILL);
	waitpid(service, NULL, 0);
	return r < 0;
}
