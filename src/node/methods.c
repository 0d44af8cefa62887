/*
 * The methods of io.leonhard.Node; see node.h.
 */
#include <errno.h>

#include "base/def.h"
#include "node/health.h"
#include "node/node.h"
#include "node/powers.h"
#include "node/result.h"
#include "rpc/json.h"

int node_collect(struct node *n, const char *group, json_t **ret_powers, uint64_t *ret_probed_ns)
{
	_cleanup_(result_free_p) struct result *result = NULL;
	int r;

	/* No result, or one that is none: the trials are unknown, and say so. */
	if (result_read(&n->machine, &result) < 0)
		result = NULL;
	r = powers_collect(&n->machine, result, group, ret_powers);
	if (r == 0 && ret_probed_ns)
		*ret_probed_ns = result ? result->probed_ns : 0;
	return r;
}

/* Takes what a collector has made, or its failure. */
static void reply(struct rpc_call *call, int r, json_t *parameters)
{
	if (r < 0)
		rpc_failed(call, r, "cannot collect");
	else
		rpc_reply(call, parameters);
}

static void handle_describe(struct rpc_call *call, const json_t *parameters, void *data)
{
	struct node *n = data;
	json_t *description = NULL;
	int r = describe_collect(&n->machine, &n->fixed, &description);

	reply(call, r, description);
}

static void handle_health(struct rpc_call *call, const json_t *parameters, void *data)
{
	struct node *n = data;
	json_t *health = NULL;
	int r = health_collect(&n->machine, &health);

	reply(call, r, health);
}

static void handle_list_powers(struct rpc_call *call, const json_t *parameters, void *data)
{
	const char *group = json_string_value(json_object_get(parameters, "group"));
	uint64_t probed_ns = 0;
	json_t *list = NULL, *answer = NULL;
	int r = node_collect(data, group, &list, &probed_ns);

	if (r == 0)
		answer = json_pack("{s:o, s:o}", "powers", list, "probed_ns",
				   probed_ns ? json_uint(probed_ns) : json_null());
	reply(call, r == 0 && !answer ? -ENOMEM : r, answer);
}

static void handle_probe(struct rpc_call *call, const json_t *parameters, void *data)
{
	node_ask(data, call);
}

static void handle_watch(struct rpc_call *call, const json_t *parameters, void *data)
{
	if (rpc_expect_more(call))
		node_watch(data, call);
}

const struct rpc_method node_methods[] = {
	{"Describe", handle_describe},
	{"Health", handle_health},
	{"ListPowers", handle_list_powers},
	{"Probe", handle_probe},
	{"Watch", handle_watch},
	{},
};
