/*
 * The daemon leonhard-pwrapis-writer: what its parts share.
 */
#ifndef PWRAPIS_WRITER_WRITER_H
#define PWRAPIS_WRITER_WRITER_H

#include <sys/types.h>

#include "base/daemon.h"
#include "pwrapis/writer/keeper.h"
#include "pwrapis/writer/settings.h"
#include "pwrapis/writer/units.h"

struct writer {
	struct daemon *daemon;
	uid_t client_uid; /* who may ask */
	struct machine *machine;
	struct units *units;
	struct keeper *keeper;
	char *boot_id;
	int journal_dir_fd, listen_fd, client_fd; /* -1: none */
	uint64_t wait_ns; /* until the next attempt to put back; 0: nothing is owed */
	bool watching; /* the handles are there */
	uv_poll_t listener, client;
	uv_timer_t retry;
};

static inline const struct writer_settings *writer_settings(const struct writer *w)
{
	return w->daemon->conf;
}

/* listen.c: takes the socket of the service manager, or makes one below the root. */
int writer_listen(struct writer *w, int *ret_fd);

/* client.c: the one connection there is. While it is there, another one waits in the socket's
 * queue. */
int client_watch(struct writer *w);
/* Everything is put back. */
void client_close(struct writer *w);
void client_stop(struct writer *w);
/* Sees to it that what is owed is tried again. */
void client_arm_retry(struct writer *w);

#endif
