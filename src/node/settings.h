/*
 * The configuration of leonhard-node: /etc/leonhard/node.conf (base/conf.h).
 */
#ifndef NODE_SETTINGS_H
#define NODE_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/conf.h"

struct settings {
	uint64_t probe_timeout_ns;
	uint64_t watch_settle_ns;
	bool probe_at_start;
};

extern const struct conf_table settings_table;

#endif
