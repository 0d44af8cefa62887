/*
 * Listening stream sockets with a name in a directory that is reached through a descriptor, so that
 * no link leads out of the root, and a long root does not exceed the 107 bytes that an address has.
 */
#ifndef BASE_NAMEDSOCKET_H
#define BASE_NAMEDSOCKET_H

/* Whether the name is free for us: 0; -EADDRINUSE when somebody listens; -EEXIST for no socket. */
int namedsocket_check_free(int dir_fd, const char *name);

/* Replaces what has the name. It does not block, and everybody may connect (mode 0666): who may do
 * what is decided by the peer's credentials. */
int namedsocket_bind(int dir_fd, const char *name, int *ret_fd);

#endif
