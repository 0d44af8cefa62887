/*
 * Asking a service; see talk.h.
 */
#include "leo/talk.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/def.h"
#include "base/str.h"
#include "base/time.h"
#include "leo/api.h"
#include "leo/interrupt.h"
#include "leo/out.h"
#include "leo/refusal.h"
#include "leo/suggest.h"

/* A call under way: what the replies are given to, and what came of it. */
struct talking {
	struct leo *l;
	const struct talk *talk;
	int status;
	/* The error that ended it, copied: told when the link is free to ask what it means. */
	char *error;
	json_t *parameters;
};

static void talking_deinit(struct talking *t)
{
	free(t->error);
	json_decref(t->parameters);
}

void talk_next_doctor(const char *interface, char next[TALK_NEXT_MAX])
{
	int len = snprintf(next, TALK_NEXT_MAX, "leo doctor ");

	snprintf(next + len, TALK_NEXT_MAX - len, "%s", api_short(interface));
	for (char *p = next + len; *p; p++)
		*p = tolower((unsigned char)*p);
}

/* Whether there is such a service at all; if not, what may have been meant. */
static int refuse_missing(struct leo *l, const char *interface, const char *next)
{
	_cleanup_(str_vector_free_p) char **names = NULL;
	struct failure f = {.status = LEO_NOT_RUNNING, .next = "leo describe"};
	struct suggest s = {.word = api_short(interface)};
	int r = api_list(l->root_fd, &names);

	if (r < 0)
		return fail_errno(l, r, "cannot read %s", API_DIR);
	if (str_vector_contains(names, interface)) {
		f.next = next;
		return fail(l, &f, "%s is not running: there is no socket %s/%s", interface,
			    RPC_SOCKET_DIR, interface);
	}
	for (size_t i = 0; names[i]; i++)
		suggest_offer(&s, api_short(names[i]));
	if (suggest_best(&s))
		return fail(l, &f, "%s is not installed; did you mean %s?", interface,
			    suggest_best(&s));
	return fail(l, &f, "%s is not installed, and nobody serves it", interface);
}

static int refuse_open(struct leo *l, const char *address, int r)
{
	char next[TALK_NEXT_MAX];

	talk_next_doctor(address, next);
	switch (r) {
	case -ENOENT:
		if (strchr(address, '/'))
			break;
		return refuse_missing(l, address, next);
	case -ECONNREFUSED:
		return fail(l, &(struct failure){.status = LEO_NOT_RUNNING, .next = next},
			    "%s is not running: nobody listens on its socket", address);
	case -EAGAIN:
		return fail(l, &(struct failure){.status = LEO_FAILED, .next = next},
			    "cannot connect to %s: its queue is full, it takes no connections",
			    address);
	case -EINVAL:
		return fail_usage(l, "%s cannot be the name of a service", address);
	case -EACCES:
	case -EPERM:
		return fail(l, &(struct failure){.status = LEO_NOT_PERMITTED, .next = next},
			    "cannot connect to %s: you may not open its socket", address);
	}
	return fail(l, &(struct failure){.status = r == -ENOENT ? LEO_NOT_RUNNING : LEO_FAILED},
		    "cannot connect to %s: %s", address, strerror(-r));
}

int talk_open(struct leo *l, const char *address, struct rpc_link **ret_link)
{
	int r = rpc_link_open(l->root, address, ret_link);

	return r < 0 ? refuse_open(l, address, r) : LEO_DONE;
}

/* One reply. A non-zero result ends the call; what it means is in the status. */
static int on_answer(void *data, const struct rpc_answer *answer)
{
	struct talking *t = data;

	if (answer->error) {
		t->error = strdup(answer->error);
		t->parameters = json_deep_copy(answer->parameters);
		return t->error && t->parameters ? 1 : -ENOMEM;
	}
	t->status = t->talk->fn(t->l, answer->parameters, t->talk->data);
	return t->status != LEO_DONE || interrupt_seen();
}

/* Ends of a call without an answer, and whether the service is to blame. */
static const struct {
	int r;
	bool doctor;
	const char *text;
} ends[] = {
	{-ECONNRESET, true, "the service has closed the connection"},
	{-EPROTO, true, "what the service has sent is not varlink"},
	{-EMSGSIZE, false, "the message is longer than 1 MiB"},
	{-EINTR, false, "interrupted; the service may have done it, or may still do it"},
};

static int refuse_call(const struct talking *t, int r)
{
	const struct talk *c = t->talk;
	struct failure f = {.status = LEO_FAILED};
	char next[TALK_NEXT_MAX], span[TIME_TEXT_MAX];

	talk_next_doctor(c->interface, next);
	time_format_span(c->timeout_ms * NS_PER_MS, span);
	f.next = next;
	if (r == -ETIMEDOUT)
		return fail(t->l, &f, "%s.%s: no answer within %s", c->interface, c->method, span);
	for (size_t i = 0; i < ARRAY_SIZE(ends); i++) {
		if (ends[i].r != r)
			continue;
		f.next = ends[i].doctor ? next : NULL;
		return fail(t->l, &f, "%s.%s: %s", c->interface, c->method, ends[i].text);
	}
	return fail_errno(t->l, r, "%s.%s", c->interface, c->method);
}

/* Whether a stream has ended in a way after which it can be taken up again. */
static bool is_lost(const struct talking *t, int r)
{
	if (t->error)
		return str_equal(t->error, "io.leonhard.Rpc.Overrun");
	return r == -ECONNRESET || r == -EPIPE;
}

int talk_call(struct leo *l, struct rpc_link *link, const struct talk *t)
{
	_cleanup_(talking_deinit) struct talking talking = {.l = l, .talk = t};
	_cleanup_free_ char *name = NULL;
	bool interrupted;
	int r;

	if (asprintf(&name, "%s.%s", t->interface, t->method) < 0)
		return fail_errno(l, -ENOMEM, "cannot call");
	interrupt_begin();
	r = rpc_link_call(link, name, t->parameters, t->more, t->timeout_ms, on_answer, &talking);
	interrupted = interrupt_seen();
	interrupt_end();
	if (t->resumes && is_lost(&talking, r))
		return TALK_LOST;
	if (talking.error && talking.parameters)
		return refusal_tell(l, link, t, talking.error, talking.parameters);
	if (t->looks && interrupted)
		return TALK_STOP;
	if (r >= 0)
		return talking.status == TALK_STOP ? LEO_DONE : talking.status;
	if (r == -EINTR && t->more)
		return LEO_DONE;
	return refuse_call(&talking, r);
}

int talk_keep(struct leo *l, const json_t *parameters, void *data)
{
	json_t **reply = data;

	json_decref(*reply);
	*reply = json_deep_copy(parameters);
	return *reply ? LEO_DONE : fail_errno(l, -ENOMEM, "cannot keep the reply");
}

int talk_ask(struct leo *l, const char *interface, const char *method, const json_t *parameters,
	     json_t **ret_reply)
{
	_cleanup_(rpc_link_free_p) struct rpc_link *link = NULL;
	_cleanup_(json_decrefp) json_t *reply = NULL;
	int status = talk_open(l, interface, &link);

	if (status != LEO_DONE)
		return status;
	status = talk_call(l, link,
			   &(struct talk){.interface = interface,
					  .method = method,
					  .parameters = parameters,
					  .timeout_ms = TALK_TIMEOUT_MS,
					  .fn = talk_keep,
					  .data = &reply});
	if (status != LEO_DONE)
		return status;
	*ret_reply = take_ptr(reply);
	return LEO_DONE;
}

/* Errors that say more than that there was one. */
static const struct {
	const char *error;
	int r;
} quiet[] = {
	{"org.varlink.service.PermissionDenied", -EACCES},
	{"io.leonhard.Rpc.TooManyConnections", -EUSERS},
};

static int keep_quietly(void *data, const struct rpc_answer *answer)
{
	json_t **reply = data;

	for (size_t i = 0; answer->error && i < ARRAY_SIZE(quiet); i++)
		if (str_equal(answer->error, quiet[i].error))
			return quiet[i].r;
	if (answer->error)
		return -EREMOTEIO;
	json_decref(*reply);
	*reply = json_deep_copy(answer->parameters);
	return *reply ? 0 : -ENOMEM;
}

int talk_quietly(struct rpc_link *link, const char *method, const json_t *parameters,
		 json_t **ret_reply)
{
	_cleanup_(json_decrefp) json_t *reply = NULL;
	int r = rpc_link_call(link, method, parameters, false, TALK_LOOK_MS, keep_quietly, &reply);

	if (r < 0)
		return r;
	*ret_reply = take_ptr(reply);
	return 0;
}
