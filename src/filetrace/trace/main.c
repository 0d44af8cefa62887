/*
 * leonhard-trace: serves io.leonhard.Trace. It has no power of its own: it reads what
 * leonhard-filetrace has written, and writes one file of requests.
 */
#include "base/def.h"
#include "base/log.h"
#include "filetrace/request.h"
#include "filetrace/trace/trace.h"
#include "rpc/client.h"

/* api/io.leonhard.Trace.varlink */
extern const char api_trace[];

static void on_problem(void *data, const char *text)
{
	log_warning("%s", text);
}

static int serve(struct trace *t)
{
	const struct rpc_server_config config = {
		.product = "Leonhard trace",
		.version = VERSION,
		.root_fd = t->daemon->root_fd,
		.problem = on_problem,
	};
	int r = rpc_server_new(&t->daemon->loop, &config, &t->server);

	if (r == 0)
		r = rpc_server_add(t->server, api_trace, trace_methods, t);
	if (r == 0)
		r = rpc_server_listen(t->server, RPC_SOCKET_DIR "/" TRACE_INTERFACE);
	return r < 0 ? log_error_errno(r, "cannot serve " TRACE_INTERFACE) : 0;
}

/* The folder above the store may be read, for the store may come later. Its files say themselves
 * who reads them. */
static int confine(const struct trace *t)
{
	static const char *const read_paths[] = {"/etc", "/run", "/var/lib/leonhard", NULL};
	static const char *const write_paths[] = {REQUEST_DIR, NULL};

	return daemon_confine(t->daemon, "leonhard-trace", read_paths, write_paths);
}

static int start(struct daemon *d)
{
	struct trace *t = d->data;
	int r;

	t->daemon = d;
	view_init(&t->view, d->root_fd);
	trace_list_init(t);
	trace_read_init(t);
	trace_follow_init(t);
	trace_watches_init(t);
	trace_news_init(t);
	r = serve(t);
	return r < 0 ? r : confine(t);
}

static void stop(struct daemon *d)
{
	struct trace *t = d->data;

	trace_watches_close(t);
	if (t->server)
		rpc_server_close(t->server);
	trace_list_close(t);
	trace_news_close(t);
	view_deinit(&t->view);
}

/* Everything is looked up when it is used. */
static void reload(struct daemon *d, const void *old)
{
}

static const struct daemon_ops ops = {
	.name = "trace",
	.summary =
		"Tells who changed which file, and what in it, to clients of " TRACE_INTERFACE ".",
	.conf = &settings_table,
	.start = start,
	.reload = reload,
	.stop = stop,
};

int main(int argc, char **argv)
{
	static struct trace trace;

	return daemon_main(&ops, &trace, argc, argv);
}
