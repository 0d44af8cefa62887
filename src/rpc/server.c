/*
 * A varlink server; see server.h for what it guarantees. This is the map of its files.
 *
 * A server is driven by libuv and owns: the listening socket (listen.c, accepting.c), the
 * connections (connection.c), the users they belong to (turns.c), the access map and its watch
 * (watch.c), two
 * lists of deadlines (deadline.c), and the interfaces with their methods (here). A connection owns
 * its socket, an input buffer (frame.c), an output buffer (output.c), the credentials of its peer,
 * and at most one call (call.c). A handler that keeps a call borrows it until it ends it, or is
 * told that it has ended.
 *
 * The life of a connection. It is accepted when neither its user nor all together have too many;
 * else it gets an error and is closed. Its class is looked up by the kernel's word about the peer,
 * and again when access.conf has changed. It is read while the buffer does not hold a whole
 * message, and a little beyond. It is closed by: the end of its input, once everything is answered;
 * a message that is none; a deadline; a peer that is gone; the end of the server. Closing frees
 * everything at once but the structure itself, which waits for libuv to let go of the handle: so
 * code that finds its connection closed under its feet can still ask whether it is.
 *
 * The life of a call. When a whole message has come, the connection waits for its user's turn. In
 * its turn (serve.c) the envelope is parsed (message.c, after shape.c has looked at it), then
 * the method is found, the class compared, the parameters checked, the handler called. The reply
 * is checked as well, and written as JSON into the output buffer. With the reply the call ends, and
 * the next message waits for a turn. A call that a handler keeps holds its connection: what comes
 * after it stays in the input buffer, and then in the peer's.
 *
 * A turn of the loop. libuv polls, and calls back for each socket that is ready: bytes are read,
 * and nothing more is done. Then on_check() serves one message of each user who has one, and writes
 * what has come together on each connection, with one system call. What timers, idle handles and
 * other libraries' callbacks have queued before the poll is written by on_prepare(). All three
 * handles run only while there is something: a server at rest has none that is active but its
 * sockets, and wakes up for nothing. While messages wait or output is dirty, the idle handle keeps
 * the poll from sleeping; timers and sockets get their share of each turn.
 *
 * Streams. Output that reaches a batch is offered to the kernel at once. What the kernel does not
 * take stays, up to RPC_OUTPUT_MAX; then replies are dropped and counted, and when the peer has
 * read what was there, the stream ends with Overrun. A handler that reads from a store asks
 * rpc_stream_ready() first, which says no after a batch in each turn; it goes on when called back.
 *
 * Who may end what. What handlers call never closes a connection and never calls them back: it
 * leaves marks, and the end of the turn acts on them. Handlers are called from serve(), from
 * call_flushed() and, when their calls end otherwise, from call_drop(), and nowhere else.
 */
#include <errno.h>
#include <malloc.h>
#include <stdarg.h>
#include <string.h>

#include "base/def.h"
#include "rpc/serverint.h"

void server_problem(struct rpc_server *s, const char *format, ...)
{
	_cleanup_free_ char *text = NULL;
	va_list ap;
	int n;

	if (!s->config.problem)
		return;
	va_start(ap, format);
	n = vasprintf(&text, format, ap);
	va_end(ap);
	if (n < 0) {
		text = NULL;
		return;
	}
	s->config.problem(s->config.data, text);
}

/* ---- interfaces and methods ---- */

const struct idl *server_find_idl(const struct rpc_server *s, const char *name, size_t len)
{
	for (size_t i = 0; i < s->idl_count; i++) {
		const char *other = s->idls[i]->name;

		if (strncmp(other, name, len) == 0 && other[len] == '\0')
			return s->idls[i];
	}
	return NULL;
}

static int compare_method(const void *a, const void *b)
{
	const struct method *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static int compare_idl(const void *a, const void *b)
{
	const struct idl *const *x = a, *const *y = b;

	return strcmp((*x)->name, (*y)->name);
}

const struct method *server_find_method(const struct rpc_server *s, const char *name)
{
	const struct method key = {.name = (char *)name};

	return bsearch(&key, s->methods, s->method_count, sizeof(*s->methods), compare_method);
}

static const struct rpc_method *find_handler(const struct rpc_method *methods, const char *name)
{
	while (methods->name && strcmp(methods->name, name) != 0)
		methods++;
	return methods->name ? methods : NULL;
}

/* Whether each method has a class and a handler, and each handler a method. Counts the methods. */
static int compare_with_table(struct rpc_server *s, const struct idl *idl,
			      const struct rpc_method *methods, size_t *ret_count)
{
	size_t count = 0;

	for (const struct rpc_method *m = methods; m->name; m++)
		if (!idl_find(idl, IDL_METHOD, m->name)) {
			server_problem(s, "%s has no method %s", idl->name, m->name);
			return -EINVAL;
		}
	for (size_t i = 0; i < idl->member_count; i++) {
		const struct idl_member *m = &idl->members[i];

		if (m->kind != IDL_METHOD)
			continue;
		if (m->access == ACCESS_NONE || !find_handler(methods, m->name)) {
			server_problem(s, "%s.%s has no %s", idl->name, m->name,
				       m->access == ACCESS_NONE ? "class of access" : "handler");
			return -EINVAL;
		}
		count++;
	}
	*ret_count = count;
	return 0;
}

/* There is room for all of them already; what was added before a failure is taken back. */
static int add_methods(struct rpc_server *s, const struct idl *idl,
		       const struct rpc_method *methods, void *data)
{
	size_t before = s->method_count;

	for (size_t i = 0; i < idl->member_count; i++) {
		const struct idl_member *m = &idl->members[i];
		struct method added = {.member = m, .idl = idl, .data = data};

		if (m->kind != IDL_METHOD)
			continue;
		added.handle = find_handler(methods, m->name)->handle;
		if (asprintf(&added.name, "%s.%s", idl->name, m->name) < 0) {
			while (s->method_count > before)
				free(s->methods[--s->method_count].name);
			return -ENOMEM;
		}
		s->methods[s->method_count++] = added;
	}
	return 0;
}

static int make_room(struct rpc_server *s, size_t method_count)
{
	void *grown = reallocarray(s->idls, s->idl_count + 1, sizeof(*s->idls));

	if (!grown)
		return -ENOMEM;
	s->idls = grown;
	/* One more, since none at all would be no allocation. */
	grown = reallocarray(s->methods, s->method_count + method_count + 1, sizeof(*s->methods));
	if (!grown)
		return -ENOMEM;
	s->methods = grown;
	return 0;
}

int rpc_server_add(struct rpc_server *s, const char *text, const struct rpc_method *methods,
		   void *data)
{
	_cleanup_(idl_free_p) struct idl *idl = NULL;
	_cleanup_free_ char *problem = NULL;
	size_t count;
	int r = idl_parse(text, strlen(text), false, &idl, &problem);

	if (r < 0 && problem)
		server_problem(s, "%s", problem);
	if (r == 0 && server_find_idl(s, idl->name, strlen(idl->name)))
		r = -EEXIST;
	if (r == 0)
		r = compare_with_table(s, idl, methods, &count);
	if (r == 0)
		r = make_room(s, count);
	if (r == 0)
		r = add_methods(s, idl, methods, data);
	if (r < 0)
		return r;
	s->idls[s->idl_count++] = take_ptr(idl);
	qsort(s->idls, s->idl_count, sizeof(*s->idls), compare_idl);
	qsort(s->methods, s->method_count, sizeof(*s->methods), compare_method);
	return 0;
}

/* ---- the end of a turn ---- */

static void flush_dirty(struct rpc_server *s)
{
	struct connection *c;

	/* What becomes dirty meanwhile is for the next turn. */
	for (unsigned n = s->dirty_count;
	     n && (c = list_first(&s->dirty, struct connection, flush)); n--)
		connection_flush(c);
}

static void on_idle(uv_idle_t *idle)
{
	/* That it runs is all: the poll does not sleep. */
}

static void rest(struct rpc_server *s)
{
	if (s->trim)
		malloc_trim(0);
	s->trim = false;
	if (s->closing)
		return;
	if (s->turns.count || s->dirty_count) {
		uv_idle_start(&s->idle, on_idle);
		return;
	}
	s->awake = false;
	uv_idle_stop(&s->idle);
	uv_prepare_stop(&s->prepare);
	uv_check_stop(&s->check);
}

static void on_prepare(uv_prepare_t *prepare)
{
	struct rpc_server *s = prepare->data;

	flush_dirty(s);
	rest(s);
}

static void on_check(uv_check_t *check)
{
	struct rpc_server *s = check->data;

	turns_run(&s->turns);
	flush_dirty(s);
	rest(s);
}

void server_wake(struct rpc_server *s)
{
	if (s->awake || s->closing)
		return;
	s->awake = true;
	uv_prepare_start(&s->prepare, on_prepare);
	uv_check_start(&s->check, on_check);
}

static void wake(void *data)
{
	server_wake(data);
}

/* ---- beginning and end ---- */

static void server_free(struct rpc_server *s)
{
	access_free(s->access);
	for (size_t i = 0; i < s->method_count; i++)
		free(s->methods[i].name);
	for (size_t i = 0; i < s->idl_count; i++)
		idl_free(s->idls[i]);
	free(s->methods);
	free(s->idls);
	free(s);
}

void server_handle_opened(struct rpc_server *s)
{
	s->open_handles++;
}

void server_handle_closed(struct rpc_server *s)
{
	if (--s->open_handles == 0 && s->closing)
		server_free(s);
}

void server_on_handle_closed(uv_handle_t *handle)
{
	server_handle_closed(handle->data);
}

/* The handles of a server, those of listening and watching aside. */
static void init_handles(struct rpc_server *s)
{
	uv_prepare_init(s->loop, &s->prepare);
	uv_check_init(s->loop, &s->check);
	uv_idle_init(s->loop, &s->idle);
	deadlines_init(&s->messages, s->loop, s->config.message_ms, connection_message_expired);
	deadlines_init(&s->stalls, s->loop, s->config.stall_ms, connection_stall_expired);
	s->prepare.data = s->check.data = s->idle.data = s;
	s->messages.timer.data = s->stalls.timer.data = s;
	s->open_handles = 5;
}

static void close_handles(struct rpc_server *s)
{
	uv_close((uv_handle_t *)&s->prepare, server_on_handle_closed);
	uv_close((uv_handle_t *)&s->check, server_on_handle_closed);
	uv_close((uv_handle_t *)&s->idle, server_on_handle_closed);
	uv_close((uv_handle_t *)&s->messages.timer, server_on_handle_closed);
	uv_close((uv_handle_t *)&s->stalls.timer, server_on_handle_closed);
}

static void set_defaults(struct rpc_server_config *config)
{
	config->message_ms = config->message_ms ?: RPC_MESSAGE_MS;
	config->stall_ms = config->stall_ms ?: RPC_STALL_MS;
	config->user_connections = config->user_connections ?: RPC_USER_CONNECTIONS;
	config->connections = config->connections ?: RPC_CONNECTIONS;
}

int rpc_server_new(uv_loop_t *loop, const struct rpc_server_config *config,
		   struct rpc_server **ret_server)
{
	struct rpc_server *s = calloc(1, sizeof(*s));
	int r;

	if (!s)
		return -ENOMEM;
	s->loop = loop;
	s->config = *config;
	set_defaults(&s->config);
	list_init(&s->connections);
	list_init(&s->dirty);
	turns_init(&s->turns, RPC_USER_BYTES, wake, serve, s);
	r = standard_add(s);
	if (r < 0) {
		server_free(s);
		return r;
	}
	/* From here on nothing fails. */
	init_handles(s);
	listen_init(s);
	watch_init(s);
	*ret_server = s;
	return 0;
}

void rpc_server_close(struct rpc_server *s)
{
	struct connection *c;

	if (s->closing)
		return;
	s->closing = true;
	listen_close(s);
	watch_close(s);
	while ((c = list_first(&s->connections, struct connection, link))) {
		connection_write(c);
		connection_close(c);
	}
	close_handles(s);
}
