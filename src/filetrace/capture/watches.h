/*
 * The list of what is under watch, with who asked for it and what is wrong with it: that of the
 * configuration and of the last request.
 */
#ifndef FILETRACE_CAPTURE_WATCHES_H
#define FILETRACE_CAPTURE_WATCHES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct capture;

struct watch {
	char *path; /* pattern, owned */
	const char *problem; /* static; NULL: it is in effect */
	uint64_t files; /* that it covers, when it was last told */
	bool user;
	bool fresh; /* not in effect before: what is there is taken as it is */
};

struct watches {
	struct watch *items;
	size_t count;
	size_t *effective, effective_count; /* those without a problem, as the set numbers them */
	uint64_t request; /* number of the one in effect */
	uint64_t files; /* under watch, when it was last told */
	bool told; /* the store has it */
	bool stale; /* files have come or gone since */
	uint64_t told_ns; /* CLOCK_BOOTTIME */
};

void watches_deinit(struct watches *w);

/* Fills the empty set and list of @c. */
int watches_load(struct capture *c);
/* Reads the request again; the set is another when *@ret_changed. */
int watches_request(struct capture *c, bool *ret_changed);

/* Whether @path is under watch only by a pattern that is fresh; and from now on none is. */
bool watches_is_fresh(const struct capture *c, const char *path);
void watches_settled(struct capture *c);

/* Put list and status into the store, where they are others than there. */
int watches_tell(struct capture *c);
int status_tell(struct capture *c);

#endif
