/*
 * The configuration of leonhard-pwrapis-writer.
 */
#ifndef PWRAPIS_WRITER_SETTINGS_H
#define PWRAPIS_WRITER_SETTINGS_H

#include "base/conf.h"

struct writer_settings {
	uint64_t journal_bytes;
	uint64_t retry_ns, longest_retry_ns;
};

extern const struct conf_table writer_settings_table;

#endif
