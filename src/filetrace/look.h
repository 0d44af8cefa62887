/*
 * Looking at a path: what it is now, and its content.
 *
 * Nothing is opened that could block or have an effect: no device, no pipe, no mount by automount.
 * A link is looked at itself. A file that changes while it is read is read once more by the caller,
 * who knows generations; here it is only made sure that size and content belong together.
 */
#ifndef FILETRACE_LOOK_H
#define FILETRACE_LOOK_H

#include "filetrace/record.h"

struct look {
	struct state state; /* without sha256 until look_hash() */
	char *content; /* of a file, or the target of a link; NULL: none, or too large */
	size_t len;
	int fd; /* of what was looked at, O_PATH or O_RDONLY; -1 when absent */
};

/*
 * @path is absolute, below @root_fd (base/fs.h); symbolic links on the way, not at its end, are
 * followed within the root. A path that is not there is absent, and no failure; one that cannot be
 * reached, since a file system refuses or fails, is STATE_OTHER, and nothing more is known of it.
 * So no file makes it fail: failures are of memory or descriptors. A file over
 * @max_bytes has a state without content. state.key is as the file system tells (stat); callers
 * put the source's in its place.
 */
int look_at(int root_fd, const char *path, size_t max_bytes, struct look *ret_look);
void look_deinit(struct look *l);
/* Sets state.sha256, and state.hashed, where there is content. */
int look_hash(struct look *l);

/* Metadata alone, for files that have not changed otherwise. */
int look_state(int root_fd, const char *path, struct state *ret_state);

/* SHA-256 of @len bytes. */
int sha256_of(const void *bytes, size_t len, struct sha256 *ret_sha256);

#endif
