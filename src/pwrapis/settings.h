/*
 * The configuration of leonhard-pwrapis.
 */
#ifndef PWRAPIS_SETTINGS_H
#define PWRAPIS_SETTINGS_H

#include "base/conf.h"

/* Grants and priorities name accounts; who they are is looked up when they are loaded (who.h). */
enum {
	SETTINGS_ACCOUNT_BYTES = 64,
	SETTINGS_GRANTS_MAX = 64,
	SETTINGS_PRIORITIES_MAX = 32,
	SETTINGS_PRIORITY_MAX = 100,
	SETTINGS_PRIORITY_USUAL = 50,
};

struct settings_pair {
	char account[SETTINGS_ACCOUNT_BYTES];
	unsigned value; /* the number of an item, or a priority */
};

struct settings_grants {
	unsigned count;
	struct settings_pair list[SETTINGS_GRANTS_MAX];
};

struct settings_priorities {
	unsigned count;
	struct settings_pair list[SETTINGS_PRIORITIES_MAX];
};

struct settings {
	char *sock_file;
	uint64_t sessions, sessions_per_user;
	uint64_t message_timeout_ns, stall_timeout_ns, writer_timeout_ns;
	struct settings_grants grant_users, grant_groups;
	struct settings_priorities priorities;
};

extern const struct conf_table settings_table;

#endif
