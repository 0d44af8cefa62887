/*
 * What the verbs of `leo power` share; see power.h.
 */
#include "leo/power.h"

#include <errno.h>
#include <string.h>

#include "base/def.h"
#include "base/str.h"
#include "base/table.h"
#include "leo/fail.h"
#include "leo/out.h"
#include "leo/quantity.h"
#include "leo/records.h"
#include "leo/text.h"

/* ---- errors in words ---- */

static const char *of_error(const struct failure *f, const char *key)
{
	const char *text = json_string_value(json_object_get(f->parameters, key));

	return text ? text : "?";
}

static int no_such_item(struct leo *l, const struct talk *t, struct failure *f)
{
	f->next = "leo power items";
	return fail(l, f, "there is no item %s", of_error(f, "item"));
}

static int no_such_place(struct leo *l, const struct talk *t, struct failure *f)
{
	_cleanup_free_ char *next = NULL;

	if (asprintf(&next, "leo power get %s", of_error(f, "item")) >= 0)
		f->next = next;
	return fail(l, f, "%s has no place %s here", of_error(f, "item"), of_error(f, "place"));
}

static int no_history(struct leo *l, const struct talk *t, struct failure *f)
{
	f->next = "leo power history";
	return fail(l, f, "nothing is kept of %s at %s", of_error(f, "item"), of_error(f, "place"));
}

static int too_many(struct leo *l, const struct talk *t, struct failure *f)
{
	f->next = NULL;
	return fail(l, f, "that is more than fits one reply: ask for fewer items at once");
}

static int refused(struct leo *l, const struct talk *t, struct failure *f)
{
	_cleanup_free_ char *next = NULL;

	if (asprintf(&next, "leo power get %s", of_error(f, "item")) >= 0)
		f->next = next;
	return fail(l, f, "%s of %s cannot be set: %s", of_error(f, "item"), of_error(f, "place"),
		    of_error(f, "reason"));
}

static int control_held(struct leo *l, const struct talk *t, struct failure *f)
{
	f->next = "leo power status";
	return fail(l, f,
		    "somebody else has control: user %" JSON_INTEGER_FORMAT
		    ", process %" JSON_INTEGER_FORMAT,
		    json_integer_value(json_object_get(f->parameters, "uid")),
		    json_integer_value(json_object_get(f->parameters, "pid")));
}

const struct talk_error power_errors[] = {
	{"NoSuchItem", no_such_item},
	{"NoSuchPlace", no_such_place},
	{"TooMany", too_many},
	{"Refused", refused},
	{"ControlHeld", control_held},
	{"NoHistory", no_history},
	{},
};

/* ---- asking ---- */

int power_call(struct leo *l, struct rpc_link *link, const char *method, const json_t *parameters,
	       json_t **ret_reply)
{
	_cleanup_(json_decrefp) json_t *reply = NULL;
	int status = talk_call(l, link,
			       &(struct talk){.interface = POWER_INTERFACE,
					      .method = method,
					      .parameters = parameters,
					      .timeout_ms = TALK_TIMEOUT_MS,
					      .fn = talk_keep,
					      .data = &reply,
					      .errors = power_errors});

	if (status == LEO_DONE)
		*ret_reply = take_ptr(reply);
	return status;
}

int power_read(struct leo *l, struct rpc_link *link, const char *const *names, size_t count,
	       json_t **ret_reply)
{
	_cleanup_(json_decrefp) json_t *parameters = NULL;
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++)
		if (json_array_append_new(list, json_string(names[i])) < 0)
			return fail_usage(l, "what is typed is not UTF-8");
	parameters = json_pack("{s:o}", "items", list);
	return power_call(l, link, "Read", parameters, ret_reply);
}

int power_items(struct leo *l, struct rpc_link *link, json_t **ret_items)
{
	_cleanup_(json_decrefp) json_t *reply = NULL;
	int status = power_call(l, link, "ListItems", NULL, &reply);

	if (status == LEO_DONE)
		*ret_items = json_incref(json_object_get(reply, "items"));
	return status;
}

/* ---- telling ---- */

const json_t *power_item_of(const json_t *items, const char *name)
{
	for (size_t i = 0; i < json_array_size(items); i++) {
		const json_t *item = json_array_get(items, i);

		if (str_equal(records_text(item, "name"), name))
			return item;
	}
	return NULL;
}

const char *power_unit_of(const json_t *items, const char *name)
{
	const char *unit = json_string_value(json_object_get(power_item_of(items, name), "unit"));

	return unit ? unit : "";
}

static void join_words(const json_t *words, char out[POWER_VALUE_MAX])
{
	size_t len = 0;

	*out = '\0';
	for (size_t i = 0; i < json_array_size(words); i++) {
		const char *word = json_string_value(json_array_get(words, i));

		if (!word || len + strlen(word) + 2 > POWER_VALUE_MAX)
			continue;
		len += snprintf(out + len, POWER_VALUE_MAX - len, "%s%s", len ? " " : "", word);
	}
	if (!len)
		snprintf(out, POWER_VALUE_MAX, "(none)");
}

bool power_value(const json_t *r, const char *unit, char out[POWER_VALUE_MAX])
{
	const json_t *number = json_object_get(r, "number"), *words = json_object_get(r, "words");
	const char *text = json_string_value(json_object_get(r, "text"));
	char quantity[QUANTITY_TEXT_MAX];

	if (json_is_number(number)) {
		quantity_format(json_number_value(number), unit, quantity);
		snprintf(out, POWER_VALUE_MAX, "%s", quantity);
		return true;
	}
	if (json_is_array(words))
		join_words(words, out);
	else
		snprintf(out, POWER_VALUE_MAX, "%s", text ? text : records_text(r, "problem"));
	return text || json_is_array(words);
}

static int add_reading(struct table *t, const json_t *items, const json_t *r)
{
	const char *item = records_text(r, "item");
	char value[POWER_VALUE_MAX];
	bool known = power_value(r, power_unit_of(items, item), value);
	int e = records_cell(t, TABLE_BOLD, item);

	if (e == 0)
		e = records_cell(t, TABLE_PLAIN, records_text(r, "place"));
	return e < 0 ? e : records_cell(t, known ? TABLE_PLAIN : TABLE_WARN, value);
}

int power_print_readings(struct leo *l, const json_t *items, const json_t *readings)
{
	static const struct table_column columns[] = {
		{.title = "ITEM"}, {.title = "PLACE"}, {.title = "VALUE", .may_shrink = true}};
	_cleanup_(table_free_p) struct table *t = NULL;
	int r = l->json ? 0 : table_new(columns, ARRAY_SIZE(columns), &t);

	for (size_t i = 0; r == 0 && i < json_array_size(readings); i++) {
		const json_t *reading = json_array_get(readings, i);

		r = l->json ? out_json(l, reading) : add_reading(t, items, reading);
	}
	if (r < 0 || l->json)
		return r;
	return table_print(t, l->out, l->colour, l->verbose ? 0 : l->width);
}
