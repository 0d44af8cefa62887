/*
 * A service has replied with an error; see refusal.h. The errors that every service knows are a
 * table; one of the service's own is told with the comment that its interface has about it.
 */
#include "leo/refusal.h"

#include <errno.h>
#include <string.h>

#include "base/def.h"
#include "base/str.h"
#include "leo/api.h"
#include "leo/definition.h"
#include "leo/suggest.h"
#include "leo/text.h"

/* All that an explanation may want to know. */
struct refusal {
	struct leo *l;
	const struct talk *talk;
	const char *error;
	const json_t *parameters;
	const struct idl *idl; /* NULL when nobody could tell it */
	const struct idl_member *method; /* NULL when it is not known */
	struct failure f;
	char next[TALK_NEXT_MAX];
};

typedef int (*explain_fn)(struct refusal *x);

static const char *parameter(const struct refusal *x, const char *key)
{
	const char *text = json_string_value(json_object_get(x->parameters, key));

	return text ? text : "";
}

static int denied(struct refusal *x)
{
	const struct talk *t = x->talk;

	x->f.status = LEO_NOT_PERMITTED;
	talk_next_doctor(t->interface, x->next);
	if (!x->method)
		return fail(x->l, &x->f, "%s.%s: you may not call it", t->interface, t->method);
	return fail(x->l, &x->f, "%s.%s: you may not call it; it needs the class %s%s",
		    t->interface, t->method, access_class_name(x->method->access),
		    x->method->granted ? ", or a grant" : "");
}

static int no_method(struct refusal *x)
{
	const struct talk *t = x->talk;
	struct suggest s = {.word = t->method};

	if (x->method) {
		talk_next_doctor(t->interface, x->next);
		return fail(x->l, &x->f, "%s has no method %s; its interface has: it may be older",
			    t->interface, t->method);
	}
	snprintf(x->next, sizeof(x->next), "leo describe %s", api_short(t->interface));
	for (size_t i = 0; x->idl && i < x->idl->member_count; i++)
		if (x->idl->members[i].kind == IDL_METHOD)
			suggest_offer(&s, x->idl->members[i].name);
	if (suggest_best(&s))
		return fail(x->l, &x->f, "%s has no method %s; did you mean %s?", t->interface,
			    t->method, suggest_best(&s));
	return fail(x->l, &x->f, "%s has no method %s", t->interface, t->method);
}

static int no_interface(struct refusal *x)
{
	snprintf(x->next, sizeof(x->next), "leo describe");
	return fail(x->l, &x->f, "the service does not serve %s", x->talk->interface);
}

static int bad_parameter(struct refusal *x)
{
	const struct talk *t = x->talk;
	_cleanup_free_ char *signature = NULL;

	snprintf(x->next, sizeof(x->next), "leo describe %s.%s", api_short(t->interface),
		 t->method);
	if (!x->method || definition_signature(x->method, &signature) < 0)
		return fail(x->l, &x->f, "%s.%s: the parameter %s is wrong, or missing",
			    t->interface, t->method, parameter(x, "parameter"));
	return fail(x->l, &x->f, "%s.%s: the parameter %s is wrong, or missing; it is called as %s",
		    t->interface, t->method, parameter(x, "parameter"), signature);
}

static int expected_more(struct refusal *x)
{
	const struct talk *t = x->talk;

	snprintf(x->next, sizeof(x->next), "leo call %s.%s --more", api_short(t->interface),
		 t->method);
	return fail(x->l, &x->f, "%s.%s can only be called for a stream", t->interface, t->method);
}

static int overrun(struct refusal *x)
{
	json_int_t missed = json_integer_value(json_object_get(x->parameters, "missed"));

	return fail(x->l, &x->f,
		    "%s.%s: the stream has ended, since it was read too slowly; it missed "
		    "%" JSON_INTEGER_FORMAT " replies",
		    x->talk->interface, x->talk->method, missed);
}

static int failed(struct refusal *x)
{
	const struct talk *t = x->talk;

	talk_next_doctor(t->interface, x->next);
	return fail(x->l, &x->f, "%s.%s: %s", t->interface, t->method, parameter(x, "reason"));
}

/* "ProbeFailed {"reason":"no BTF"}: A trial could not be made" */
static int other(struct refusal *x)
{
	const char *error = x->error, *dot = strrchr(error, '.');
	const struct idl_member *m = NULL;
	_cleanup_free_ char *parameters = NULL, *comment = NULL;

	if (x->idl && dot && strncmp(error, x->talk->interface, dot - error) == 0)
		m = idl_find(x->idl, IDL_ERROR, dot + 1);
	if (m)
		snprintf(x->next, sizeof(x->next), "leo describe %s.%s",
			 api_short(x->talk->interface), m->name);
	if (text_json(x->parameters, &parameters) < 0 ||
	    text_summary(m ? m->comment : "", &comment) < 0)
		return fail_errno(x->l, -ENOMEM, "%s", error);
	return fail(x->l, &x->f, "%s.%s: %s %s%s%s", x->talk->interface, x->talk->method,
		    m ? m->name : error, parameters, *comment ? ": " : "", comment);
}

static const struct {
	const char *error;
	explain_fn explain;
} known[] = {
	{"org.varlink.service.PermissionDenied", denied},
	{"org.varlink.service.MethodNotFound", no_method},
	{"org.varlink.service.InterfaceNotFound", no_interface},
	{"org.varlink.service.InvalidParameter", bad_parameter},
	{"org.varlink.service.ExpectedMore", expected_more},
	{"io.leonhard.Rpc.ExpectedMore", expected_more},
	{"io.leonhard.Rpc.Overrun", overrun},
	{"io.leonhard.Rpc.Failed", failed},
};

/* Whether @error is that of @interface with this name. */
static bool is_own(const char *error, const char *interface, const char *name)
{
	size_t len = strlen(interface);

	return strncmp(error, interface, len) == 0 && error[len] == '.' &&
	       str_equal(error + len + 1, name);
}

static int explain(struct refusal *x)
{
	for (const struct talk_error *e = x->talk->errors; e && e->name; e++)
		if (is_own(x->error, x->talk->interface, e->name))
			return e->tell(x->l, x->talk, &x->f);
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (str_equal(x->error, known[i].error))
			return known[i].explain(x);
	return other(x);
}

int refusal_tell(struct leo *l, struct rpc_link *link, const struct talk *t, const char *error,
		 const json_t *parameters)
{
	struct refusal x = {.l = l, .talk = t, .error = error, .parameters = parameters};
	_cleanup_free_ char *problem = NULL;
	_cleanup_(idl_free_p) struct idl *idl = NULL;

	if (definition_ask(link, t->interface, &idl) < 0)
		api_load(l->root_fd, t->interface, &idl, &problem);
	x.idl = idl;
	x.method = idl ? idl_find(idl, IDL_METHOD, t->method) : NULL;
	x.f = (struct failure){
		.status = LEO_FAILED,
		.next = x.next,
		.error = error,
		.parameters = parameters,
	};
	return explain(&x);
}
