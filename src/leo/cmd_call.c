/*
 * leo call METHOD [JSON|-]: calls a method of any service, and shows what it replies.
 */
#include <errno.h>
#include <string.h>

#include "base/def.h"
#include "base/str.h"
#include "base/time.h"
#include "leo/api.h"
#include "leo/fail.h"
#include "leo/leo.h"
#include "leo/out.h"
#include "leo/parameters.h"
#include "leo/pretty.h"
#include "leo/talk.h"
#include "leo/words.h"

#define TIMEOUT_MAX_NS (3600 * NS_PER_S)

/* The call as it was typed. */
struct call {
	char *interface, *method;
	char *address; /* whose socket */
	json_t *parameters; /* NULL: none were given */
	bool more, oneway;
	int timeout_ms;
};

static void call_deinit(struct call *c)
{
	free(c->interface);
	free(c->method);
	free(c->address);
	json_decref(c->parameters);
}

/* A stream may be silent for as long as it likes, unless the person says otherwise. */
static int parse_timeout(const struct leo *l, struct call *c)
{
	const char *text = leo_value(l, "timeout");
	uint64_t span_ns;

	c->timeout_ms = c->more ? 0 : TALK_TIMEOUT_MS;
	if (!text)
		return LEO_DONE;
	if (time_parse_span(text, &span_ns) < 0 || span_ns < NS_PER_MS || span_ns > TIMEOUT_MAX_NS)
		return fail_usage(l, "--timeout %s is no time up to an hour; 5 and 500ms are",
				  text);
	c->timeout_ms = span_ns / NS_PER_MS;
	return LEO_DONE;
}

static int parse_parameters(const struct leo *l, struct call *c)
{
	const char *text = leo_operand(l, 1);
	char next[TALK_NEXT_MAX];

	if (!text)
		return LEO_DONE;
	snprintf(next, sizeof(next), "leo describe %s.%s", api_short(c->interface), c->method);
	if (str_equal(text, "-"))
		return parameters_read(l, next, &c->parameters);
	return parameters_parse(l, next, text, strlen(text), &c->parameters);
}

/* The socket is that of the interface, or of the service that the person names. */
static int find_address(const struct leo *l, struct call *c)
{
	const char *at = leo_value(l, "at");
	int r = 0;

	if (at && !strchr(at, ':'))
		r = api_interface(l->root_fd, at, &c->address);
	else
		c->address = strdup(at ? at : c->interface);
	return c->address ? LEO_DONE : fail_errno(l, r < 0 ? r : -ENOMEM, "cannot call");
}

static int parse(const struct leo *l, struct call *c)
{
	const char *name = leo_operand(l, 0);
	int r = api_method(l->root_fd, name, &c->interface, &c->method), status;

	if (r == -EINVAL)
		return fail_usage(l, "%s names no method; one is Node.Describe", name);
	if (r < 0)
		return fail_errno(l, r, "cannot call %s", name);
	c->more = leo_value(l, "more");
	c->oneway = leo_value(l, "oneway");
	if (c->more && c->oneway)
		return fail_usage(l, "--more waits for replies, --oneway for none: take one");
	status = parse_timeout(l, c);
	if (status == LEO_DONE)
		status = find_address(l, c);
	return status == LEO_DONE ? parse_parameters(l, c) : status;
}

/* A reader who has gone ends the stream; what he has not read is nobody's loss. */
static int show(struct leo *l, const json_t *parameters, void *data)
{
	int r = l->terminal ? pretty_print(l, parameters) : out_json(l, parameters);

	if (r == 0 && leo_value(l, "more"))
		r = out_flush(l);
	if (r == -EPIPE)
		return TALK_STOP;
	return r < 0 ? fail_errno(l, r, "cannot write the reply") : LEO_DONE;
}

static int send_oneway(struct leo *l, struct rpc_link *link, const struct call *c)
{
	_cleanup_free_ char *name = NULL;
	int r;

	if (asprintf(&name, "%s.%s", c->interface, c->method) < 0)
		return fail_errno(l, -ENOMEM, "cannot call");
	r = rpc_link_oneway(link, name, c->parameters, c->timeout_ms);
	return r < 0 ? fail_errno(l, r, "cannot call %s", name) : LEO_DONE;
}

static int run(struct leo *l)
{
	_cleanup_(call_deinit) struct call c = {};
	_cleanup_(rpc_link_free_p) struct rpc_link *link = NULL;
	int status = parse(l, &c);

	if (status == LEO_DONE)
		status = talk_open(l, c.address, &link);
	if (status != LEO_DONE)
		return status;
	if (c.oneway)
		return send_oneway(l, link, &c);
	return talk_call(l, link,
			 &(struct talk){.interface = c.interface,
					.method = c.method,
					.parameters = c.parameters,
					.more = c.more,
					.timeout_ms = c.timeout_ms,
					.fn = show});
}

static const struct leo_option options[] = {
	{"more", .help = "ask for a stream, and show each reply; Ctrl-C ends it"},
	{"oneway", .help = "wait for no reply"},
	{"timeout", "SECONDS", .help = "how long to wait for each reply: 5, 500ms"},
	{"at", "SERVICE", "ask this service, or the one at unix:/PATH", .words = words_services},
	{},
};

static const struct leo_command call = {
	.name = "call",
	.summary = "call a method of a service",
	.about = "METHOD is io.leonhard.Node.Describe or, shorter, Node.Describe. Its\n"
		 "parameters are one JSON object, given as a word or, for -, on standard input.\n"
		 "The replies are indented on a terminal, else one JSON object a line.\n",
	.forms = (const struct leo_form[]){{.operands = "METHOD [JSON|-]",
					    .min = 1,
					    .max = 2,
					    .words = words_methods,
					    .run = run},
					   {}},
	.options = options,
	.examples = {"leo call Node.ListPowers '{\"group\": \"bpf\"}'",
		     "leo call Node.Watch --more --json"},
};

LEO_COMMAND(call);
