/*
 * Names of users and groups of a machine to ids, for what is configured by name.
 */
#ifndef RPC_ACCOUNTS_H
#define RPC_ACCOUNTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum account_kind { ACCOUNT_USER, ACCOUNT_GROUP, ACCOUNT_KINDS };

/*
 * Users and groups of one machine. Of our own they are asked for through NSS, so that those of a
 * directory service count; of a root that is another machine's, etc/passwd and etc/group say all.
 */
struct accounts {
	bool own; /* asks NSS, and holds no texts */
	char *texts[ACCOUNT_KINDS]; /* owned; NULL: there is none */
	size_t lens[ACCOUNT_KINDS];
};

/* On failure *@ret_path is a static text: what could not be read. */
int accounts_init(struct accounts *a, int root_fd, const char **ret_path);
void accounts_deinit(struct accounts *a);

/* -ESRCH: there is no such name. */
int accounts_find(const struct accounts *a, enum account_kind kind, const char *name,
		  uint32_t *ret_id);

#endif
