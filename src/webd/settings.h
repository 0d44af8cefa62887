/*
 * The configuration of leonhard-webd.
 */
#ifndef WEBD_SETTINGS_H
#define WEBD_SETTINGS_H

#include "base/conf.h"

struct settings {
	char *address;
	uint64_t port, connections, connections_per_address;
	uint64_t request_timeout_ns, idle_timeout_ns, call_timeout_ns, stall_timeout_ns;
	uint64_t session_idle_ns, session_absolute_ns;
};

extern const struct conf_table settings_table;

#endif
