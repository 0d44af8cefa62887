/*
 * The daemon leonhard-webd: what its parts share.
 */
#ifndef WEBD_WEBD_H
#define WEBD_WEBD_H

#include <microhttpd.h>

#include "base/daemon.h"
#include "base/time.h"
#include "webd/assets.h"
#include "webd/catalog.h"
#include "webd/cert.h"
#include "webd/client.h"
#include "webd/session.h"
#include "webd/settings.h"

enum { LOGINS_MAX = 16 };

struct webd {
	struct daemon *daemon;
	struct assets assets;
	struct catalog catalog;
	struct sessions sessions;
	struct clients clients;
	unsigned login_count; /* attempts under way */

	/* http.c */
	struct MHD_Daemon *mhd;
	int listen_fd;
	bool watching; /* the handles are there */
	bool kicked;
	unsigned turns; /* of the library, since something has come */
	uv_poll_t listener, mhd_poll;
	uv_idle_t mhd_idle;
	uv_timer_t mhd_timer, sweep;
};

static inline const struct settings *webd_settings(const struct webd *w)
{
	return w->daemon->conf;
}

/* The clock of sessions: it goes on while the machine sleeps. */
static inline uint64_t webd_now_ns(void)
{
	return time_now_ns(CLOCK_BOOTTIME);
}

/* listen.c: opens the socket. Logs its own failure. */
int http_listen(struct webd *w);

/* http.c: serves it. Logs its own failure. */
int http_start(struct webd *w);
/* Ends every request that is under way, and the server. */
void http_stop(struct webd *w);
/* Something is there for the HTTP library to do. */
void http_kick(struct webd *w);

/* tls.c: reads the certificate, or keeps the one that there is. Logs what is wrong. */
int tls_load(struct webd *w);
void tls_unload(void);
/* For the HTTP library: gnutls_certificate_retrieve_function2. */
int tls_retrieve(gnutls_session_t session, const gnutls_datum_t *ca, int ca_count,
		 const gnutls_pk_algorithm_t *algorithms, int algorithm_count,
		 gnutls_pcert_st **ret_chain, unsigned *ret_count, gnutls_privkey_t *ret_key);

/* auth.c: ends a session, and what is done in it. */
void webd_end_session(struct webd *w, struct session *s);
/* Those that are over. */
void webd_sweep_sessions(struct webd *w);

#endif
