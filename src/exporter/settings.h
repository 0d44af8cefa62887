/*
 * Settings of leonhard-power-exporter.
 */
#ifndef EXPORTER_SETTINGS_H
#define EXPORTER_SETTINGS_H

#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/conf.h"

/* Where to listen: a Unix socket's path, or an address and port. */
struct endpoint {
	char path[sizeof(((struct sockaddr_un *)NULL)->sun_path)]; /* "": none */
	struct sockaddr_storage address;
	socklen_t len;
};

struct settings {
	struct endpoint listen;
	uint64_t connections;
	uint64_t request_timeout_ns, idle_timeout_ns, service_timeout_ns;
};

extern const struct conf_table settings_table;

/* "/run/x.sock", "127.0.0.1:9436", "[::1]:9436". -EINVAL. */
int endpoint_parse(const char *text, struct endpoint *ret_endpoint);

#endif
