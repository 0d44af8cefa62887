/*
 * The daemon leonhard-webd-login: what its parts share.
 */
#ifndef WEBD_LOGIN_LOGIN_H
#define WEBD_LOGIN_LOGIN_H

#include <sys/types.h>

#include "base/daemon.h"
#include "core/list.h"
#include "webd/login/attempt.h"
#include "webd/login/limit.h"
#include "webd/login/settings.h"

enum {
	LOGIN_VISITS_MAX = 64 + 16, /* connections of webd: as many as it has attempts, and more */
	LOGIN_CHILDREN_MAX = 64 + 16, /* sessions of webd, and attempts */
};

struct login {
	struct daemon *daemon;
	uid_t webd_uid; /* who may ask */
	uv_poll_t listener;
	uv_signal_t reaper;
	int listen_fd, bridge_dir_fd;
	char *pam_dir;
	struct limit users, addresses;
	struct list visits; /* visit.c */
	unsigned visit_count, attempt_count, child_count;
};

static inline const struct login_settings *login_settings(const struct login *l)
{
	return l->daemon->conf;
}

/* listen.c: takes the socket of the service manager, or makes one below the root. */
int login_listen(struct login *l, int *ret_fd);

/* visit.c: one connection of webd: its record, the attempt, the answer. Takes @fd. */
void visit_new(struct login *l, int fd);
void visit_close_all(struct login *l);
/* A child has ended, whose id was @pid. */
void visit_reaped(struct login *l, pid_t pid);

#endif
