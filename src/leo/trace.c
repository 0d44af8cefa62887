/*
 * What the verbs of `leo trace` share: asking, and how one record is told; see trace.h.
 */
#include "leo/trace.h"

#include <string.h>

#include "base/def.h"
#include "base/parse.h"
#include "base/str.h"
#include "leo/fail.h"
#include "leo/records.h"

/* ---- errors in words ---- */

static const char *of_error(const struct failure *f, const char *key)
{
	const char *text = json_string_value(json_object_get(f->parameters, key));

	return text ? text : "?";
}

/* Of the call itself, where the error does not say it. */
static const char *of_call(const struct talk *t, const char *key)
{
	const char *text = json_string_value(json_object_get(t->parameters, key));

	return text ? text : "?";
}

static int no_such_record(struct leo *l, const struct talk *t, struct failure *f)
{
	f->next = "leo trace list";
	return fail(l, f, "there is no record %s", of_error(f, "id"));
}

static int no_content(struct leo *l, const struct talk *t, struct failure *f)
{
	_cleanup_free_ char *next = NULL;

	if (asprintf(&next, "leo trace show %s", of_call(t, "id")) >= 0)
		f->next = next;
	return fail(l, f, "record %s has no content to read as %s: %s", of_call(t, "id"),
		    of_call(t, "side"), of_error(f, "reason"));
}

static int no_such_watch(struct leo *l, const struct talk *t, struct failure *f)
{
	f->next = "leo trace watches";
	return fail(l, f, "%s is not watched", of_error(f, "path"));
}

static int watch_refused(struct leo *l, const struct talk *t, struct failure *f)
{
	f->next = "leo trace watches";
	return fail(l, f, "%s cannot be watched: %s", of_error(f, "path"), of_error(f, "reason"));
}

static int withheld(struct leo *l, const struct talk *t, struct failure *f)
{
	_cleanup_free_ char *next = NULL;

	f->status = LEO_NOT_PERMITTED;
	if (asprintf(&next, "sudo leo trace read %s %s", of_call(t, "id"), of_call(t, "side")) >= 0)
		f->next = next;
	return fail(l, f, "the content of record %s is withheld: not everybody may read the file",
		    of_call(t, "id"));
}

const struct talk_error trace_errors[] = {
	{"NoSuchRecord", no_such_record}, {"NoContent", no_content}, {"NoSuchWatch", no_such_watch},
	{"WatchRefused", watch_refused},  {"Withheld", withheld},    {},
};

int trace_ask(struct leo *l, const char *method, const json_t *parameters, json_t **ret_reply)
{
	_cleanup_(rpc_link_free_p) struct rpc_link *link = NULL;
	_cleanup_(json_decrefp) json_t *reply = NULL;
	int status = talk_open(l, TRACE_INTERFACE, &link);

	if (status == LEO_DONE)
		status = talk_call(l, link,
				   &(struct talk){.interface = TRACE_INTERFACE,
						  .method = method,
						  .parameters = parameters,
						  .timeout_ms = TALK_TIMEOUT_MS,
						  .fn = talk_keep,
						  .data = &reply,
						  .errors = trace_errors});
	if (status != LEO_DONE)
		return status;
	*ret_reply = take_ptr(reply);
	return LEO_DONE;
}

/* ---- one record ---- */

bool trace_number(const json_t *record, const char *key, uint64_t *ret_value)
{
	const json_t *value = json_object_get(record, key);

	if (!json_is_integer(value) || json_integer_value(value) < 0)
		return false;
	*ret_value = json_integer_value(value);
	return true;
}

const char *trace_number_text(const json_t *record, const char *key, char out[TRACE_NUMBER_MAX])
{
	uint64_t value;

	if (!trace_number(record, key, &value))
		return "-";
	snprintf(out, TRACE_NUMBER_MAX, "%llu", (unsigned long long)value);
	return out;
}

uint64_t trace_id_number(const json_t *record)
{
	uint64_t id;

	return parse_u64(records_text(record, "id"), 1, INT64_MAX, &id) < 0 ? 0 : id;
}

bool trace_is_coalesced(const json_t *record)
{
	return str_equal(records_text(record, "content"), "coalesced");
}

bool trace_is_attributed(const json_t *record)
{
	return str_equal(records_text(record, "attribution"), "full");
}

/* The name of the user in a member; NULL when it holds none. */
static const char *name_in(struct names *n, const json_t *record, const char *key)
{
	uint64_t id;

	if (!trace_number(record, key, &id) || id > UINT32_MAX)
		return NULL;
	return names_of(n, NAMES_USER, id);
}

void trace_user(struct names *n, const json_t *record, char out[TRACE_TEXT_MAX])
{
	_cleanup_free_ char *user = NULL;
	const char *login = NULL, *name = name_in(n, record, "uid");

	/* Asking for a second name may end the life of the first. */
	user = strdup(name ? name : "?");
	login = name_in(n, record, "login_uid");
	if (!name)
		snprintf(out, TRACE_TEXT_MAX, "?");
	else if (login && user && str_equal(login, user))
		snprintf(out, TRACE_TEXT_MAX, "%s%s", user, trace_is_attributed(record) ? "" : "?");
	else
		snprintf(out, TRACE_TEXT_MAX, "%s (%s)%s", user ? user : "?", login ? login : "-",
			 trace_is_attributed(record) ? "" : "?");
}

const char *trace_program(const json_t *record)
{
	const char *exe = records_text(record, "exe"), *slash = strrchr(exe, '/');

	return slash && slash[1] ? slash + 1 : exe;
}

void trace_method(const json_t *record, char out[TRACE_TEXT_MAX])
{
	const char *method = records_text(record, "method");
	uint64_t count;

	if (trace_is_coalesced(record) && trace_number(record, "op_count", &count))
		snprintf(out, TRACE_TEXT_MAX, "%.64s ×%llu", method, (unsigned long long)count);
	else
		snprintf(out, TRACE_TEXT_MAX, "%.64s", method);
}
