/*
 * Calls and replies as JSON; see message.h. One table per envelope says what its members must be.
 */
#include "rpc/message.h"

#include <errno.h>
#include <string.h>

#include "base/def.h"
#include "rpc/idl.h"
#include "rpc/server.h"
#include "rpc/shape.h"

/* The envelope is one level more than what is in it. */
enum { DEPTH_MAX = IDL_DEPTH_MAX + 1 };

enum member_kind { MEMBER_NAME, MEMBER_OBJECT, MEMBER_BOOL };

struct member {
	const char *name;
	enum member_kind kind;
	size_t offset; /* of the field that it goes to */
	const char *problem;
};

static const struct member call_members[] = {
	{"method", MEMBER_NAME, offsetof(struct message_call, method),
	 "\"method\" is not the name of a method"},
	{"parameters", MEMBER_OBJECT, offsetof(struct message_call, parameters),
	 "\"parameters\" is not an object"},
	{"oneway", MEMBER_BOOL, offsetof(struct message_call, oneway), "\"oneway\" is not a bool"},
	{"more", MEMBER_BOOL, offsetof(struct message_call, more), "\"more\" is not a bool"},
};

static const struct member reply_members[] = {
	{"error", MEMBER_NAME, offsetof(struct message_reply, error),
	 "\"error\" is not the name of an error"},
	{"parameters", MEMBER_OBJECT, offsetof(struct message_reply, parameters),
	 "\"parameters\" is not an object"},
	{"continues", MEMBER_BOOL, offsetof(struct message_reply, continues),
	 "\"continues\" is not a bool"},
};

static bool is_name_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '.' || c == '_';
}

bool message_name_valid(const char *name)
{
	size_t len = 0;
	bool dot = false;

	for (; name[len]; len++) {
		if (!is_name_byte(name[len]) || len >= MESSAGE_NAME_MAX)
			return false;
		if (name[len] != '.')
			continue;
		if (len == 0 || name[len - 1] == '.')
			return false;
		dot = true;
	}
	return dot && name[len - 1] != '.';
}

/* Some clients write null for what they leave out. */
static bool read_member(const struct member *m, const json_t *value, void *envelope)
{
	void *field = (char *)envelope + m->offset;

	if (!value || (json_is_null(value) && m->kind != MEMBER_BOOL))
		return true;
	switch (m->kind) {
	case MEMBER_NAME:
		if (!json_is_string(value) || !message_name_valid(json_string_value(value)))
			return false;
		*(const char **)field = json_string_value(value);
		return true;
	case MEMBER_OBJECT:
		*(const json_t **)field = value;
		return json_is_object(value);
	case MEMBER_BOOL:
		*(bool *)field = json_is_true(value);
		return json_is_boolean(value);
	}
	return false;
}

/* Says what is wrong. The parser's words quote the text, which may be anything. */
__attribute__((format(printf, 2, 3))) static int refuse(char reason[MESSAGE_REASON_MAX],
							const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(reason, MESSAGE_REASON_MAX, format, ap);
	va_end(ap);
	for (char *p = reason; *p; p++)
		if (*p < 0x20 || *p > 0x7e)
			*p = '?';
	return -EINVAL;
}

static int read_members(const struct member *members, size_t count, const json_t *root,
			void *envelope, char reason[MESSAGE_REASON_MAX])
{
	for (size_t i = 0; i < count; i++)
		if (!read_member(&members[i], json_object_get(root, members[i].name), envelope))
			return refuse(reason, "%s", members[i].problem);
	return 0;
}

static int load(const char *text, size_t len, json_t **ret_root, char reason[MESSAGE_REASON_MAX])
{
	json_auto_t *root = NULL;
	json_error_t error;
	int r = shape_check(text, len, DEPTH_MAX);

	if (r < 0)
		return refuse(reason, "%s",
			      r == -ELOOP ? "the message nests too deep"
					  : "the message holds too many values");
	root = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);
	if (!root && json_error_code(&error) == json_error_out_of_memory)
		return -ENOMEM;
	if (!root)
		return refuse(reason, "not JSON at byte %d: %s", error.position, error.text);
	if (!json_is_object(root))
		return refuse(reason, "the message is not an object");
	*ret_root = take_ptr(root);
	return 0;
}

static const char *judge_call(const struct message_call *c)
{
	const json_t *upgrade = json_object_get(c->root, "upgrade");

	if (!c->method)
		return "there is no \"method\"";
	if (c->oneway && c->more)
		return "\"oneway\" and \"more\" exclude each other";
	if (upgrade && !json_is_boolean(upgrade))
		return "\"upgrade\" is not a bool";
	return json_is_true(upgrade) ? "connections cannot be upgraded" : NULL;
}

int message_parse_call(const char *text, size_t len, struct message_call *ret_call,
		       char reason[MESSAGE_REASON_MAX])
{
	_cleanup_(message_call_deinit) struct message_call c = {};
	const char *problem;
	int r = load(text, len, &c.root, reason);

	if (r == 0)
		r = read_members(call_members, ARRAY_SIZE(call_members), c.root, &c, reason);
	if (r < 0)
		return r;
	problem = judge_call(&c);
	if (problem)
		return refuse(reason, "%s", problem);
	*ret_call = c;
	c.root = NULL;
	return 0;
}

void message_call_deinit(struct message_call *c)
{
	json_decref(c->root);
	*c = (struct message_call){};
}

int message_parse_reply(const char *text, size_t len, struct message_reply *ret_reply,
			char reason[MESSAGE_REASON_MAX])
{
	_cleanup_(message_reply_deinit) struct message_reply m = {};
	int r = load(text, len, &m.root, reason);

	if (r == 0)
		r = read_members(reply_members, ARRAY_SIZE(reply_members), m.root, &m, reason);
	if (r < 0)
		return r;
	if (m.error && m.continues)
		return refuse(reason, "an error continues");
	*ret_reply = m;
	m.root = NULL;
	return 0;
}

void message_reply_deinit(struct message_reply *r)
{
	json_decref(r->root);
	*r = (struct message_reply){};
}

static int add_text(struct output *o, const char *text)
{
	return output_add(o, text, strlen(text));
}

/* HEAD "name" ,"parameters": {...} TAIL NUL; without a name or parameters, without that part. */
static int write_message(struct output *o, const char *head, const char *name,
			 const json_t *parameters, const char *tail)
{
	size_t before = o->len;
	int r = add_text(o, head);

	if (r == 0 && name)
		r = add_text(o, name);
	if (r == 0 && name)
		r = add_text(o, "\",");
	if (r == 0)
		r = add_text(o, "\"parameters\":");
	if (r == 0)
		r = parameters ? output_add_json(o, parameters) : add_text(o, "{}");
	if (r == 0)
		r = output_add(o, tail, strlen(tail) + 1);
	if (r == 0 && o->len - before - 1 > RPC_MESSAGE_MAX)
		r = -EMSGSIZE;
	if (r < 0)
		output_cut(o, before);
	return r;
}

int message_write_call(struct output *o, const char *method, const json_t *parameters, bool oneway,
		       bool more)
{
	return write_message(o, "{\"method\":\"", method, parameters,
			     oneway ? ",\"oneway\":true}"
			     : more ? ",\"more\":true}"
				    : "}");
}

int message_write_reply(struct output *o, const json_t *parameters, bool continues)
{
	return write_message(o, "{", NULL, parameters, continues ? ",\"continues\":true}" : "}");
}

int message_write_error(struct output *o, const char *error, const json_t *parameters)
{
	return write_message(o, "{\"error\":\"", error, parameters, "}");
}
