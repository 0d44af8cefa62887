/*
 * Connections and their time; see client.h.
 */
#include "webd/client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "base/def.h"

enum { NETWORK_BYTES = 8 };

void clients_init(struct clients *c)
{
	*c = (struct clients){};
	list_init(&c->waiting);
	list_init(&c->busy);
}

static void address_of(const struct sockaddr *sa, uint8_t address[16])
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

	memset(address, 0, 16);
	if (sa->sa_family == AF_INET6) {
		memcpy(address, &((const struct sockaddr_in6 *)sa)->sin6_addr, 16);
	} else if (sa->sa_family == AF_INET) {
		memcpy(address, mapped, sizeof(mapped));
		memcpy(address + 12, &((const struct sockaddr_in *)sa)->sin_addr, 4);
	}
	if (memcmp(address, mapped, sizeof(mapped)) != 0)
		memset(address + NETWORK_BYTES, 0, 16 - NETWORK_BYTES);
}

static void write_text(const struct sockaddr *sa, const uint8_t address[16],
		       char text[CLIENT_TEXT_MAX])
{
	const struct sockaddr_in6 *in6 = (const void *)sa;

	if (address[10] == 0xff && address[11] == 0xff)
		inet_ntop(AF_INET, address + 12, text, CLIENT_TEXT_MAX);
	else if (sa->sa_family == AF_INET6)
		inet_ntop(AF_INET6, &in6->sin6_addr, text, CLIENT_TEXT_MAX);
}

int client_new(struct clients *c, int fd, const struct sockaddr *sa, struct client **ret_client)
{
	struct client *one = calloc(1, sizeof(*one));

	if (!one)
		return -ENOMEM;
	one->clients = c;
	one->fd = fd;
	address_of(sa, one->address);
	write_text(sa, one->address, one->text);
	list_add_last(&c->waiting, &one->at);
	c->count++;
	*ret_client = one;
	return 0;
}

void client_free(struct client *c)
{
	list_remove(&c->at);
	c->clients->count--;
	free(c);
}

static void move(struct client *c, bool busy, uint64_t deadline_ms)
{
	list_remove(&c->at);
	list_add_last(busy ? &c->clients->busy : &c->clients->waiting, &c->at);
	c->busy = busy;
	c->deadline_ms = deadline_ms;
}

void client_waits(struct client *c, uint64_t deadline_ms)
{
	move(c, false, deadline_ms);
}

void client_works(struct client *c, uint64_t deadline_ms)
{
	move(c, true, deadline_ms);
}

void client_cut(struct client *c)
{
	if (!c->cut)
		shutdown(c->fd, SHUT_RDWR);
	c->cut = true;
}

static unsigned count_in(struct list *l, const uint8_t *address, struct client **ret_oldest)
{
	unsigned count = 0;
	struct client *one;

	for (list_each(one, l, at)) {
		if (one->cut || (address && memcmp(one->address, address, 16) != 0))
			continue;
		if (count++ == 0 && ret_oldest)
			*ret_oldest = one;
	}
	return count;
}

/* Of one address, or of all when it is NULL. */
static bool make_room(struct clients *c, const uint8_t *address, unsigned max)
{
	struct client *oldest = NULL;
	unsigned count =
		count_in(&c->waiting, address, &oldest) + count_in(&c->busy, address, NULL);

	if (count < max)
		return true;
	if (oldest)
		client_cut(oldest);
	return oldest;
}

bool clients_make_room(struct clients *c, const struct sockaddr *sa)
{
	uint8_t address[16];

	address_of(sa, address);
	if (c->count >= c->per_address_max && !make_room(c, address, c->per_address_max))
		return false;
	return c->count < c->max || make_room(c, NULL, c->max);
}

static void expire(struct list *l, uint64_t now_ms)
{
	struct client *one;

	for (list_each(one, l, at)) {
		if (one->deadline_ms && one->deadline_ms <= now_ms)
			client_cut(one);
	}
}

void clients_expire(struct clients *c, uint64_t now_ms)
{
	expire(&c->waiting, now_ms);
	expire(&c->busy, now_ms);
}
