/*
 * rpc-testservice ROOT [LIMITS]: the service of the tests, io.leonhard.Test, on a server below
 * ROOT.
 *
 * Prints "ready" on a line once clients can connect, and runs until SIGTERM. The limits are those
 * of struct rpc_server_config; 0 is the usual one. Exits with 1 when it cannot serve.
 */
#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <string.h>

#include "base/def.h"
#include "base/fs.h"
#include "core/list.h"
#include "rpc/client.h"
#include "rpc/server.h"

extern const char api_test[];

enum { GRANTED = 12350 };

struct service {
	uv_loop_t loop;
	uv_signal_t terminate;
	struct rpc_server *server;
	struct list held; /* of struct kept */
	unsigned held_count, closed_count, echo_count;
	bool revoked; /* the grant of GRANTED */
	json_t *problems;
};

/* A call that is kept: to be released, or a stream. */
struct kept {
	struct service *service;
	struct rpc_call *call;
	struct list_link link; /* of those that wait for Release */
	uv_timer_t timer; /* of Ticks */
	json_int_t number, count;
	char *filler;
};

static json_int_t get_int(const json_t *parameters, const char *name)
{
	return json_integer_value(json_object_get(parameters, name));
}

/* ---- answers at once ---- */

static void echo(struct rpc_call *call, const json_t *parameters, void *data)
{
	struct service *s = data;

	s->echo_count++;
	rpc_reply(call, json_copy((json_t *)parameters));
}

static void sum(struct rpc_call *call, const json_t *parameters, void *data)
{
	json_t *numbers = json_object_get(parameters, "numbers"), *number;
	uint64_t total = 0;
	size_t i;

	json_array_foreach(numbers, i, number)
	{
		total += json_integer_value(number);
	}
	rpc_reply(call, json_pack("{sI}", "sum", (json_int_t)total));
}

static void nest(struct rpc_call *call, const json_t *parameters, void *data)
{
	rpc_reply(call, json_copy((json_t *)parameters));
}

static void who(struct rpc_call *call, const json_t *parameters, void *data)
{
	const struct peer *p = rpc_call_peer(call);

	rpc_reply(call,
		  json_pack("{sI sI ss}", "uid", (json_int_t)p->uid, "pid", (json_int_t)p->pid,
			    "class", access_class_name(rpc_call_class(call))));
}

static void counts(struct rpc_call *call, const json_t *parameters, void *data)
{
	const struct service *s = data;

	rpc_reply(call, json_pack("{si si si}", "held", s->held_count, "closed", s->closed_count,
				  "echoed", s->echo_count));
}

static char *make_filler(json_int_t size)
{
	char *text = malloc(size + 1);

	assert(text);
	memset(text, 'x', size);
	text[size] = '\0';
	return text;
}

static void large(struct rpc_call *call, const json_t *parameters, void *data)
{
	_cleanup_free_ char *text = make_filler(get_int(parameters, "size"));

	rpc_reply(call, json_pack("{ss}", "text", text));
}

static void problems(struct rpc_call *call, const json_t *parameters, void *data)
{
	const struct service *s = data;

	rpc_reply(call, json_pack("{sO}", "texts", s->problems));
}

static void nothing(struct rpc_call *call, const json_t *parameters, void *data)
{
	rpc_reply(call, NULL);
}

/* ---- answers that are none ---- */

static void bad_reply(struct rpc_call *call, const json_t *parameters, void *data)
{
	rpc_reply(call, json_pack("{ss}", "sum", "many"));
}

static void bad_stream(struct rpc_call *call, const json_t *parameters, void *data);

static void bad_error(struct rpc_call *call, const json_t *parameters, void *data)
{
	rpc_error(call, "io.leonhard.Test.Unheard", NULL);
}

static void refuse(struct rpc_call *call, const json_t *parameters, void *data)
{
	rpc_error(call, "io.leonhard.Test.Refused", json_pack("{ss}", "reason", "as asked"));
}

static void fail(struct rpc_call *call, const json_t *parameters, void *data)
{
	rpc_failed(call, -EIO, "the disk is gone");
}

/* ---- kept calls ---- */

static void on_timer_closed(uv_handle_t *handle)
{
	free(handle->data);
}

static void kept_free(struct kept *k)
{
	if (list_is_linked(&k->link)) {
		list_remove(&k->link);
		k->service->held_count--;
	}
	free(k->filler);
	uv_close((uv_handle_t *)&k->timer, on_timer_closed);
}

static void on_closed(struct rpc_call *call, void *data)
{
	struct kept *k = data;

	k->service->closed_count++;
	kept_free(k);
}

static struct kept *keep(struct service *s, struct rpc_call *call)
{
	struct kept *k = calloc(1, sizeof(*k));

	assert(k);
	k->service = s;
	k->call = call;
	uv_timer_init(&s->loop, &k->timer);
	k->timer.data = k;
	rpc_call_on_closed(call, on_closed, k);
	return k;
}

static void hold(struct rpc_call *call, const json_t *parameters, void *data)
{
	struct service *s = data;

	list_add_last(&s->held, &keep(s, call)->link);
	s->held_count++;
}

static void release(struct rpc_call *call, const json_t *parameters, void *data)
{
	struct service *s = data;
	struct kept *k;
	unsigned released = 0;

	while ((k = list_first(&s->held, struct kept, link))) {
		rpc_reply(k->call, json_pack("{ss}", "text", "released"));
		kept_free(k);
		released++;
	}
	rpc_reply(call, json_pack("{si}", "released", released));
}

static void end(struct service *s)
{
	if (uv_is_closing((uv_handle_t *)&s->terminate))
		return;
	rpc_server_close(s->server);
	uv_close((uv_handle_t *)&s->terminate, NULL);
}

static void on_last_closed(struct rpc_call *call, void *data)
{
	end(data);
}

static void last(struct rpc_call *call, const json_t *parameters, void *data)
{
	rpc_call_on_closed(call, on_last_closed, data);
}

/* ---- streams ---- */

static json_t *filled(const struct kept *k)
{
	return json_pack("{sI ss}", "number", k->number, "filler", k->filler);
}

static struct kept *keep_stream(struct service *s, struct rpc_call *call, const json_t *parameters)
{
	struct kept *k = keep(s, call);

	k->count = get_int(parameters, "count");
	k->filler = make_filler(get_int(parameters, "size"));
	return k;
}

/* A stream that has overrun stays, until it is told that it is over. */
static void stream(struct rpc_call *call, const json_t *parameters, void *data)
{
	struct kept *k;
	int r = 0;

	if (!rpc_expect_more(call))
		return;
	k = keep_stream(data, call, parameters);
	for (; k->number < k->count - 1; k->number++)
		r = rpc_stream(call, filled(k));
	if (r < 0) {
		rpc_stream(call, filled(k));
		return;
	}
	rpc_reply(call, filled(k));
	kept_free(k);
}

static void feed(struct rpc_call *call, void *data)
{
	struct kept *k = data;

	for (; k->number < k->count - 1; k->number++) {
		if (!rpc_stream_ready(call)) {
			rpc_stream_on_drain(call, feed, k);
			return;
		}
		/* A failure here would show as a gap. */
		rpc_stream(call, filled(k));
	}
	rpc_reply(call, filled(k));
	kept_free(k);
}

static void store(struct rpc_call *call, const json_t *parameters, void *data)
{
	if (rpc_expect_more(call))
		feed(call, keep_stream(data, call, parameters));
}

static void on_tick(uv_timer_t *timer)
{
	struct kept *k = timer->data;

	rpc_stream(k->call, json_pack("{sI}", "number", k->number++));
}

static void ticks(struct rpc_call *call, const json_t *parameters, void *data)
{
	json_int_t interval = get_int(parameters, "interval");

	if (rpc_expect_more(call))
		uv_timer_start(&keep(data, call)->timer, on_tick, 0, interval);
}

static void bad_stream(struct rpc_call *call, const json_t *parameters, void *data)
{
	if (!rpc_expect_more(call))
		return;
	keep(data, call);
	rpc_stream(call, json_pack("{si}", "sum", 1));
	rpc_stream(call, json_pack("{ss}", "sum", "many"));
	rpc_stream(call, json_pack("{si}", "sum", 3));
}

static void by_grant(struct rpc_call *call, const json_t *parameters, void *data)
{
	rpc_reply(call, json_pack("{sb}", "by_grant", rpc_call_by_grant(call)));
}

static void take_back(struct rpc_call *call, const json_t *parameters, void *data)
{
	struct service *s = data;

	s->revoked = true;
	rpc_reply(call, NULL);
}

static const struct rpc_method methods[] = {
	{"Echo", echo},		 {"Sum", sum},
	{"Nest", nest},		 {"Who", who},
	{"Stream", stream},	 {"Store", store},
	{"Ticks", ticks},	 {"Hold", hold},
	{"Release", release},	 {"Last", last},
	{"Counts", counts},	 {"Large", large},
	{"BadReply", bad_reply}, {"BadStream", bad_stream},
	{"BadError", bad_error}, {"Refuse", refuse},
	{"Fail", fail},		 {"Control", nothing},
	{"Admin", nothing},	 {"ByGrant", by_grant},
	{"GrantedTicks", ticks}, {"Revoke", take_back},
	{"Problems", problems},	 {},
};

/* ---- the process ---- */

static void on_terminate(uv_signal_t *handle, int sig)
{
	end(handle->data);
}

static void on_problem(void *data, const char *text)
{
	struct service *s = data;

	json_array_append_new(s->problems, json_string(text));
}

static bool is_granted(void *data, const struct peer *peer)
{
	const struct service *s = data;

	return peer->uid == GRANTED && !s->revoked;
}

static int start(struct service *s, int root_fd, const struct rpc_server_config *limits)
{
	struct rpc_server_config config = *limits;
	int r;

	config.product = "test service";
	config.version = "1";
	config.root_fd = root_fd;
	config.problem = on_problem;
	config.granted = is_granted;
	config.data = s;
	r = rpc_server_new(&s->loop, &config, &s->server);
	if (r < 0)
		return r;
	r = rpc_server_add(s->server, api_test, methods, s);
	if (r == 0)
		r = rpc_server_listen(s->server, RPC_SOCKET_DIR "/io.leonhard.Test");
	if (r < 0)
		rpc_server_close(s->server);
	return r;
}

static int run(const char *root, const struct rpc_server_config *limits)
{
	_cleanup_close_ int root_fd = -1;
	struct service s = {.problems = json_array()};
	int r = fs_open_root(root, &root_fd);

	assert(uv_loop_init(&s.loop) == 0);
	list_init(&s.held);
	if (r == 0)
		r = start(&s, root_fd, limits);
	if (r == 0) {
		uv_signal_init(&s.loop, &s.terminate);
		s.terminate.data = &s;
		uv_signal_start(&s.terminate, on_terminate, SIGTERM);
		puts("ready");
		fflush(stdout);
	}
	uv_run(&s.loop, UV_RUN_DEFAULT);
	/* Whatever is left open is a mistake of the server's. */
	if (uv_loop_close(&s.loop) < 0)
		abort();
	json_decref(s.problems);
	return r;
}

int main(int argc, char **argv)
{
	struct rpc_server_config limits = {};
	unsigned *const fields[] = {&limits.message_ms, &limits.stall_ms, &limits.user_connections,
				    &limits.connections};
	int r;

	if (argc < 2 || argc > 2 + (int)ARRAY_SIZE(fields)) {
		fputs("Usage: rpc-testservice ROOT [MESSAGE-MS [STALL-MS [USER-CONNECTIONS "
		      "[CONNECTIONS]]]]\n",
		      stderr);
		return 2;
	}
	for (int i = 2; i < argc; i++)
		*fields[i - 2] = strtoul(argv[i], NULL, 10);
	r = run(argv[1], &limits);
	if (r < 0)
		fprintf(stderr, "rpc-testservice: %s\n", strerror(-r));
	return r < 0;
}
