/*
 * The bodies that a browser sends; see ask.h.
 */
#include "webd/ask.h"

#include <errno.h>
#include <malloc.h>
#include <string.h>

#include "base/def.h"
#include "base/str.h"
#include "rpc/idl.h"
#include "rpc/message.h"
#include "rpc/shape.h"

enum { LOGIN_DEPTH = 2, CALL_DEPTH = IDL_DEPTH_MAX + 1 };

static void wipe_and_free(void *p)
{
	if (p)
		explicit_bzero(p, malloc_usable_size(p));
	free(p);
}

void ask_wipe_memory(void)
{
	json_set_alloc_funcs(malloc, wipe_and_free);
}

static int parse(const char *text, size_t len, unsigned depth, json_t **ret_root,
		 const char **ret_problem)
{
	json_error_t error;
	json_t *root;

	if (shape_check(text, len, depth) < 0) {
		*ret_problem = "the JSON is too deep or too large";
		return -EINVAL;
	}
	root = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);
	if (!json_is_object(root)) {
		json_decref(root);
		*ret_problem = "not a JSON object";
		return -EINVAL;
	}
	*ret_root = root;
	return 0;
}

/* ---- login ---- */

static int take_text(const json_t *root, const char *name, size_t max, char *ret_text)
{
	const json_t *value = json_object_get(root, name);
	size_t len = json_string_length(value);

	if (!json_is_string(value) || len == 0 || len >= max)
		return -EINVAL;
	memcpy(ret_text, json_string_value(value), len + 1);
	return 0;
}

/* What could end up in a log or a path must not surprise there. */
static bool user_is_plain(const char *user)
{
	for (; *user; user++) {
		if ((unsigned char)*user <= ' ' || *user == 0x7f || strchr("/:,\\", *user))
			return false;
	}
	return true;
}

int ask_login(const char *body, size_t len, struct login_request *ret_request,
	      const char **ret_problem)
{
	struct login_request request = {.magic = LOGIN_MAGIC};
	json_t *root;
	int r = parse(body, len, LOGIN_DEPTH, &root, ret_problem);

	if (r < 0)
		return r;
	r = take_text(root, "user", sizeof(request.user), request.user);
	if (r == 0 && !user_is_plain(request.user))
		r = -EINVAL;
	if (r == 0)
		r = take_text(root, "password", sizeof(request.password), request.password);
	if (r == 0 && json_object_size(root) != 2)
		r = -EINVAL;
	json_decref(root);
	if (r == 0)
		*ret_request = request;
	else
		*ret_problem = "\"user\" and \"password\" are wanted";
	explicit_bzero(&request, sizeof(request));
	return r;
}

/* ---- calls ---- */

static int take_method(struct ask_call *c, const char *method)
{
	const char *dot = method ? strrchr(method, '.') : NULL;

	if (!dot || !message_name_valid(method) || dot - method >= sizeof(c->interface))
		return -EINVAL;
	memcpy(c->interface, method, dot - method);
	c->interface[dot - method] = '\0';
	if (!strchr(c->interface, '.'))
		return -EINVAL;
	c->method = method;
	return 0;
}

static int finish_call(struct ask_call *c, const char *method, const json_t *parameters,
		       struct ask_call *ret_call, const char **ret_problem)
{
	const char *problem = NULL;

	if (take_method(c, method) < 0)
		problem = "\"method\" is not the full name of a method";
	else if (parameters && !json_is_object(parameters) && !json_is_null(parameters))
		problem = "\"parameters\" is not an object";
	if (problem) {
		json_decref(c->root);
		*ret_problem = problem;
		return -EINVAL;
	}
	c->parameters = json_is_object(parameters) ? parameters : NULL;
	*ret_call = *c;
	return 0;
}

int ask_call(const char *body, size_t len, struct ask_call *ret_call, const char **ret_problem)
{
	struct ask_call c = {};
	int r = parse(body, len, CALL_DEPTH, &c.root, ret_problem);

	if (r < 0)
		return r;
	return finish_call(&c, json_string_value(json_object_get(c.root, "method")),
			   json_object_get(c.root, "parameters"), ret_call, ret_problem);
}

int ask_stream(const char *method, const char *parameters, struct ask_call *ret_call,
	       const char **ret_problem)
{
	struct ask_call c = {};
	int r = 0;

	if (parameters && *parameters)
		r = parse(parameters, strlen(parameters), CALL_DEPTH, &c.root, ret_problem);
	if (r < 0)
		return r;
	return finish_call(&c, method, c.root, ret_call, ret_problem);
}

void ask_call_deinit(struct ask_call *c)
{
	json_decref(c->root);
	*c = (struct ask_call){};
}

static json_t *parameters_of(const struct ask_call *c, const char *after)
{
	json_t *copy = c->parameters ? json_copy((json_t *)c->parameters) : json_object();

	if (after && copy && json_object_set_new(copy, "after", json_string(after)) < 0) {
		json_decref(copy);
		return NULL;
	}
	return copy;
}

int ask_call_text(const struct ask_call *c, const char *after, bool more, char **ret_text,
		  size_t *ret_len)
{
	struct output o = {};
	json_t *parameters = parameters_of(c, after);
	int r = parameters ? message_write_call(&o, c->method, parameters, false, more) : -ENOMEM;

	json_decref(parameters);
	if (r < 0) {
		output_deinit(&o);
		return r;
	}
	*ret_text = o.bytes;
	*ret_len = o.len;
	return 0;
}
