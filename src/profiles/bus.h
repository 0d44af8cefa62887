/*
 * A connection of sd-bus on a libuv loop.
 *
 * It wakes up for what arrives, for what can be written, and for the deadlines of calls; at rest
 * for nothing.
 */
#ifndef PROFILES_BUS_H
#define PROFILES_BUS_H

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-bus.h>
#include <uv.h>

struct bus {
	sd_bus *bus; /* owned; NULL: there is none */
	uv_poll_t poll;
	uv_prepare_t prepare;
	uv_timer_t timer;
	int events; /* that are polled for now */
	uint64_t deadline_us; /* that the timer runs for; UINT64_MAX: it does not */
	void (*lost)(void *data, int r);
	void *data;
	bool open;
};

/* Connects to the system's bus, or to that of $DBUS_SYSTEM_BUS_ADDRESS, in the background. @lost is
 * called at most once, from the loop. */
int bus_open(struct bus *b, uv_loop_t *loop, void (*lost)(void *data, int r), void *data);
/* What the bus has not taken by now is dropped. Slots must be gone. */
void bus_close(struct bus *b);

#endif
