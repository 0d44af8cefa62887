/*
 * What consumes: a process, all ended ones of one name in a group, what else a group has used,
 * threads of the kernel, and idling. Each is known by its name, and counted by who holds it: the
 * processes that live, and the intervals of the window.
 */
#ifndef PWRAPIS_ATTRIB_CONSUMER_H
#define PWRAPIS_ATTRIB_CONSUMER_H

#include <sys/types.h>

#include "pwrapis/attrib/groups.h"

enum { CONSUMER_NAME_BYTES = 64, CONSUMERS_MAX = 8192 };

enum consumer_kind {
	CONSUMER_PROCESS, /* one that was seen living */
	CONSUMER_ENDED, /* those of this name and user that were never seen living */
	CONSUMER_REST, /* of a group: no process that is known */
	CONSUMER_KERNEL, /* threads of the kernel */
	CONSUMER_IDLE,
};

struct consumer {
	enum consumer_kind kind;
	char name[CONSUMER_NAME_BYTES]; /* bytes */
	pid_t pid; /* of a process */
	uid_t uid; /* of those that are of one */
	struct group *group; /* held; NULL: idling */
	unsigned refs;
	struct consumer *next; /* of the table's */
	/* Of whoever adds up, between two of its steps. */
	uint64_t sum_ns, sum_uj;
	size_t row;
};

struct consumers {
	struct consumer *first;
	size_t count;
};

/* Held by the caller. NULL: no memory, or too many. @group may be NULL. */
struct consumer *consumer_new(struct consumers *all, enum consumer_kind kind, const char *name,
			      struct group *group);
/* One that is there already, for the kinds that are one for a name (and user) in a group; or new.
 */
struct consumer *consumer_get(struct consumers *all, enum consumer_kind kind, const char *name,
			      uid_t uid, struct group *group);
struct consumer *consumer_ref(struct consumer *c);
void consumer_unref(struct consumers *all, struct consumer *c); /* takes NULL */

#endif
