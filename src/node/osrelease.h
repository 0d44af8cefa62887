/*
 * /etc/os-release (os-release(5)): assignments as a shell would read them.
 */
#ifndef NODE_OSRELEASE_H
#define NODE_OSRELEASE_H

/* The value of @key, the caller's; the last one counts. -ENOENT when there is none, -ENOMEM. */
int osrelease_find(const char *text, const char *key, char **ret_value);

#endif
