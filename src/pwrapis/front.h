/*
 * The varlink front, io.leonhard.Power: what its files share. README.md tells of it.
 *
 * It stands on what the wire stands on: the machine, leases, the link to the privileged half, the
 * token. Its own are readings that are done in slices (reading.c), and holders (holding.c): a
 * connection that has set something, or a user who keeps something set.
 */
#ifndef PWRAPIS_FRONT_H
#define PWRAPIS_FRONT_H

#include "pwrapis/catalogue.h"
#include "pwrapis/pwrapis.h"
#include "pwrapis/reading.h"
#include "rpc/server.h"

#define FRONT_INTERFACE "io.leonhard.Power"

struct front {
	struct pwrapis *p;
	struct rpc_server *server;
	struct list holders;
	struct list settings, releases; /* that wait for the privileged half */
};

extern const struct rpc_method front_methods[];

/* Whether a call that is here by a grant may be about the item; any other may. */
bool front_may(const struct front *f, const struct rpc_call *call, unsigned item);
/* Ends a call that may not. */
void front_deny(struct rpc_call *call);

/* front.c. Logs its failures. */
int front_open(struct pwrapis *p);
void front_close(struct pwrapis *p); /* its connections end; the loop must run on */
void front_free(struct pwrapis *p); /* when the loop has ended */

/* The item of that name. False: there is none, or the call may not be about it, and has ended. */
bool front_find(const struct front *f, struct rpc_call *call, const char *name, unsigned *ret_item);

/* setting.c, release.c: methods whose @data is the front */
void front_set(struct rpc_call *call, const json_t *parameters, void *data);
void front_release(struct rpc_call *call, const json_t *parameters, void *data);
void front_list_settings(struct rpc_call *call, const json_t *parameters, void *data);

/* watching.c */
void front_watch(struct rpc_call *call, const json_t *parameters, void *data);

/* past.c */
void front_list_series(struct rpc_call *call, const json_t *parameters, void *data);
void front_history(struct rpc_call *call, const json_t *parameters, void *data);
void front_statistics(struct rpc_call *call, const json_t *parameters, void *data);

/* sched/status.c */
void front_scheduling(struct rpc_call *call, const json_t *parameters, void *data);

/* consumers.c */
void front_consumers(struct rpc_call *call, const json_t *parameters, void *data);

/* signs.c */
void front_health(struct rpc_call *call, const json_t *parameters, void *data);

/* ---- holders ---- */

struct holder {
	struct list_link link;
	struct pwrapis *p;
	uid_t uid;
	pid_t pid; /* of the connection; of what is kept, of the last one */
	bool kept; /* of a user, not of a connection */
	bool gone; /* its connection is */
	unsigned pending; /* settings that wait for the privileged half */
	struct lease lease;
};

/* That of the connection, and what its user keeps: NULL when there is none. */
struct holder *holder_of_connection(const struct rpc_call *call);
struct holder *holder_of_user(struct front *f, uid_t uid);
/* That of the connection or of its user, made if there is none. NULL: no memory. */
struct holder *holder_get(struct front *f, struct rpc_call *call, bool keep);
void holder_free_if_gone(struct holder *h);
/* Those that wait for the privileged half. */
void settings_free(struct front *f);
/* The privileged half is gone, and has put everything back. */
void holders_lost(struct front *f);
void holders_free(struct front *f);

#endif
