/*
 * The services of a machine: each has an interface that is installed, a name for people, and units.
 */
#ifndef LEO_SERVICE_H
#define LEO_SERVICE_H

#include <stdbool.h>
#include <stddef.h>

#include "rpc/idl.h"

struct service {
	char *name; /* "node" */
	char *interface; /* "io.leonhard.Node" */
	const char *daemon; /* "node": "pwrapis" has the name that it was published under */
	const char *package; /* "node", of "leonhard-node" */
	char *unit; /* "leonhard-node.service" */
	char *socket_unit; /* "leonhard-node.socket" */
	char *program; /* "/usr/lib/leonhard/leonhard-node" */
};

int service_init(const char *interface, struct service *ret_service);
void service_deinit(struct service *s);

/* Whether an interface is that of a service of ours: no other's, and not one that services share.
 */
bool service_has(const struct idl *idl);

struct service_list {
	struct service *items;
	size_t count;
};

/*
 * All that are installed, by name. An interface without a method is none, since services share it,
 * nor is one that is not ours. One whose file cannot be read is listed, so that it is seen.
 */
int service_list(int root_fd, struct service_list *ret_list);
void service_list_deinit(struct service_list *list);

#endif
