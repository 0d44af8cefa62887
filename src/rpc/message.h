/*
 * The envelopes of varlink: a call and a reply, read strictly and written.
 *
 *	{"method": "io.leonhard.Node.Describe", "parameters": {...}, "oneway": b, "more": b,
 *"upgrade": b}
 *	{"parameters": {...}, "continues": b, "error": "io.leonhard.Rpc.Failed"}
 *
 * A member that is known has the type that it must have; members that are not known are skipped, as
 * clients may add some. Names given twice are refused at every depth, numbers that do not fit
 * their type, strings with U+0000 in them, and "upgrade".
 */
#ifndef RPC_MESSAGE_H
#define RPC_MESSAGE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "rpc/output.h"

enum { MESSAGE_NAME_MAX = 255, MESSAGE_REASON_MAX = 200 };

struct message_call {
	json_t *root; /* owns what follows */
	const char *method; /* of letters, digits, dots and dashes, with a dot between two names */
	const json_t *parameters; /* an object, or NULL */
	bool oneway, more;
};

struct message_reply {
	json_t *root; /* owns what follows */
	const char *error; /* or NULL */
	const json_t *parameters; /* an object, or NULL */
	bool continues;
};

/* -EINVAL, and in @reason, for people, what is wrong: printable ASCII. -ENOMEM. */
int message_parse_call(const char *text, size_t len, struct message_call *ret_call,
		       char reason[MESSAGE_REASON_MAX]);
void message_call_deinit(struct message_call *c);
int message_parse_reply(const char *text, size_t len, struct message_reply *ret_reply,
			char reason[MESSAGE_REASON_MAX]);
void message_reply_deinit(struct message_reply *r);

/*
 * Append a message with its NUL byte. -EMSGSIZE over RPC_MESSAGE_MAX, -EINVAL for values that JSON
 * does not know, -ENOMEM; nothing is appended then. The json values are borrowed and may be NULL.
 */
int message_write_call(struct output *o, const char *method, const json_t *parameters, bool oneway,
		       bool more);
int message_write_reply(struct output *o, const json_t *parameters, bool continues);
int message_write_error(struct output *o, const char *error, const json_t *parameters);

/* "io.leonhard.Node.Describe" and the like: what may be a name of an interface, method or error. */
bool message_name_valid(const char *name);

#endif
