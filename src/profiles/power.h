/*
 * The connection to io.leonhard.Power: puts a profile in force, and keeps it there.
 *
 * What is set belongs to the connection. When it is lost, the power API puts everything back, and
 * it is tried again from here, ever less often; so it is when something could not be set for now.
 */
#ifndef PROFILES_POWER_H
#define PROFILES_POWER_H

#include <jansson.h>
#include <uv.h>

#include "profiles/settings.h"
#include "rpc/client.h"

enum { POWER_REASON_BYTES = 192 };

struct power_ops {
	/* What the profile sets, as configured now. */
	const struct choice *(*choice)(void *data, enum profile profile);
	/* There is a new view. */
	void (*looked)(void *data);
	/* @profile is in force; or not, for @reason. It is not called for profiles that another
	 * power_apply() has overtaken. */
	void (*applied)(void *data, enum profile profile, int r, const char *reason);
};

struct power {
	uv_loop_t *loop;
	const char *root;
	const struct power_ops *ops;
	void *data;
	struct rpc_client *client; /* NULL: none */
	uv_timer_t retry;
	uint64_t pause_ms;
	enum profile wanted;
	bool busy, again, closing;
	json_t *view; /* owned; an empty one before the first look */
	json_t *sets; /* owned, while they are being set */
	size_t next, refused;
	int failed; /* why something could not be set for now; 0: nothing */
	char reason[POWER_REASON_BYTES];
};

/* -ENOMEM. */
int power_init(struct power *x, uv_loop_t *loop, const char *root, const struct power_ops *ops,
	       void *data);
void power_apply(struct power *x, enum profile profile);
/* Closes the handles; no callback is called any more. What was set is put back. */
void power_close(struct power *x);
/* After the loop. */
void power_deinit(struct power *x);

#endif
