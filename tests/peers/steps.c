/*
 * The steps of org.varlink.certification; see steps.h.
 */
#include "steps.h"

#include <assert.h>
#include <string.h>

#include "base/def.h"

#define NUMBERS "'bool': false, 'int': 2, 'float': 3.141592653589793, 'string': 'a lot of string'"
#define NAMES "'foo': 'Foo', 'bar': 'Bar'"
#define SET "{'one': {}, 'two': {}, 'three': {}}"
#define MYTYPE                                                                               \
	"{'mytype': {"                                                                       \
	"'object': {'method': 'org.varlink.certification.Test09',"                           \
	"           'parameters': {'map': {" NAMES "}}},"                                    \
	"'enum': 'two', 'struct': {'first': 1, 'second': '2'},"                              \
	"'array': ['one', 'two', 'three'], 'dictionary': {" NAMES "}, 'stringset': " SET "," \
	"'nullable': null, 'nullable_array_struct': null,"                                   \
	"'interface': {'foo': [null, {'Foo': 'foo', 'Bar': 'bar'},"                          \
	"                      null, {'one': 'foo', 'two': 'bar'}],"                         \
	"              'anon': {'foo': true, 'bar': false}}}}"
#define REPLY(n) "'Reply number " #n "'"
#define STREAMED(n) "{'string': " REPLY(n) "}"
#define TEN(f) \
	f(1) "," f(2) "," f(3) "," f(4) "," f(5) "," f(6) "," f(7) "," f(8) "," f(9) "," f(10)

const struct step steps[STEPS_COUNT] = {
	{"Test01", STEP_CALL, "{}", "{'bool': true}"},
	{"Test02", STEP_CALL, "{'bool': true}", "{'int': 1}"},
	{"Test03", STEP_CALL, "{'int': 1}", "{'float': 1.0}"},
	{"Test04", STEP_CALL, "{'float': 1.0}", "{'string': 'ping'}"},
	{"Test05", STEP_CALL, "{'string': 'ping'}", "{" NUMBERS "}"},
	{"Test06", STEP_CALL, "{" NUMBERS "}", "{'struct': {" NUMBERS "}}"},
	{"Test07", STEP_CALL, "{'struct': {" NUMBERS "}}", "{'map': {" NAMES "}}"},
	{"Test08", STEP_CALL, "{'map': {" NAMES "}}", "{'set': " SET "}"},
	{"Test09", STEP_CALL, "{'set': " SET "}", MYTYPE},
	{"Test10", STEP_STREAM, MYTYPE, "[" TEN(STREAMED) "]"},
	{"Test11", STEP_ONEWAY, "{'last_more_replies': [" TEN(REPLY) "]}", "{}"},
};

json_t *steps_value(const char *text)
{
	_cleanup_free_ char *json = strdup(text);
	json_t *value;

	assert(json);
	for (char *p = json; *p; p++)
		if (*p == '\'')
			*p = '"';
	value = json_loads(json, 0, NULL);
	assert(value);
	return value;
}

json_t *steps_arguments(const struct step *s, const char *client_id)
{
	json_t *arguments = steps_value(s->takes);
	int r = json_object_set_new(arguments, "client_id", json_string(client_id));

	assert(r == 0);
	return arguments;
}

/* Whether every member of @a that is not null is in @b. */
static bool within(const json_t *a, const json_t *b)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)a, key,
			    value) if (!json_is_null(value) &&
				       !steps_equal(value, json_object_get(b, key))) return false;
	return true;
}

static bool same_list(const json_t *a, const json_t *b)
{
	if (json_array_size(a) != json_array_size(b))
		return false;
	for (size_t i = 0; i < json_array_size(a); i++)
		if (!steps_equal(json_array_get(a, i), json_array_get(b, i)))
			return false;
	return true;
}

bool steps_equal(const json_t *a, const json_t *b)
{
	if (json_is_object(a) && json_is_object(b))
		return within(a, b) && within(b, a);
	if (json_is_array(a) && json_is_array(b))
		return same_list(a, b);
	if (json_is_number(a) && json_is_number(b))
		return json_number_value(a) == json_number_value(b);
	return json_equal(a, b);
}

static bool spoil_object(json_t *object)
{
	const char *key, *last = NULL;
	json_t *value;

	json_object_foreach(object, key, value) last = key;
	if (!last)
		return false;
	value = json_object_get(object, last);
	if (json_is_boolean(value))
		return json_object_set_new(object, last, json_boolean(json_is_false(value))) == 0;
	return steps_spoil(value) || json_object_del(object, last) == 0;
}

bool steps_spoil(json_t *value)
{
	switch (json_typeof(value)) {
	case JSON_OBJECT:
		return spoil_object(value);
	case JSON_ARRAY:
		return json_array_remove(value, json_array_size(value) - 1) == 0;
	case JSON_STRING:
		return json_string_set(value, "something else") == 0;
	case JSON_INTEGER:
		return json_integer_set(value, json_integer_value(value) + 1) == 0;
	case JSON_REAL:
		return json_real_set(value, json_real_value(value) + 1) == 0;
	default:
		return false;
	}
}
