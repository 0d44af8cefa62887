/*
 * The daemon leonhard-power-exporter: what its parts share.
 */
#ifndef EXPORTER_EXPORTER_H
#define EXPORTER_EXPORTER_H

#include <microhttpd.h>

#include "base/daemon.h"
#include "base/namedsocket.h"
#include "exporter/guests.h"
#include "exporter/look.h"
#include "exporter/settings.h"
#include "rpc/accepting.h"

struct exporter {
	struct daemon *daemon;
	struct look look;
	struct guests guests;
	struct list parked; /* requests that wait for a look */

	/* http.c */
	struct MHD_Daemon *mhd;
	int listen_fd; /* until it is served */
	struct namedsocket socket; /* of a path that is ours */
	bool watching;
	struct accepting accepting;
	uv_poll_t mhd_poll;
	uv_timer_t mhd_timer;
	uv_idle_t mhd_idle;
};

static inline const struct settings *exporter_settings(const struct exporter *e)
{
	return e->daemon->conf;
}

/* listen.c: takes systemd's socket, or makes one. Logs its own failure. */
int exporter_listen(struct exporter *e);

/* http.c: serves it. Logs its own failure. */
int http_start(struct exporter *e);
void http_stop(struct exporter *e);
/* Answers all requests that wait, with the text, which it takes; NULL: there was no memory. */
void http_answer(struct exporter *e, char *text, size_t len);

#endif
