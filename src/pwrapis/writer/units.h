/*
 * Processors of units, by asking systemd on the system bus: AllowedCPUs=, until the next boot.
 *
 * The only thing that is asked of it is this property of a unit whose name was checked. An answer
 * is waited for two seconds at most, the time to connect among them; then the connection is ended,
 * and the next question makes a new one. Nothing is watched: it wakes nobody up.
 */
#ifndef PWRAPIS_WRITER_UNITS_H
#define PWRAPIS_WRITER_UNITS_H

#include "pwrapis/machine/cgroup.h"

#define UNITS_SOCKET_DIR "/run/dbus"
#define UNITS_SOCKET_NAME "system_bus_socket"

struct units;

/* @root_fd is borrowed. Connects when it is asked. -ENOMEM. */
int units_new(int root_fd, struct units **ret_units);
void units_free(struct units *u);
void units_free_p(struct units **u);

/* For cgroup_use_units(): lives as long as @u. -ENOTCONN when there is no bus, -ETIMEDOUT. */
const struct cgroup_units *units_ops(const struct units *u);

#endif
