/*
 * A service has replied with an error: what that means for the person, and what to try.
 */
#ifndef LEO_REFUSAL_H
#define LEO_REFUSAL_H

#include "leo/talk.h"

/* Tells it; returns the status. @link is asked for the interface, to know what was expected. */
int refusal_tell(struct leo *l, struct rpc_link *link, const struct talk *t, const char *error,
		 const json_t *parameters);

#endif
