/*
 * What is asked of systemd on the system bus: AllowedCPUs= of units, until the next boot, and to
 * start or stop the services that the machine's table names. Names of units were checked. An answer
 * is waited for two seconds at most, the time to connect among them; then the connection is ended,
 * and the next question makes a new one. Nothing is watched: it wakes nobody up.
 */
#ifndef PWRAPIS_WRITER_UNITS_H
#define PWRAPIS_WRITER_UNITS_H

#include "pwrapis/machine/cgroup.h"

#define UNITS_SOCKET_PATH "/run/dbus/system_bus_socket"

struct units;

/* @root_fd is borrowed. Connects when it is asked. -ENOMEM. */
int units_new(int root_fd, struct units **ret_units);
void units_free(struct units *u);

/* For cgroup_use_units(): lives as long as @u. -ENOTCONN when there is no bus, -ETIMEDOUT. */
const struct cgroup_units *units_ops(const struct units *u);

#endif
