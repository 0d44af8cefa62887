/*
 * Fuzzes the envelopes: what is taken as a call or a reply is one, and is so again when it was
 * written anew.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "rpc/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static bool same(const json_t *a, const json_t *b)
{
	json_t *empty = json_object();
	bool equal = json_equal(a ? a : empty, b ? b : empty);

	json_decref(empty);
	return equal;
}

static void try_call(const char *text, size_t len)
{
	struct message_call c, again;
	char reason[MESSAGE_REASON_MAX];
	struct output o = {};

	if (message_parse_call(text, len, &c, reason) < 0)
		return;
	assert(message_name_valid(c.method) && !(c.oneway && c.more));
	assert(!c.parameters || json_is_object(c.parameters));
	if (message_write_call(&o, c.method, c.parameters, c.oneway, c.more) < 0)
		abort();
	if (message_parse_call(o.bytes + o.start, o.len - 1, &again, reason) < 0)
		abort();
	assert(strcmp(c.method, again.method) == 0 && same(c.parameters, again.parameters));
	assert(c.oneway == again.oneway && c.more == again.more);
	message_call_deinit(&c);
	message_call_deinit(&again);
	output_deinit(&o);
}

static void try_reply(const char *text, size_t len)
{
	struct message_reply m, again;
	char reason[MESSAGE_REASON_MAX];
	struct output o = {};
	int r;

	if (message_parse_reply(text, len, &m, reason) < 0)
		return;
	r = m.error ? message_write_error(&o, m.error, m.parameters)
		    : message_write_reply(&o, m.parameters, m.continues);
	if (r < 0 || message_parse_reply(o.bytes + o.start, o.len - 1, &again, reason) < 0)
		abort();
	assert(!m.error == !again.error && m.continues == again.continues);
	assert(same(m.parameters, again.parameters));
	message_reply_deinit(&m);
	message_reply_deinit(&again);
	output_deinit(&o);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	/* Exactly so long, so that a byte too far is seen. */
	char *text = malloc(len ? len : 1);

	if (!text)
		abort();
	memcpy(text, bytes, len);
	try_call(text, len);
	try_reply(text, len);
	free(text);
	return 0;
}
