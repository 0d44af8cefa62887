/*
 * What a client's process id is in its own PID namespace: its library puts that number into
 * requests, and the kernel tells us the one that it has in ours.
 *
 * Nothing is decided by it: who a client is, is the kernel's word about its connection. It is
 * looked up so that a number that is not the client's is refused, as published.
 */
#ifndef PWRAPIS_OWNPID_H
#define PWRAPIS_OWNPID_H

#include <sys/types.h>

/* The innermost number of the line NSpid in the text of /proc/PID/status; -EBADMSG. */
int ownpid_parse(const char *text, pid_t *ret_pid);

/*
 * Of the process that has connected @fd, which is @pid here. -ESRCH when it is gone: its number may
 * be another's by then, and is not looked up; or why it cannot be known.
 */
int ownpid_read(int root_fd, int fd, pid_t pid, pid_t *ret_pid);

#endif
