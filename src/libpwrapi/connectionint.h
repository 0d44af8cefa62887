/*
 * What the halves of the connection share: connection.c asks, connectionread.c reads.
 */
#ifndef LIBPWRAPI_CONNECTIONINT_H
#define LIBPWRAPI_CONNECTIONINT_H

#include <pthread.h>
#include <stdbool.h>
#include <sys/un.h>

#include "libpwrapi/connection.h"
#include "libpwrapi/delivery.h"
#include "libpwrapi/wire.h"

/* A call that waits, on its own stack. It is in the list until it is done or gives up. */
struct waiter {
	struct waiter *next;
	uint32_t sequence;
	uint16_t operation;
	bool done;
	int result; /* when it is done */
	struct connection_reply reply;
	pthread_cond_t changed;
};

struct connection {
	struct sockaddr_un address;
	pthread_t thread;
	uint32_t pid;
	struct delivery *delivery;

	pthread_mutex_t lock; /* of all that follows */
	pthread_cond_t changed; /* @sending or @stopping did */
	unsigned refs;
	int fd; /* -1 while there is none; only the thread that reads closes it */
	bool up; /* requests can be sent */
	bool sending; /* by one call at a time, which does not hold the lock meanwhile */
	bool stopping;
	uint32_t sequence;
	struct waiter *waiters;
};

/* A negative errno, or the descriptor. */
int connection_open(const struct sockaddr_un *address);

void *connection_read(void *connection);

#endif
