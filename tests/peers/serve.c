/*
 * Our server of org.varlink.certification; see certify.h.
 *
 * The published file says nothing about access, which our server insists on: a line is put above
 * each method before the text is given to it.
 */
#include "certify.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/random.h>

#include "base/def.h"
#include "base/fs.h"
#include "base/io.h"
#include "base/str.h"
#include "rpc/client.h"
#include "rpc/server.h"
#include "steps.h"

enum { CLIENTS = 8, ID_SIZE = 17, INTERFACE_MAX = 64 * 1024 };

/* Whoever called Start; when the table is full the oldest is forgotten. */
struct client {
	char id[ID_SIZE]; /* "" when free */
	bool passed[STEPS_COUNT];
};

struct certify {
	struct client clients[CLIENTS];
	unsigned next;
	uv_loop_t loop;
	uv_signal_t term;
	struct rpc_server *server;
};

static struct client *find(struct certify *c, const json_t *parameters)
{
	const char *id = json_string_value(json_object_get(parameters, "client_id"));

	for (size_t i = 0; i < CLIENTS; i++)
		if (*c->clients[i].id && str_equal(c->clients[i].id, id))
			return &c->clients[i];
	return NULL;
}

static void on_start(struct rpc_call *call, const json_t *parameters, void *data)
{
	struct certify *c = data;
	struct client *client = &c->clients[c->next++ % CLIENTS];
	uint64_t number;

	if (getrandom(&number, sizeof(number), 0) != sizeof(number)) {
		rpc_failed(call, -errno, "no random numbers");
		return;
	}
	*client = (struct client){};
	snprintf(client->id, ID_SIZE, "%016jx", (uintmax_t)number);
	rpc_reply(call, json_pack("{ss}", "client_id", client->id));
}

static void refuse(struct rpc_call *call, const struct step *s, const json_t *got)
{
	rpc_error(call, STEPS_INTERFACE ".CertificationError",
		  json_pack("{so, sO}", "wants", steps_value(s->takes), "got", got));
}

static void stream(struct rpc_call *call, const struct step *s)
{
	json_t *replies = steps_value(s->gives);
	size_t count = json_array_size(replies);
	int r = 0;

	for (size_t i = 0; r == 0 && i + 1 < count; i++)
		r = rpc_stream(call, json_incref(json_array_get(replies, i)));
	/* A stream that could not go on has ended itself. */
	if (r == 0)
		rpc_reply(call, json_incref(json_array_get(replies, count - 1)));
	json_decref(replies);
}

static bool fits(const struct step *s, const json_t *parameters, const char *client_id)
{
	json_t *wanted = steps_arguments(s, client_id);
	bool same = steps_equal(wanted, parameters);

	json_decref(wanted);
	return same;
}

static void step(struct rpc_call *call, const json_t *parameters, struct certify *c, size_t index)
{
	const struct step *s = &steps[index];
	struct client *client = find(c, parameters);

	if (!client) {
		rpc_error(call, STEPS_INTERFACE ".ClientIdError", NULL);
		return;
	}
	if (!fits(s, parameters, client->id) || (s->kind == STEP_STREAM && !rpc_call_more(call))) {
		refuse(call, s, parameters);
		return;
	}
	client->passed[index] = true;
	if (s->kind == STEP_STREAM)
		stream(call, s);
	else
		rpc_reply(call, steps_value(s->gives));
}

static void on_end(struct rpc_call *call, const json_t *parameters, void *data)
{
	struct client *client = find(data, parameters);
	bool all = true;

	if (!client) {
		rpc_error(call, STEPS_INTERFACE ".ClientIdError", NULL);
		return;
	}
	for (size_t i = 0; i < STEPS_COUNT; i++)
		all &= client->passed[i];
	*client = (struct client){};
	rpc_reply(call, json_pack("{sb}", "all_ok", all));
}

/* A handler is not told which method it serves: each step has its own. */
#define HANDLER(number)                                                                          \
	static void on_test##number(struct rpc_call *call, const json_t *parameters, void *data) \
	{                                                                                        \
		step(call, parameters, data, number - 1);                                        \
	}

HANDLER(1)
HANDLER(2)
HANDLER(3)
HANDLER(4)
HANDLER(5)
HANDLER(6)
HANDLER(7)
HANDLER(8)
HANDLER(9)
HANDLER(10)
HANDLER(11)

static const struct rpc_method methods[] = {
	{"Start", on_start},   {"Test01", on_test1},
	{"Test02", on_test2},  {"Test03", on_test3},
	{"Test04", on_test4},  {"Test05", on_test5},
	{"Test06", on_test6},  {"Test07", on_test7},
	{"Test08", on_test8},  {"Test09", on_test9},
	{"Test10", on_test10}, {"Test11", on_test11},
	{"End", on_end},       {},
};

/* The interface's text with an access line above each method. */
static int read_interface(const char *path, char **ret_text)
{
	_cleanup_(strbuf_deinit) struct strbuf text = {};
	_cleanup_free_ char *published = NULL;
	char *rest, *line;
	int r = io_read_file(AT_FDCWD, path, INTERFACE_MAX, &published, NULL);

	for (rest = published; r == 0 && (line = strsep(&rest, "\n"));)
		r = strbuf_addf(&text, "%s%s\n",
				str_starts(line, "method ") ? "# access: observe\n" : "", line);
	return r < 0 ? r : strbuf_steal(&text, ret_text);
}

static void problem(void *data, const char *text)
{
	fprintf(stderr, "certify: %s\n", text);
}

static int make_server(struct certify *c, int root_fd, const char *interface)
{
	const struct rpc_server_config config = {
		.product = "certify", .version = "1", .root_fd = root_fd, .problem = problem};
	_cleanup_free_ char *text = NULL;
	int r = read_interface(interface, &text);

	if (r == 0)
		r = rpc_server_new(&c->loop, &config, &c->server);
	if (r == 0)
		r = rpc_server_add(c->server, text, methods, c);
	if (r == 0)
		r = rpc_server_listen(c->server, RPC_SOCKET_DIR "/" STEPS_INTERFACE);
	return r;
}

static void on_term(uv_signal_t *signal, int number)
{
	struct certify *c = signal->data;

	rpc_server_close(c->server);
	uv_close((uv_handle_t *)signal, NULL);
}

int certify_serve(const char *root, const char *interface)
{
	_cleanup_close_ int root_fd = -1;
	struct certify c = {};
	int r = fs_open_root(root, &root_fd);

	if (r == 0)
		r = uv_loop_init(&c.loop);
	if (r == 0)
		r = make_server(&c, root_fd, interface);
	if (r < 0)
		return r;
	c.term.data = &c;
	r = uv_signal_init(&c.loop, &c.term);
	if (r == 0)
		r = uv_signal_start(&c.term, on_term, SIGTERM);
	if (r < 0)
		return r;
	uv_run(&c.loop, UV_RUN_DEFAULT);
	return uv_loop_close(&c.loop);
}
