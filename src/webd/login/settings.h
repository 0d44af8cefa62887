/*
 * The configuration of leonhard-webd-login.
 */
#ifndef WEBD_LOGIN_SETTINGS_H
#define WEBD_LOGIN_SETTINGS_H

#include "base/conf.h"

struct login_settings {
	bool allow_root;
	uint64_t attempts, free_failures, free_failures_address;
	uint64_t timeout_ns, failure_delay_ns, longest_wait_ns, forgive_ns;
};

extern const struct conf_table login_settings_table;

#endif
