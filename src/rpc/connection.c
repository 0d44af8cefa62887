/*
 * A connection of the server: accepting, reading, writing, closing; see server.c for its life.
 *
 * What is called by handlers (through call.c) never closes a connection: it marks it, and the end
 * of the turn does the rest. So a handler's data stays what it is while the handler runs.
 */
#include <assert.h>
#include <errno.h>
#include <sys/socket.h>

#include "base/def.h"
#include "rpc/serverint.h"

_Static_assert(sizeof(struct connection) < 768, "a connection at rest is to cost under 1 KiB");

enum access_class connection_class(struct connection *c)
{
	const struct rpc_server *s = c->server;

	if (c->class_generation != s->access_generation)
		c->class = watch_class_of(s, &c->peer);
	c->class_generation = s->access_generation;
	return c->class;
}

bool connection_is_granted(const struct connection *c)
{
	const struct rpc_server_config *config = &c->server->config;

	return config->granted && config->granted(config->data, &c->peer);
}

bool connection_is_let_in(struct connection *c)
{
	return connection_class(c) != ACCESS_NONE || connection_is_granted(c);
}

void connection_mark_dirty(struct connection *c)
{
	struct rpc_server *s = c->server;

	if (list_is_linked(&c->flush) || c->closing)
		return;
	s->dirty_count++;
	list_add_last(&s->dirty, &c->flush);
	server_wake(s);
}

static void unmark_dirty(struct connection *c)
{
	if (!list_is_linked(&c->flush))
		return;
	c->server->dirty_count--;
	list_remove(&c->flush);
}

static void on_closed(uv_handle_t *handle)
{
	struct connection *c = handle->data;

	peer_deinit(&c->peer);
	server_handle_closed(c->server);
	free(c);
}

bool connection_within_bytes(const struct connection *c)
{
	return turns_within_bytes(&c->server->turns, c->turn.user);
}

void connection_account(struct connection *c)
{
	size_t bytes = c->in.cap + c->out.cap;

	if (bytes == c->accounted_bytes)
		return;
	turns_account(&c->server->turns, c->turn.user, bytes - c->accounted_bytes);
	c->accounted_bytes = bytes;
}

static void release_buffers(struct connection *c)
{
	c->server->trim |= c->in.cap > TRIM_BYTES || c->out.cap > TRIM_BYTES;
	frame_deinit(&c->in);
	output_deinit(&c->out);
	connection_account(c);
	if (c->server->trim)
		server_wake(c->server);
}

void connection_close(struct connection *c)
{
	struct rpc_server *s = c->server;

	if (c->closing)
		return;
	c->closing = true;
	/* First of all: who is told of the end of the call may close the server. */
	list_remove(&c->link);
	s->connection_count--;
	if (c->call)
		call_drop(c->call);
	if (c->state)
		c->gone(c->state);
	unmark_dirty(c);
	turns_remove(&s->turns, &c->turn);
	deadline_clear(&s->messages, &c->message);
	deadline_clear(&s->stalls, &c->stall);
	release_buffers(c);
	turns_user_put(&s->turns, c->turn.user);
	uv_close((uv_handle_t *)&c->poll, on_closed);
	close(take_fd(&c->fd));
	accepting_resume(&s->accepting);
}

void connection_refuse(struct connection *c, const char *error, json_t *parameters)
{
	json_auto_t *owned = parameters;

	if (message_write_error(&c->out, error, owned) == 0)
		output_flush(&c->out, c->fd);
	connection_close(c);
}

/* ---- writing ---- */

static void on_poll(uv_poll_t *poll, int status, int events);

static void watch(struct connection *c, int events)
{
	if (events == c->events)
		return;
	c->events = events;
	uv_poll_start(&c->poll, events, on_poll);
}

/*
 * What is queued when the peer stops reading must be gone by the deadline; then the next deadline
 * is about what was queued meanwhile. So a slow reader goes on, and one that takes a byte now and
 * then does not.
 */
static void set_blocked(struct connection *c, bool blocked)
{
	struct deadlines *stalls = &c->server->stalls;

	c->blocked = blocked;
	if (!blocked) {
		deadline_clear(stalls, &c->stall);
		watch(c, c->events & ~UV_WRITABLE);
		return;
	}
	watch(c, c->events | UV_WRITABLE);
	if (deadline_is_set(&c->stall) && c->out.written < c->stall_until)
		return;
	c->stall_until = c->out.written + c->out.len;
	deadline_set(stalls, &c->stall);
}

void connection_write(struct connection *c)
{
	size_t cap = c->out.cap;
	int r;

	if (c->lost)
		return;
	r = output_flush(&c->out, c->fd);
	if (r < 0) {
		c->lost = true;
		return;
	}
	c->server->trim |= !c->out.cap && cap > OUTPUT_TRIM_BYTES;
	set_blocked(c, r == 1);
	connection_account(c);
}

/* The peer will send nothing more, and has got everything that it asked for. */
static bool finished(struct connection *c)
{
	return c->ended && !c->call && !turn_is_awaited(&c->turn) && c->out.len == 0;
}

void connection_flush(struct connection *c)
{
	unmark_dirty(c);
	connection_write(c);
	c->turn_bytes = 0;
	if (c->call && !c->lost)
		call_flushed(c->call);
	if (c->lost || finished(c))
		connection_close(c);
}

void connection_stall_expired(struct deadline *d)
{
	struct connection *c = d->owner;
	uint64_t until = c->stall_until;

	/* When it was us who were late, the peer is given what it has made room for. */
	connection_flush(c);
	if (!c->closing && c->blocked && c->out.written < until)
		connection_close(c);
}

/* ---- reading ---- */

/*
 * What libuv is to look for. While a call is kept and nothing is read, a hang-up is seen by asking
 * for urgent data, which nobody sends; while messages wait for a turn, that they are served is more
 * than a look for a peer that is gone.
 */
static int wanted_events(const struct connection *c, bool whole)
{
	bool reads = !c->ended && (!whole || frame_len(&c->in) < INPUT_AHEAD_BYTES);
	int events = c->blocked ? UV_WRITABLE : 0;

	if (reads)
		return events | UV_READABLE;
	return c->call ? events | UV_PRIORITIZED : events;
}

/*
 * A message that has begun has a deadline, and another one for its turn, which serve() clears; a
 * peer that may not call anything has one, too.
 */
static void update_deadline(struct connection *c, bool whole)
{
	struct deadlines *messages = &c->server->messages;
	bool part = !whole && frame_len(&c->in);

	if (turn_is_awaited(&c->turn))
		return;
	if (whole && !c->call && !c->serving) {
		turns_add(&c->server->turns, &c->turn);
		deadline_set(messages, &c->message);
	} else if (!part && (c->call || connection_is_let_in(c)))
		deadline_clear(messages, &c->message);
	else if (!deadline_is_set(&c->message))
		deadline_set(messages, &c->message);
}

void connection_update(struct connection *c)
{
	const char *text;
	size_t len;
	bool whole;

	if (c->closing)
		return;
	whole = frame_peek(&c->in, &text, &len) == 1;
	if (c->ended && !whole)
		frame_deinit(&c->in);
	update_deadline(c, whole);
	if (finished(c))
		connection_mark_dirty(c);
	watch(c, wanted_events(c, whole));
	connection_account(c);
}

static void refuse_message(struct connection *c, const char *reason)
{
	connection_refuse(c, RPC_OWN "InvalidMessage", json_pack("{ss}", "reason", reason));
}

static const char user_full[] = "too many bytes of this user wait already";

/* 0, or -ECONNRESET when the connection was closed. */
static int receive(struct connection *c)
{
	char bytes[FRAME_READ_BYTES];
	ssize_t n = recv(c->fd, bytes, sizeof(bytes), MSG_DONTWAIT);
	int r = n < 0 ? -errno : frame_add(&c->in, bytes, n);

	c->ended = n == 0;
	if (r == 0 || r == -EAGAIN || r == -EINTR)
		return 0;
	connection_close(c);
	return -ECONNRESET;
}

static void read_on(struct connection *c)
{
	const char *text;
	size_t len;

	if (frame_len(&c->in) >= INPUT_AHEAD_BYTES && !connection_within_bytes(c)) {
		refuse_message(c, user_full);
		return;
	}
	if (receive(c) < 0)
		return;
	if (frame_len(&c->in) && !connection_is_let_in(c))
		connection_refuse(c, RPC_STANDARD "PermissionDenied", NULL);
	else if (frame_peek(&c->in, &text, &len) == -EMSGSIZE)
		refuse_message(c, "the message is too long");
	else
		connection_update(c);
}

/* What waits behind calls that are kept may hold up a user for good: no turn will come. */
static void turn_expired(struct connection *c)
{
	if (connection_within_bytes(c))
		deadline_set(&c->server->messages, &c->message);
	else
		refuse_message(c, user_full);
}

void connection_message_expired(struct deadline *d)
{
	struct connection *c = d->owner;
	const char *text;
	size_t len;

	if (turn_is_awaited(&c->turn)) {
		turn_expired(c);
		return;
	}
	/* When it was us who were late, the rest may have come. */
	if (!c->ended)
		read_on(c);
	if (c->closing || frame_peek(&c->in, &text, &len) == 1)
		return;
	connection_refuse(c,
			  connection_is_let_in(c) ? RPC_OWN "MessageTimeout"
						  : RPC_STANDARD "PermissionDenied",
			  NULL);
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
	struct connection *c = poll->data;

	if (status < 0 || (events & UV_PRIORITIZED)) {
		connection_close(c);
		return;
	}
	if (events & UV_WRITABLE)
		connection_flush(c);
	if ((events & UV_READABLE) && !c->closing)
		read_on(c);
}

/* ---- accepting ---- */

/* The limit that one more connection of @peer would break, or 0. */
static unsigned limit_reached(struct rpc_server *s, const struct peer *peer,
			      enum access_class class)
{
	struct user *u = turns_user_find(&s->turns, peer->uid);
	unsigned max = s->config.connections;

	if (u && u->uid != 0 && u->connection_count >= s->config.user_connections)
		return s->config.user_connections;
	/* Whoever else fills the table, an administrator can come and look. */
	if (class != ACCESS_ADMIN)
		max -= max / ADMIN_SHARE;
	return s->connection_count >= max ? s->config.connections : 0;
}

void connection_refuse_socket(int fd, unsigned limit)
{
	json_auto_t *parameters = json_pack("{si}", "limit", limit);
	struct output o = {};

	if (message_write_error(&o, RPC_OWN "TooManyConnections", parameters) == 0)
		output_flush(&o, fd);
	output_deinit(&o);
}

static int connection_new(struct rpc_server *s, int fd, uid_t uid,
			  struct connection **ret_connection)
{
	_cleanup_free_ struct connection *c = calloc(1, sizeof(*c));
	int r;

	if (!c)
		return -ENOMEM;
	c->turn.user = turns_user_get(&s->turns, uid);
	if (!c->turn.user)
		return -ENOMEM;
	r = uv_poll_init(s->loop, &c->poll, fd);
	if (r < 0) {
		turns_user_put(&s->turns, c->turn.user);
		return r;
	}
	c->poll.data = c;
	c->server = s;
	c->turn.owner = c->message.owner = c->stall.owner = c;
	server_handle_opened(s);
	list_add_last(&s->connections, &c->link);
	s->connection_count++;
	*ret_connection = take_ptr(c);
	return 0;
}

void connection_accept(struct rpc_server *s, int fd)
{
	_cleanup_close_ int owned = fd;
	_cleanup_(peer_deinit) struct peer peer = {};
	struct connection *c;
	enum access_class class;
	unsigned limit;

	if (peer_of_socket(fd, &peer) < 0)
		return;
	class = watch_class_of(s, &peer);
	limit = limit_reached(s, &peer, class);
	if (limit) {
		connection_refuse_socket(fd, limit);
		return;
	}
	if (connection_new(s, fd, peer.uid, &c) < 0)
		return;
	c->fd = take_fd(&owned);
	c->peer = peer;
	peer = (struct peer){};
	c->class = class;
	c->class_generation = s->access_generation;
	connection_update(c);
}
