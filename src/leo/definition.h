/*
 * What an interface is: asked of the service, or read from the file that is installed.
 */
#ifndef LEO_DEFINITION_H
#define LEO_DEFINITION_H

#include "leo/leo.h"
#include "rpc/client.h"
#include "rpc/idl.h"

/* Asks the service at the other end of @link. -EREMOTEIO: it does not serve the interface; -EPROTO:
 * what it has sent is no interface; or an errno of rpc_link_call(). */
int definition_ask(struct rpc_link *link, const char *interface, struct idl **ret_idl);

/* "ListPowers(group: ?string)"; the caller's. */
int definition_signature(const struct idl_member *m, char **ret_text);

#endif
