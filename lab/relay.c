/*
 * A running lab's control socket; see relay.h.
 */
#include "lab/relay.h"

#include <errno.h>
#include <sys/socket.h>

#include "base/def.h"

enum { CLIENT_COUNT_MAX = 16 };

struct client;

/* A client's stream, and the guest's stream that it has become. */
struct route {
	struct client *client;
	uint16_t id; /* 0: free */
	struct stream *stream; /* the session's; NULL until the command is complete */
	struct queue exec;
};

struct client {
	struct relay *relay;
	struct link link;
	bool gone;
	struct route routes[LAB_STREAM_COUNT_MAX];
};

struct relay {
	int fd;
	struct session *session;
	struct client *clients[CLIENT_COUNT_MAX];
};

/* From the guest to the client. A client that cannot be served is not the guest's fault. */
static int on_guest_frame(void *data, const struct lab_frame *f)
{
	struct route *route = data;
	struct client *c = route->client;

	if (link_send(&c->link, f->type, route->id, f->channel, f->payload, f->length) < 0)
		c->gone = true;
	if (f->type == LAB_EXIT) {
		route->stream = NULL;
		route->id = 0;
	}
	return 0;
}

static const struct stream_ops ops = {.frame = on_guest_frame};

static int on_exec(struct client *c, struct route *route, const struct lab_frame *f)
{
	int r;

	if (route->stream || route->exec.len + f->length > LAB_EXEC_BYTES_MAX)
		return -EPROTO;
	r = queue_append(&route->exec, f->payload, f->length);
	if (r < 0 || f->channel != 0)
		return r;
	r = session_exec(c->relay->session, queue_front(&route->exec), route->exec.len, &ops, route,
			 &route->stream);
	queue_deinit(&route->exec);
	return r;
}

static int on_data(struct client *c, struct route *route, const struct lab_frame *f)
{
	return session_data(c->relay->session, route->stream, f->payload, f->length);
}

static int on_eof(struct client *c, struct route *route, const struct lab_frame *f)
{
	return session_eof(c->relay->session, route->stream, f->channel);
}

static int on_credit(struct client *c, struct route *route, const struct lab_frame *f)
{
	return session_credit(c->relay->session, route->stream, f->channel,
			      lab_get_u32(f->payload));
}

static int on_kill(struct client *c, struct route *route, const struct lab_frame *f)
{
	return session_kill(c->relay->session, route->stream, lab_get_u32(f->payload));
}

static struct route *find_route(struct client *c, uint16_t id)
{
	for (size_t i = 0; i < ARRAY_SIZE(c->routes); i++)
		if (c->routes[i].id == id)
			return &c->routes[i];
	return NULL;
}

static int on_client_frame(void *data, const struct lab_frame *f)
{
	static int (*const handlers[])(struct client *, struct route *,
				       const struct lab_frame *) = {
		[LAB_EXEC] = on_exec,	  [LAB_DATA] = on_data, [LAB_EOF] = on_eof,
		[LAB_CREDIT] = on_credit, [LAB_KILL] = on_kill,
	};
	struct client *c = data;
	struct route *route;

	/* No client turns the guest off. */
	if (f->stream == 0 || f->type >= ARRAY_SIZE(handlers) || !handlers[f->type])
		return -EPROTO;
	route = find_route(c, f->stream);
	if (!route && f->type == LAB_EXEC) {
		route = find_route(c, 0);
		if (!route)
			return -EPROTO;
		*route = (struct route){.client = c, .id = f->stream};
	}
	/* The client may not know yet that its command has ended. */
	if (!route)
		return 0;
	if (!route->stream && f->type != LAB_EXEC)
		return -EPROTO;
	return handlers[f->type](c, route, f);
}

static void client_free(struct client *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(c->routes); i++) {
		if (c->routes[i].stream)
			session_abandon(c->relay->session, c->routes[i].stream);
		queue_deinit(&c->routes[i].exec);
	}
	link_deinit(&c->link);
	free(c);
}

static int client_new(struct relay *relay, int fd, struct client **ret_client)
{
	_cleanup_free_ struct client *c = calloc(1, sizeof(*c));
	int r;

	if (!c)
		return -ENOMEM;
	c->relay = relay;
	r = link_init(&c->link, fd, LAB_HOST, on_client_frame, c);
	if (r == 0)
		r = link_send_u32(&c->link, LAB_HELLO, 0, 0, LAB_VERSION);
	if (r < 0)
		return r;
	*ret_client = take_ptr(c);
	return 0;
}

/* The socket is in a directory of the user; this holds where somebody opened that up. */
static bool peer_allowed(int fd)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 &&
	       (peer.uid == geteuid() || peer.uid == 0);
}

static int on_connection(void *data, short revents)
{
	struct relay *relay = data;
	_cleanup_close_ int fd = accept4(relay->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0 || !peer_allowed(fd))
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(relay->clients); i++)
		if (!relay->clients[i]) {
			if (client_new(relay, fd, &relay->clients[i]) == 0)
				fd = -1;
			break;
		}
	return 0;
}

/* What a client does wrong ends the client, not the lab. */
static int on_client(void *data, short revents)
{
	struct client *c = data;
	int r = 0;

	if (revents & (POLLIN | POLLHUP | POLLERR))
		r = link_read(&c->link);
	if (r == 0)
		r = link_flush(&c->link);
	if (r < 0)
		c->gone = true;
	return 0;
}

int relay_new(int fd, struct session *session, struct relay **ret_relay)
{
	struct relay *r = calloc(1, sizeof(*r));

	if (!r)
		return -ENOMEM;
	r->fd = fd;
	r->session = session;
	*ret_relay = r;
	return 0;
}

void relay_drop_clients(struct relay *r)
{
	for (size_t i = 0; r && i < ARRAY_SIZE(r->clients); i++) {
		client_free(r->clients[i]);
		r->clients[i] = NULL;
	}
}

void relay_free(struct relay *r)
{
	if (!r)
		return;
	relay_drop_clients(r);
	cleanup_close_p(&r->fd);
	free(r);
}

static void sweep(struct relay *r)
{
	for (size_t i = 0; i < ARRAY_SIZE(r->clients); i++)
		if (r->clients[i] && r->clients[i]->gone) {
			client_free(r->clients[i]);
			r->clients[i] = NULL;
		}
}

void relay_poll(struct relay *r, struct pollset *ps)
{
	sweep(r);
	/* Until the guest is up, clients wait in the socket's backlog. */
	if (r->session->ready)
		pollset_add(ps, r->fd, POLLIN, on_connection, r);
	for (size_t i = 0; i < ARRAY_SIZE(r->clients); i++) {
		struct client *c = r->clients[i];

		if (!c)
			continue;
		/* A client that sends faster than the guest takes is not read from for now. */
		pollset_add(ps, c->link.fd,
			    (link_congested(&r->session->link) ? 0 : POLLIN) |
				    (c->link.out.len ? POLLOUT : 0),
			    on_client, c);
	}
}
