/*
 * The socket of a service, looked at from outside: is it there, whose is it, does somebody listen.
 */
#ifndef LEO_ENDPOINT_H
#define LEO_ENDPOINT_H

#include <stdbool.h>
#include <sys/types.h>

struct endpoint {
	int folder; /* 0: the folder of the sockets is there, else a negative errno */
	mode_t folder_mode;
	uid_t folder_uid;
	int file; /* likewise for the socket; -ENOTSOCK when it is something else */
	mode_t mode; /* permissions */
	uid_t uid;
	int connected; /* likewise for the connection; -ENOTCONN when it was not tried */
	pid_t pid; /* of who listens: with socket activation the service manager; 0: not known */
};

/* Looks at /run/leonhard/@interface below the root; with @try_connect connects, which can start a
 * service that is started on demand. */
void endpoint_look(int root_fd, const char *interface, bool try_connect,
		   struct endpoint *ret_endpoint);

#endif
