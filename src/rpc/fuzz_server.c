/*
 * Fuzzes a whole connection of the server: whatever a peer with every right sends, the server sends
 * replies that are ones, forgets the connection when the peer has gone, and tells every handler.
 *
 * The first byte says in pieces of which size the rest is sent.
 */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/def.h"
#include "rpc/serverint.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static const char text[] = "interface a.b\n"
			   "# access: observe\n"
			   "method Echo(value: object, more: ?[]int) -> (value: object)\n"
			   "# access: observe\n"
			   "method Keep() -> ()\n"
			   "# access: admin\n"
			   "method Stream(count: int) -> (number: int)\n"
			   "# access: observe\n"
			   "method Wrong() -> (number: int)\n";

static unsigned kept_count, closed_count;

static void echo(struct rpc_call *call, const json_t *parameters, void *data)
{
	rpc_reply(call, json_pack("{sO}", "value", json_object_get(parameters, "value")));
}

static void on_closed(struct rpc_call *call, void *data)
{
	closed_count++;
}

static void keep(struct rpc_call *call, const json_t *parameters, void *data)
{
	kept_count++;
	rpc_call_on_closed(call, on_closed, NULL);
}

static void stream(struct rpc_call *call, const json_t *parameters, void *data)
{
	json_int_t count = json_integer_value(json_object_get(parameters, "count"));

	if (!rpc_expect_more(call))
		return;
	for (json_int_t i = 0; i < count && i < 1000; i++)
		rpc_stream(call, json_pack("{sI}", "number", i));
	rpc_reply(call, json_pack("{sI}", "number", (json_int_t)-1));
}

static void wrong(struct rpc_call *call, const json_t *parameters, void *data)
{
	rpc_reply(call, json_pack("{ss}", "number", "none"));
}

static const struct rpc_method methods[] = {
	{"Echo", echo}, {"Keep", keep}, {"Stream", stream}, {"Wrong", wrong}, {},
};

static struct rpc_server *make_server(uv_loop_t *loop)
{
	struct rpc_server_config config = {.product = "fuzz", .version = "1"};
	struct rpc_server *s;

	/* A root without access.conf. */
	config.root_fd = open("/proc/self/fdinfo", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (uv_loop_init(loop) < 0 || rpc_server_new(loop, &config, &s) < 0 ||
	    rpc_server_add(s, text, methods, NULL) < 0)
		abort();
	return s;
}

/* Reads what there is; every message must be a reply. */
static void check_replies(int fd, struct frame *f)
{
	static char bytes[FRAME_READ_BYTES];
	const char *message;
	ssize_t n;
	size_t len;

	while ((n = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT)) > 0) {
		if (frame_add(f, bytes, n) < 0)
			abort();
		while (frame_peek(f, &message, &len) == 1) {
			struct message_reply reply;
			char reason[MESSAGE_REASON_MAX];

			if (message_parse_reply(message, len, &reply, reason) < 0)
				abort();
			message_reply_deinit(&reply);
			frame_consume(f);
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static uv_loop_t loop;
	static struct rpc_server *s;
	struct frame f = {};
	size_t piece = len ? 1 + bytes[0] * 8 : 1;
	int fds[2];

	if (!s)
		s = make_server(&loop);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
		abort();
	connection_accept(s, fds[0]);
	for (size_t at = 1; at < len; at += piece) {
		size_t n = len - at < piece ? len - at : piece;

		send(fds[1], bytes + at, n, MSG_NOSIGNAL | MSG_DONTWAIT);
		uv_run(&loop, UV_RUN_NOWAIT);
		check_replies(fds[1], &f);
	}
	shutdown(fds[1], SHUT_WR);
	for (size_t i = 0; i < 4 + len / 8; i++) {
		uv_run(&loop, UV_RUN_NOWAIT);
		check_replies(fds[1], &f);
	}
	close(fds[1]);
	/* What it still has to do ends. */
	for (size_t i = 0; s->connection_count; i++) {
		assert(i < 10 + len);
		uv_run(&loop, UV_RUN_NOWAIT);
	}
	assert(kept_count == closed_count);
	assert(!s->turns.count && !s->dirty_count && list_is_empty(&s->turns.users));
	frame_deinit(&f);
	return 0;
}
