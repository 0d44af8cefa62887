/*
 * leonhard-node: serves io.leonhard.Node. It has no power of its own; README.md tells of its other
 * half.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/def.h"
#include "base/log.h"
#include "node/node.h"
#include "node/places.h"
#include "node/result.h"
#include "rpc/client.h"

#define INTERFACE "io.leonhard.Node"

/* api/io.leonhard.Node.varlink */
extern const char api_node[];

static void on_problem(void *data, const char *text)
{
	log_warning("%s", text);
}

static int serve(struct node *n)
{
	const struct rpc_server_config config = {
		.product = "Leonhard node",
		.version = VERSION,
		.root_fd = n->daemon->root_fd,
		.problem = on_problem,
	};
	int r = rpc_server_new(&n->daemon->loop, &config, &n->server);

	if (r == 0)
		r = rpc_server_add(n->server, api_node, node_methods, n);
	if (r == 0)
		r = rpc_server_listen(n->server, RPC_SOCKET_DIR "/" INTERFACE);
	return r < 0 ? log_error_errno(r, "cannot serve " INTERFACE) : 0;
}

/* The machine may be read and the request be written. */
static int confine(const struct node *n)
{
	static const char *const read_paths[] = {
		"/etc", "/proc", "/run", "/sys", "/usr/lib/os-release", NULL};
	static const char *const write_paths[] = {NODE_REQUEST_DIR, NULL};

	return daemon_confine(n->daemon, "leonhard-node", read_paths, write_paths);
}

/* The first trial of this boot, unless there was one. */
static void ask_first(struct node *n)
{
	_cleanup_(result_free_p) struct result *result = NULL;
	int r;

	if (!node_settings(n)->probe_at_start || result_read(&n->machine, &result) == 0)
		return;
	r = node_ask_quietly(n);
	if (r < 0)
		log_warning("cannot ask for a trial by way of %s: %s", NODE_REQUEST_PATH,
			    strerror(-r));
}

static int start(struct daemon *d)
{
	struct node *n = d->data;
	int r;

	n->daemon = d;
	n->machine.root_fd = d->root_fd;
	if (!d->root) {
		hypervisor_signature(n->hypervisor);
		n->machine.hypervisor = n->hypervisor;
		n->machine.first_namespaces = namespaces_are_first();
	}
	node_ask_init(n);
	node_watch_init(n);
	node_results_init(n);
	r = serve(n);
	if (r == 0)
		r = confine(n);
	if (r < 0)
		return r;
	node_results_watch(n);
	ask_first(n);
	return 0;
}

static void stop(struct daemon *d)
{
	struct node *n = d->data;

	node_ask_close(n);
	if (n->server)
		rpc_server_close(n->server);
	node_watch_close(n);
	node_results_close(n);
}

/* Everything is looked up when it is used. */
static void reload(struct daemon *d, const void *old)
{
}

static const struct daemon_ops ops = {
	.name = "node",
	.summary =
		"Tells what this machine is and which powers it has, to clients of " INTERFACE ".",
	.conf = &settings_table,
	.start = start,
	.reload = reload,
	.stop = stop,
};

int main(int argc, char **argv)
{
	static struct node node;
	int status = daemon_main(&ops, &node, argc, argv);

	describe_fixed_deinit(&node.fixed);
	return status;
}
