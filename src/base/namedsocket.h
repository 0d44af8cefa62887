/*
 * Unix sockets with a name below a root: to listen on, to connect to. Names are reached through a
 * descriptor of their directory, so that no link leads out of the root, and a long root does not
 * exceed the 107 bytes that an address has.
 */
#ifndef BASE_NAMEDSOCKET_H
#define BASE_NAMEDSOCKET_H

#include <stdbool.h>
#include <sys/stat.h>

/* A socket's place in the file system. */
struct namedsocket {
	int dir_fd; /* -1: there is none */
	char *name; /* owned */
	struct stat stat;
};

/*
 * Makes the socket, in a directory of mode 0755: bound under another name, listening, then renamed,
 * so that it appears when it can be connected to, not before. What a killed daemon has left is
 * replaced; -EADDRINUSE when somebody listens; -EEXIST for what is no socket. With @lock a file
 * beside it lets one starter in at a time, so that of two that find a stale socket the second finds
 * the live one of the first. It does not block, and everybody may connect (mode 0666): who may do
 * what is decided by the peer's credentials. @type is SOCK_STREAM or SOCK_SEQPACKET.
 */
int namedsocket_make(int root_fd, const char *path, int type, bool lock,
		     struct namedsocket *ret_socket, int *ret_fd);

/* Connects without waiting: -EAGAIN when too many wait for the one who listens. */
int namedsocket_connect(int root_fd, const char *path, int type, int *ret_fd);

/* Removes the name while it is still that of this socket, and frees. */
void namedsocket_remove(struct namedsocket *s);

#endif
