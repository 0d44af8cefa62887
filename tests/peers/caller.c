/*
 * Our two clients behind one; see caller.h.
 */
#include "caller.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/def.h"
#include "steps.h"

enum { PATIENCE_MS = 20 * 1000, METHOD_SIZE = 64 };

void answers_deinit(struct answers *a)
{
	json_decref(a->replies);
	free(a->error);
}

static int add(void *data, const struct rpc_answer *answer)
{
	struct answers *a = data;

	if (answer->error) {
		a->error = strdup(answer->error);
		return a->error ? 0 : -ENOMEM;
	}
	return json_array_append(a->replies, (json_t *)answer->parameters) < 0 ? -ENOMEM : 0;
}

int caller_init(struct caller *c, const char *root, const char *address, bool on_loop)
{
	int r;

	*c = (struct caller){};
	if (!on_loop)
		return rpc_link_open(root, address, &c->link);
	r = uv_loop_init(&c->loop);
	return r < 0 ? r : rpc_client_new(&c->loop, root, address, &c->client);
}

void caller_deinit(struct caller *c)
{
	rpc_link_free(c->link);
	if (!c->client)
		return;
	rpc_client_close(c->client);
	uv_run(&c->loop, UV_RUN_DEFAULT);
	uv_loop_close(&c->loop);
}

static void on_answer(struct rpc_client *client, int r, const struct rpc_answer *answer, void *data)
{
	struct caller *c = data;

	if (answer)
		r = add(c->answers, answer);
	c->result = r;
	c->done = !answer || !answer->continues || r < 0;
}

static int call_on_loop(struct caller *c, const char *method, const json_t *parameters, bool more,
			struct answers *answers)
{
	int r;

	c->answers = answers;
	c->done = false;
	r = rpc_client_call(c->client, method, parameters, more, on_answer, c);
	while (r == 0 && !c->done)
		uv_run(&c->loop, UV_RUN_ONCE);
	return r < 0 ? r : c->result;
}

int caller_call(struct caller *c, const char *name, const json_t *parameters, bool more,
		struct answers *ret_answers)
{
	struct answers answers = {.replies = json_array()};
	char method[METHOD_SIZE];
	int r;

	snprintf(method, sizeof(method), STEPS_INTERFACE ".%s", name);
	if (c->link)
		r = rpc_link_call(c->link, method, parameters, more, PATIENCE_MS, add, &answers);
	else
		r = call_on_loop(c, method, parameters, more, &answers);
	if (r < 0) {
		answers_deinit(&answers);
		return r;
	}
	*ret_answers = answers;
	return 0;
}

int caller_oneway(struct caller *c, const char *name, const json_t *parameters)
{
	char method[METHOD_SIZE];

	snprintf(method, sizeof(method), STEPS_INTERFACE ".%s", name);
	if (c->link)
		return rpc_link_oneway(c->link, method, parameters, PATIENCE_MS);
	return rpc_client_oneway(c->client, method, parameters);
}
