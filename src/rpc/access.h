/*
 * Who may do what: /etc/leonhard/access.conf maps users and groups of this machine to classes.
 *
 *	[observe]
 *	users = *
 *	groups = adm
 *	[control]
 *	groups = leonhard-control
 *
 * A person gets the highest class that names one of their user, group or supplementary groups.
 * "*" is everybody. Root is always admin; without a file nobody else is anything. Names that the
 * machine does not know are skipped (and reported, so that a daemon can log them); numbers are
 * taken as ids.
 */
#ifndef RPC_ACCESS_H
#define RPC_ACCESS_H

#include <stddef.h>
#include <sys/types.h>

#include "rpc/idl.h"

#define ACCESS_PATH "/etc/leonhard/access.conf"

struct access;

/* The peer of a connected Unix socket, as the kernel knew it at connect(). */
struct peer {
	pid_t pid;
	uid_t uid;
	gid_t gid;
	gid_t *groups; /* owned */
	size_t group_count;
};

int peer_of_socket(int fd, struct peer *ret_peer);
void peer_deinit(struct peer *p);

/*
 * Loads the file below @root_fd; one that is missing is an empty one. -EINVAL with *@ret_problem as
 * of conf_load(). *@ret_unknown: a NULL-terminated vector of names skipped (str_vector_free()).
 */
int access_load(int root_fd, const char *path, struct access **ret_access, char ***ret_unknown,
		char **ret_problem);
void access_free(struct access *a);

enum access_class access_class_of(const struct access *a, const struct peer *p);

#endif
