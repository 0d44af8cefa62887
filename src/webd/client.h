/*
 * The connections of the HTTP server, and how long each may take.
 *
 * The HTTP library bounds the time between two bytes; here the time of a whole request is bounded,
 * so that a byte now and then gains nothing. For a new connection there is always room: the one
 * that has waited for longest without a request makes it. A connection with a request that is
 * being answered is never cut for another.
 *
 * A connection is cut by shutting its socket down: the library sees its end, and closes it.
 */
#ifndef WEBD_CLIENT_H
#define WEBD_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "core/list.h"

enum { CLIENT_TEXT_MAX = 48 };

struct clients {
	struct list waiting, busy; /* waiting: by age, without a request */
	unsigned count, max, per_address_max;
};

struct client {
	struct list_link at;
	struct clients *clients;
	int fd;
	bool busy, cut;
	uint64_t deadline_ms; /* 0: none */
	uint8_t address[16]; /* IPv6, or IPv4 within; of IPv6 the network alone */
	char text[CLIENT_TEXT_MAX];
};

void clients_init(struct clients *c);

/* -ENOMEM. */
int client_new(struct clients *c, int fd, const struct sockaddr *sa, struct client **ret_client);
void client_free(struct client *c);

/* Makes room for one more of that address, by cutting others; false when all of them are busy. */
bool clients_make_room(struct clients *c, const struct sockaddr *sa);

/* It waits for a request, or has one that is being answered, until then. */
void client_waits(struct client *c, uint64_t deadline_ms);
void client_works(struct client *c, uint64_t deadline_ms);
void client_cut(struct client *c);

/* Cuts those whose time is over. */
void clients_expire(struct clients *c, uint64_t now_ms);

#endif
