/*
 * The configuration of leonhard-filetrace: /etc/leonhard/filetrace.conf (base/conf.h).
 */
#ifndef FILETRACE_CAPTURE_SETTINGS_H
#define FILETRACE_CAPTURE_SETTINGS_H

#include <stdint.h>

#include "base/conf.h"

/* The order of the words that capture.backend takes. */
enum backend { BACKEND_AUTO, BACKEND_LSM, BACKEND_TRACEPOINT, BACKEND_FANOTIFY };

struct settings {
	char **watch_paths, **watch_ignore;
	uint64_t content_max_bytes;
	/* struct store_limits of store.h */
	uint64_t store_content_bytes, store_records, store_age_ns, store_free_bytes;
	unsigned backend; /* enum backend */
	uint64_t ring_bytes; /* a power of two */
};

extern const struct conf_table settings_table;

#endif
