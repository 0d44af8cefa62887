/*
 * The powers: which there are, and what is known of each now.
 */
#ifndef NODE_POWERS_H
#define NODE_POWERS_H

#include <jansson.h>

#include "node/finding.h"
#include "node/machine.h"

struct result;

enum power_origin {
	FROM_TRIAL, /* of the probe */
	FROM_PROC,
	FROM_SYS,
};

struct power {
	const char *name, *group;
	enum power_origin from;
	/*
	 * Fills a zeroed finding from files; NULL for a trial. Findings hold nothing that changes
	 * by itself, such as a temperature: watchers are told of changes.
	 */
	void (*read)(const struct machine *m, const char *argument, struct finding *f);
	const char *argument;
};

/* In the order in which they are shown. */
extern const struct power powers[];
extern const unsigned power_count;

/* The place of a power that needs a trial, or -ENOENT. */
int powers_find_trial(const char *name);

/*
 * An array of Power (api/io.leonhard.Node.varlink), the caller's: of all groups, or with @group of
 * one.
 * @result is the last of the probe, or NULL. -ENOMEM.
 */
int powers_collect(const struct machine *m, const struct result *result, const char *group,
		   json_t **ret_powers);

#endif
