/*
 * How a service is: everything that can be found out about it from outside, gathered once.
 *
 * `leo status` shows the sum of it; `leo doctor` goes through it step by step.
 */
#ifndef LEO_HEALTH_H
#define LEO_HEALTH_H

#include "leo/endpoint.h"
#include "leo/leo.h"
#include "leo/service.h"
#include "leo/unit.h"
#include "rpc/client.h"

enum health_state {
	HEALTH_RUNNING, /* it answers */
	HEALTH_STARTING,
	HEALTH_ON_DEMAND, /* its socket unit listens, and starts it with the first connection */
	HEALTH_STOPPED,
	HEALTH_FAILED, /* it has ended by itself, and not well */
	HEALTH_SILENT, /* it listens, and does not answer, or not in varlink */
	HEALTH_FORBIDDEN, /* this person may not connect */
};

struct health {
	enum health_state state;
	bool manager; /* systemd runs here; else nothing is known of units */
	int asked; /* 0, or a negative errno: why systemd could not be asked */
	struct unit unit, socket_unit;
	struct endpoint endpoint;
	int answer; /* 0: it has told what it is; -ENOTCONN: not asked; else a negative errno */
	uint64_t answer_ns; /* how long that took */
	char *version; /* what it is, clean: "Leonhard node 0.1" */
	struct rpc_link *link; /* NULL without an answer */
	uint64_t since_ns, memory_bytes; /* 0: not known */
};

/* With @start a service that is started on demand is started; without, it is left alone. */
void health_look(struct leo *l, const struct service *s, bool start, struct health *ret_health);
void health_deinit(struct health *h);

/* "running", "not answering", ... */
const char *health_state_name(enum health_state state);

#endif
