/*
 * What another program has to say: started without a shell, with an end to waiting for it.
 */
#ifndef LEO_CHILD_H
#define LEO_CHILD_H

#include <stddef.h>

/*
 * Runs argv[0], looked for in $PATH, with nothing to read, and keeps at most @max bytes of what it
 * prints; its standard error is dropped. *@ret_status is its exit status, or 128 + the number of
 * the signal that ended it; *@ret_text, the caller's, is NUL-terminated.
 *
 * -ENOENT when there is no such program; -ETIMEDOUT after @timeout_ms, -EFBIG over @max, -EINTR
 * when a signal was handled: it and what it has started are killed then.
 */
int child_read(const char *const argv[], int timeout_ms, size_t max, char **ret_text,
	       int *ret_status);

#endif
