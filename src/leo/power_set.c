/*
 * leo power set and release; and setting, for leo power cap.
 *
 * What is set belongs to the connection, so that leo holds it by staying, and looks now and then
 * whether it still is as it was set. However leo ends, the service puts it back. With --keep it
 * stays, and belongs to the user. Of several places all are set or none.
 */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "base/def.h"
#include "base/str.h"
#include "base/time.h"
#include "leo/fail.h"
#include "leo/out.h"
#include "leo/power.h"
#include "leo/quantity.h"
#include "leo/records.h"
#include "leo/suggest.h"
#include "leo/text.h"

enum { LOOK_S = 5, BACK_TRIES = 20, BACK_PAUSE_MS = 100 };

struct setting {
	struct leo *l;
	struct rpc_link *link;
	const char *item, *value;
	const char *place; /* NULL: all places */
	const char *unit; /* of the item, clean */
	json_t *places; /* owned: names, as the service tells them */
	json_t *set; /* owned: what was read back, by place */
	size_t done;
	bool keep;
};

/* ---- what is meant ---- */

static int refuse_item(struct leo *l, const json_t *items, const char *item)
{
	struct suggest s = {.word = item};
	struct failure f = {.status = LEO_FAILED, .next = "leo power items"};

	for (size_t i = 0; i < json_array_size(items); i++)
		suggest_offer(&s, records_text(json_array_get(items, i), "name"));
	if (suggest_best(&s))
		return fail(l, &f, "there is no item %s; did you mean %s?", item, suggest_best(&s));
	return fail(l, &f, "there is no item %s", item);
}

/* Where the item can be read it may be set; the service says if not. */
static int find_places(struct setting *s)
{
	_cleanup_(json_decrefp) json_t *reply = NULL;
	const json_t *readings;
	int status = power_read(s->l, s->link, &s->item, 1, &reply);

	if (status != LEO_DONE)
		return status;
	readings = json_object_get(reply, "readings");
	for (size_t i = 0; i < json_array_size(readings); i++) {
		const json_t *r = json_array_get(readings, i);

		if (!json_is_string(json_object_get(r, "problem")))
			json_array_append(s->places, json_object_get(r, "place"));
	}
	if (json_array_size(s->places))
		return LEO_DONE;
	return fail(s->l, &(struct failure){.status = LEO_FAILED, .next = "leo power items"},
		    "this machine has no %s", s->item);
}

static int choose_places(struct setting *s)
{
	if (!s->place)
		return find_places(s);
	if (json_array_append_new(s->places, json_string(s->place)) < 0)
		return fail_usage(s->l, "what is typed is not UTF-8");
	return LEO_DONE;
}

/* The value as a member of the call's parameters. */
static int put_value(const struct setting *s, json_t *parameters)
{
	json_t *value;
	double number;

	if (str_equal(s->unit, "text")) {
		value = json_string(s->value);
		if (json_object_set_new(parameters, "text", value) < 0)
			return fail_usage(s->l, "what is typed is not UTF-8");
		return LEO_DONE;
	}
	if (quantity_parse(s->value, s->unit, &number) < 0)
		return fail_usage(s->l, "%s is no value of %s, which is in %s", s->value, s->item,
				  s->unit);
	json_object_set_new(parameters, "number", json_real(number));
	return LEO_DONE;
}

/* ---- setting ---- */

static int set_one(struct setting *s, const json_t *place)
{
	_cleanup_(json_decrefp) json_t *reply = NULL,
				       *parameters = json_pack("{s:s, s:O, s:b}", "item", s->item,
							       "place", place, "keep", s->keep);
	int status = put_value(s, parameters);

	if (status == LEO_DONE)
		status = power_call(s->l, s->link, "Set", parameters, &reply);
	if (status != LEO_DONE)
		return status;
	json_object_set_new(reply, "item", json_string(s->item));
	json_object_set(reply, "place", json_object_get(parameters, "place"));
	json_array_append(s->set, reply);
	return LEO_DONE;
}

/* What is kept would stay; what is not goes with the connection. */
static void undo(struct setting *s)
{
	for (size_t i = 0; s->keep && i < json_array_size(s->set); i++) {
		_cleanup_(json_decrefp) json_t *reply = NULL;
		const json_t *set = json_array_get(s->set, i);
		_cleanup_(json_decrefp) json_t *parameters =
			json_pack("{s:O, s:O}", "item", json_object_get(set, "item"), "place",
				  json_object_get(set, "place"));

		talk_quietly(s->link, POWER_INTERFACE ".Release", parameters, &reply);
	}
	if (json_array_size(s->set))
		fail_note(s->l, "what was set before that is put back");
}

static int set_all(struct setting *s)
{
	int status = LEO_DONE;

	for (size_t i = 0; status == LEO_DONE && i < json_array_size(s->places); i++)
		status = set_one(s, json_array_get(s->places, i));
	if (status != LEO_DONE)
		undo(s);
	return status;
}

static int print_set(struct setting *s, const json_t *items)
{
	_cleanup_(json_decrefp) json_t *clean = text_clean_json(s->set);
	int r = clean ? power_print_readings(s->l, items, s->l->json ? s->set : clean) : -ENOMEM;

	if (r == 0)
		r = out_flush(s->l);
	return r < 0 && r != -EPIPE ? fail_errno(s->l, r, "cannot show what was set") : LEO_DONE;
}

static int tell_dry(struct setting *s)
{
	_cleanup_(json_decrefp) json_t *parameters = json_object();
	int status = put_value(s, parameters);

	for (size_t i = 0; status == LEO_DONE && i < json_array_size(s->places); i++) {
		_cleanup_(json_decrefp) json_t *object = json_copy(parameters), *clean = NULL;

		json_object_set_new(object, "item", json_string(s->item));
		json_object_set(object, "place", json_array_get(s->places, i));
		json_object_set_new(object, "dry_run", json_true());
		clean = text_clean_json(object);
		if (s->l->json)
			out_json(s->l, object);
		else
			fprintf(s->l->out, "%s of %s would be set to %s\n",
				records_text(clean, "item"), records_text(clean, "place"),
				s->value);
	}
	return status;
}

/* ---- holding ---- */

/* What was read back when it was set at the place of @r; NULL: it was not. */
static json_t *set_at(const struct setting *s, const json_t *r)
{
	for (size_t i = 0; i < json_array_size(s->set); i++) {
		json_t *set = json_array_get(s->set, i);

		if (json_equal(json_object_get(set, "place"), json_object_get(r, "place")))
			return set;
	}
	return NULL;
}

static bool is_other(const json_t *set, const json_t *r)
{
	const json_t *number = json_object_get(set, "number"), *text = json_object_get(set, "text");

	if (json_is_number(number))
		return json_number_value(number) != json_number_value(json_object_get(r, "number"));
	return json_is_string(text) && !json_equal(text, json_object_get(r, "text"));
}

/* Says once that something is not as it was set any more. */
static int on_readings(struct leo *l, const json_t *parameters, void *data)
{
	const json_t *readings = json_object_get(parameters, "readings");
	struct setting *s = data;

	for (size_t i = 0; i < json_array_size(readings); i++) {
		_cleanup_(json_decrefp) json_t *clean =
			text_clean_json(json_array_get(readings, i));
		json_t *set = set_at(s, json_array_get(readings, i));
		char value[POWER_VALUE_MAX];

		if (!set || !is_other(set, json_array_get(readings, i)))
			continue;
		power_value(clean, s->unit, value);
		fail_note(l, "%s of %s is %s now: somebody else has set it", s->item,
			  records_text(clean, "place"), value);
		json_object_del(set, "number");
		json_object_del(set, "text");
	}
	return LEO_DONE;
}

/* Whether nothing is set any more by this process, as the service tells. */
static bool is_back(struct leo *l)
{
	_cleanup_(rpc_link_free_p) struct rpc_link *link = NULL;
	_cleanup_(json_decrefp) json_t *reply = NULL;
	const json_t *settings;

	if (rpc_link_open(l->root, POWER_INTERFACE, &link) < 0 ||
	    talk_quietly(link, POWER_INTERFACE ".ListSettings", NULL, &reply) < 0)
		return false;
	settings = json_object_get(reply, "settings");
	for (size_t i = 0; i < json_array_size(settings); i++) {
		const json_t *one = json_array_get(settings, i);

		if (json_integer_value(json_object_get(one, "pid")) == getpid() &&
		    !json_is_true(json_object_get(one, "keep")))
			return false;
	}
	return true;
}

static int let_go(struct setting *s)
{
	const struct timespec pause = {.tv_nsec = BACK_PAUSE_MS * NS_PER_MS};

	rpc_link_free(take_ptr(s->link));
	for (int i = 0; i < BACK_TRIES; i++) {
		if (is_back(s->l)) {
			fail_note(s->l, "put back");
			return LEO_DONE;
		}
		nanosleep(&pause, NULL);
	}
	return fail(s->l, &(struct failure){.status = LEO_FAILED, .next = "leo power status"},
		    "it is not known whether it has been put back");
}

static int hold(struct setting *s)
{
	_cleanup_(json_decrefp) json_t *parameters = json_pack(
		"{s:[s], s:I}", "items", s->item, "interval_ns", (json_int_t)(LOOK_S * NS_PER_S));
	int status;

	fail_note(s->l, "held while leo runs; Ctrl-C puts it back");
	status = talk_call(s->l, s->link,
			   &(struct talk){.interface = POWER_INTERFACE,
					  .method = "Watch",
					  .parameters = parameters,
					  .more = true,
					  .fn = on_readings,
					  .data = s,
					  .errors = power_errors});
	return status == LEO_DONE ? let_go(s) : status;
}

/* ---- the verbs ---- */

static int run(struct setting *s, const json_t *items)
{
	int status;

	if (!power_item_of(items, s->item))
		return refuse_item(s->l, items, s->item);
	s->unit = power_unit_of(items, s->item);
	status = choose_places(s);
	if (status != LEO_DONE)
		return status;
	if (leo_value(s->l, "dry-run"))
		return tell_dry(s);
	status = set_all(s);
	if (status == LEO_DONE)
		status = print_set(s, items);
	if (status != LEO_DONE)
		return status;
	return s->keep ? LEO_DONE : hold(s);
}

int power_set_item(struct leo *l, const char *item, const char *place, const char *value)
{
	_cleanup_(json_decrefp) json_t *items = NULL, *clean = NULL;
	struct setting s = {.l = l,
			    .item = item,
			    .place = place,
			    .value = value,
			    .keep = leo_value(l, "keep"),
			    .places = json_array(),
			    .set = json_array()};
	int status = talk_open(l, POWER_INTERFACE, &s.link);

	if (status == LEO_DONE)
		status = power_items(l, s.link, &items);
	clean = text_clean_json(items);
	if (status == LEO_DONE)
		status = run(&s, clean);
	rpc_link_free(s.link);
	json_decref(s.places);
	json_decref(s.set);
	return status;
}

int power_set(struct leo *l)
{
	return power_set_item(l, leo_operand(l, 0),
			      l->operand_count == 3 ? leo_operand(l, 1) : NULL,
			      leo_operand(l, l->operand_count - 1));
}

/* What this user keeps: an object for each, as ListSettings has it. */
static int release_dry(struct leo *l, struct rpc_link *link)
{
	_cleanup_(json_decrefp) json_t *reply = NULL, *clean = NULL;
	const json_t *settings;
	int status = power_call(l, link, "ListSettings", NULL, &reply);

	if (status != LEO_DONE)
		return status;
	clean = text_clean_json(json_object_get(reply, "settings"));
	settings = l->json ? json_object_get(reply, "settings") : clean;
	for (size_t i = 0; i < json_array_size(settings); i++) {
		const json_t *s = json_array_get(settings, i);
		const char *item = leo_operand(l, 0), *place = leo_operand(l, 1);

		if (!json_is_true(json_object_get(s, "keep")) ||
		    json_integer_value(json_object_get(s, "uid")) != (json_int_t)getuid() ||
		    (item && !str_equal(records_text(s, "item"), item)) ||
		    (place && !str_equal(records_text(s, "place"), place)))
			continue;
		if (l->json)
			out_json(l, s);
		else
			fprintf(l->out, "%s of %s would be put back\n", records_text(s, "item"),
				records_text(s, "place"));
	}
	return LEO_DONE;
}

static int release_now(struct leo *l, struct rpc_link *link)
{
	_cleanup_(json_decrefp) json_t *reply = NULL,
				       *parameters =
					       json_pack("{s:s?, s:s?}", "item", leo_operand(l, 0),
							 "place", leo_operand(l, 1));
	unsigned long long restored, conflicts;
	int status;

	if (!parameters)
		return fail_usage(l, "what is typed is not UTF-8");
	status = power_call(l, link, "Release", parameters, &reply);
	if (status != LEO_DONE)
		return status;
	if (l->json)
		return out_json(l, reply) < 0 ? LEO_FAILED : LEO_DONE;
	restored = records_number(reply, "restored");
	conflicts = records_number(reply, "conflicts");
	fprintf(l->out, "%llu put back\n", restored);
	if (conflicts)
		fprintf(l->out, "%llu left as somebody else had set them meanwhile\n", conflicts);
	return LEO_DONE;
}

int power_release(struct leo *l)
{
	_cleanup_(rpc_link_free_p) struct rpc_link *link = NULL;
	int status = talk_open(l, POWER_INTERFACE, &link);

	if (status != LEO_DONE)
		return status;
	return leo_value(l, "dry-run") ? release_dry(l, link) : release_now(l, link);
}
