/*
 * Server-sent events; see sse.h.
 */
#include "webd/sse.h"

#include <errno.h>
#include <string.h>

#include "base/def.h"

enum { ID_MAX = 64 };

static int add_line(struct output *o, const char *name, const char *value)
{
	int r = output_add(o, name, strlen(name));

	if (r == 0)
		r = output_add(o, value, strlen(value));
	return r == 0 ? output_add(o, "\n", 1) : r;
}

static int add_data(struct output *o, const json_t *data)
{
	int r = output_add(o, "data: ", 6);

	if (r == 0)
		r = output_add_json(o, data);
	return r == 0 ? output_add(o, "\n\n", 2) : r;
}

int sse_add(struct output *o, const char *name, const char *id, const json_t *data)
{
	size_t before = o->len;
	int r = add_line(o, "event: ", name);

	if (r == 0 && id)
		r = add_line(o, "id: ", id);
	if (r == 0)
		r = add_data(o, data);
	if (r < 0)
		output_cut(o, before);
	return r;
}

static const char *plain_text(const json_t *value)
{
	static const char plain[] = "0123456789abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ._-:";
	const char *text = json_string_value(value);
	size_t len = text ? strspn(text, plain) : 0;

	return len && len <= ID_MAX && len == json_string_length(value) ? text : NULL;
}

const char *sse_id_of(const json_t *parameters)
{
	json_t *object = (json_t *)parameters;
	const char *id = plain_text(json_object_get(parameters, "id"));

	if (id || json_object_size(parameters) != 1)
		return id;
	object = json_object_iter_value(json_object_iter(object));
	return plain_text(json_object_get(object, "id"));
}

int sse_add_reply(struct output *o, const struct message_reply *reply)
{
	json_t *empty = json_object(), *error;
	const json_t *parameters = reply->parameters ? reply->parameters : empty;
	int r = -ENOMEM;

	if (empty && !reply->error)
		r = sse_add(o, "reply", sse_id_of(parameters), parameters);
	if (empty && reply->error) {
		error = json_pack("{ss sO}", "error", reply->error, "parameters", parameters);
		r = error ? sse_add(o, "error", NULL, error) : -ENOMEM;
		json_decref(error);
	}
	json_decref(empty);
	return r;
}
