/*
 * Our client of org.varlink.certification; see certify.h.
 */
#include "certify.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/def.h"
#include "base/str.h"
#include "caller.h"
#include "steps.h"

static void decref(json_t **value)
{
	json_decref(*value);
}
#define _cleanup_json_ _cleanup_(decref)

/* Says what came instead of what was wanted; a NULL is neither error nor reply. */
static int unexpected(const char *name, const char *wanted, const struct answers *got)
{
	_cleanup_free_ char *text = json_dumps(got->replies, 0);

	fprintf(stderr, "%s: %s was wanted, the answer is %s\n", name, wanted,
		got->error ? got->error : text);
	return -EBADMSG;
}

/* Calls, and wants exactly this error. */
static int call_for_error(struct caller *c, const struct step *s, const json_t *arguments,
			  const char *error)
{
	_cleanup_(answers_deinit) struct answers got = {};
	int r = caller_call(c, s->name, arguments, s->kind == STEP_STREAM, &got);

	if (r < 0)
		return r;
	return got.error && str_equal(got.error, error) ? 0 : unexpected(s->name, error, &got);
}

/* Calls, and wants these replies, an array or, of a plain call, the only one. */
static int call_for_replies(struct caller *c, const struct step *s, const json_t *arguments)
{
	_cleanup_(answers_deinit) struct answers got = {};
	_cleanup_json_ json_t *wanted = steps_value(s->gives);
	int r = caller_call(c, s->name, arguments, s->kind == STEP_STREAM, &got);

	if (r < 0)
		return r;
	if (s->kind == STEP_CALL)
		wanted = json_pack("[o]", wanted);
	return !got.error && steps_equal(wanted, got.replies) ? 0
							      : unexpected(s->name, s->gives, &got);
}

/* Gets an id; the caller's. */
static int start(struct caller *c, char **ret_id)
{
	_cleanup_(answers_deinit) struct answers got = {};
	const char *id;
	int r = caller_call(c, "Start", NULL, false, &got);

	if (r < 0)
		return r;
	id = json_string_value(json_object_get(json_array_get(got.replies, 0), "client_id"));
	if (!id)
		return unexpected("Start", "a client_id", &got);
	*ret_id = strdup(id);
	return *ret_id ? 0 : -ENOMEM;
}

static int end(struct caller *c, const char *id)
{
	static const struct step s = {"End", STEP_CALL, "{}", "{'all_ok': true}"};
	_cleanup_json_ json_t *arguments = steps_arguments(&s, id);

	return call_for_replies(c, &s, arguments);
}

static int pass(struct caller *c, const struct step *s, const char *id)
{
	_cleanup_json_ json_t *arguments = steps_arguments(s, id);

	if (s->kind == STEP_ONEWAY)
		return caller_oneway(c, s->name, arguments);
	return call_for_replies(c, s, arguments);
}

/* The id is spoiled last, so it is added after that. A step without arguments has no wrong ones. */
static int fail(struct caller *c, const struct step *s, const char *id)
{
	_cleanup_json_ json_t *arguments = steps_value(s->takes);

	if (s->kind == STEP_ONEWAY || !steps_spoil(arguments))
		return 0;
	json_object_set_new(arguments, "client_id", json_string(id));
	return call_for_error(c, s, arguments, STEPS_INTERFACE ".CertificationError");
}

/* An id that was never given, or has ended, is nobody's. */
static int unknown(struct caller *c, const char *id)
{
	_cleanup_json_ json_t *arguments = steps_arguments(&steps[0], id);

	return call_for_error(c, &steps[0], arguments, STEPS_INTERFACE ".ClientIdError");
}

static int run(struct caller *c, bool wrong)
{
	_cleanup_free_ char *id = NULL;
	int r = start(c, &id);

	for (size_t i = 0; r == 0 && i < STEPS_COUNT; i++)
		r = wrong ? fail(c, &steps[i], id) : pass(c, &steps[i], id);
	if (r == 0 && !wrong)
		r = end(c, id);
	if (r == 0)
		r = unknown(c, wrong ? "nobody" : id);
	return r;
}

int certify_call(const char *root, const char *address, bool wrong, bool on_loop)
{
	struct caller c;
	int r = caller_init(&c, root, address, on_loop);

	if (r == 0)
		r = run(&c, wrong);
	caller_deinit(&c);
	return r;
}
