/*
 * The configuration of leonhard-trace: /etc/leonhard/trace.conf (base/conf.h).
 */
#ifndef FILETRACE_TRACE_SETTINGS_H
#define FILETRACE_TRACE_SETTINGS_H

#include <stdint.h>

#include "base/conf.h"

struct settings {
	uint64_t follow_settle_ns;
	uint64_t read_memory_bytes;
	uint64_t watch_timeout_ns;
	uint64_t health_free_percent;
};

extern const struct conf_table settings_table;

#endif
