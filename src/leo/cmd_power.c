/*
 * leo power [status|items|get|set|release|watch|cap|history|top]: what this machine tells about
 * power, and what of it can be set, as io.leonhard.Power has it. The verbs are in power_*.c.
 */
#include <errno.h>
#include <string.h>

#include "base/def.h"
#include "base/str.h"
#include "leo/fail.h"
#include "leo/out.h"
#include "leo/power.h"
#include "leo/records.h"
#include "leo/text.h"

/* ---- items ---- */

static const char *kind_of(const json_t *item)
{
	bool control = json_is_true(json_object_get(item, "control"));

	return control ? "control" : "signal";
}

static int add_item(struct leo *l, struct table *t, const json_t *item)
{
	json_int_t places = json_integer_value(json_object_get(item, "place_count"));
	int r = records_cell(t, TABLE_BOLD, records_text(item, "name"));

	if (r == 0)
		r = records_cell(t, TABLE_PLAIN, kind_of(item));
	if (r == 0)
		r = records_cell(t, TABLE_PLAIN, records_text(item, "unit"));
	if (r == 0)
		r = table_addf(t, TABLE_PLAIN, "%" JSON_INTEGER_FORMAT " %.40s", places,
			       records_text(item, "domain"));
	return r < 0 ? r : records_cell(t, TABLE_DIM, records_text(item, "help"));
}

/* What this machine has no place for is left out, unless all is wanted. */
static int print_items(struct leo *l, const json_t *items)
{
	static const struct table_column columns[] = {{.title = "ITEM"},
						      {.title = "KIND"},
						      {.title = "UNIT"},
						      {.title = "PLACES"},
						      {.title = "WHAT", .may_shrink = true}};
	_cleanup_(table_free_p) struct table *t = NULL;
	int r = table_new(columns, ARRAY_SIZE(columns), &t);

	for (size_t i = 0; r == 0 && i < json_array_size(items); i++) {
		const json_t *item = json_array_get(items, i);

		if (l->json)
			r = out_json(l, item);
		else if (l->verbose || records_number(item, "place_count"))
			r = add_item(l, t, item);
	}
	if (r < 0 || l->json)
		return r;
	return table_print(t, l->out, l->colour, l->verbose ? 0 : l->width);
}

static int run_items(struct leo *l)
{
	const char *domain = leo_operand(l, 0);
	_cleanup_(rpc_link_free_p) struct rpc_link *link = NULL;
	_cleanup_(json_decrefp) json_t *parameters = json_object(), *reply = NULL, *clean = NULL;
	const json_t *items;
	int status = talk_open(l, POWER_INTERFACE, &link), r;

	if (status != LEO_DONE)
		return status;
	if (domain && json_object_set_new(parameters, "domain", json_string(domain)) < 0)
		return fail_usage(l, "what is typed is not UTF-8");
	status = power_call(l, link, "ListItems", parameters, &reply);
	if (status != LEO_DONE)
		return status;
	items = json_object_get(reply, "items");
	if (domain && json_array_size(items) == 0)
		return fail(l, &(struct failure){.status = LEO_FAILED, .next = "leo power items"},
			    "there are no items of a domain %s", domain);
	clean = l->json ? json_incref(json_object_get(reply, "items")) : text_clean_json(items);
	r = print_items(l, clean);
	return r < 0 ? fail_errno(l, r, "cannot show the items") : LEO_DONE;
}

/* ---- get ---- */

static bool any_value(const json_t *readings)
{
	for (size_t i = 0; i < json_array_size(readings); i++)
		if (!json_is_string(json_object_get(json_array_get(readings, i), "problem")))
			return true;
	return false;
}

static int run_get(struct leo *l)
{
	_cleanup_(rpc_link_free_p) struct rpc_link *link = NULL;
	_cleanup_(json_decrefp) json_t *items = NULL, *reply = NULL, *readings = NULL;
	int status = talk_open(l, POWER_INTERFACE, &link), r;

	if (status == LEO_DONE && !l->json)
		status = power_items(l, link, &items);
	if (status == LEO_DONE)
		status = power_read(l, link, l->operands, l->operand_count, &reply);
	if (status != LEO_DONE)
		return status;
	readings = l->json ? json_incref(json_object_get(reply, "readings"))
			   : text_clean_json(json_object_get(reply, "readings"));
	if (json_array_size(readings) == 0)
		return fail(l, &(struct failure){.status = LEO_FAILED, .next = "leo power items"},
			    "this machine has none of it");
	r = power_print_readings(l, items, readings);
	if (r < 0)
		return fail_errno(l, r, "cannot show the readings");
	return any_value(readings) ? LEO_DONE : LEO_FAILED;
}

/* ---- words ---- */

/* The items as the service has them; NULL: it does not say. */
static json_t *look(struct leo *l)
{
	_cleanup_(rpc_link_free_p) struct rpc_link *link = NULL;
	_cleanup_(json_decrefp) json_t *reply = NULL;

	if (rpc_link_open(l->root, POWER_INTERFACE, &link) < 0 ||
	    talk_quietly(link, POWER_INTERFACE ".ListItems", NULL, &reply) < 0)
		return NULL;
	return text_clean_json(json_object_get(reply, "items"));
}

static void print_names(const json_t *items, bool controls, FILE *f)
{
	for (size_t i = 0; i < json_array_size(items); i++) {
		const json_t *item = json_array_get(items, i);

		if (records_number(item, "place_count") &&
		    (!controls || json_is_true(json_object_get(item, "control"))))
			fprintf(f, "%s\t%s\n", records_text(item, "name"),
				records_text(item, "help"));
	}
}

static void words_items(struct leo *l, const char *word, FILE *f)
{
	_cleanup_(json_decrefp) json_t *items = look(l);

	print_names(items, false, f);
}

static void print_places(const json_t *items, const char *name, FILE *f)
{
	const json_t *places = json_object_get(power_item_of(items, name), "places");

	for (size_t i = 0; i < json_array_size(places); i++) {
		const char *place = json_string_value(json_array_get(places, i));

		if (place)
			fprintf(f, "%s\n", place);
	}
}

static void words_controls(struct leo *l, const char *word, FILE *f)
{
	_cleanup_(json_decrefp) json_t *items = look(l);

	if (l->operand_count == 0)
		print_names(items, true, f);
	else if (l->operand_count == 1)
		print_places(items, l->operands[0], f);
}

static void words_domains(struct leo *l, const char *word, FILE *f)
{
	_cleanup_(json_decrefp) json_t *items = look(l);

	for (size_t i = 0; i < json_array_size(items); i++) {
		const char *domain = records_text(json_array_get(items, i), "domain");
		bool told = false;

		for (size_t k = 0; k < i && !told; k++)
			told = str_equal(records_text(json_array_get(items, k), "domain"), domain);
		if (!told)
			fprintf(f, "%s\n", domain);
	}
}

static void words_series(struct leo *l, const char *word, FILE *f)
{
	_cleanup_(rpc_link_free_p) struct rpc_link *link = NULL;
	_cleanup_(json_decrefp) json_t *reply = NULL, *series = NULL;

	if (rpc_link_open(l->root, POWER_INTERFACE, &link) < 0 ||
	    talk_quietly(link, POWER_INTERFACE ".ListSeries", NULL, &reply) < 0)
		return;
	series = text_clean_json(json_object_get(reply, "series"));
	for (size_t i = 0; i < json_array_size(series); i++) {
		const json_t *s = json_array_get(series, i);
		const char *item = records_text(s, "item");

		/* Places of an item stand together. */
		if (l->operand_count == 0 &&
		    (i == 0 ||
		     !str_equal(records_text(json_array_get(series, i - 1), "item"), item)))
			fprintf(f, "%s\n", item);
		else if (l->operand_count == 1 && str_equal(item, l->operands[0]))
			fprintf(f, "%s\n", records_text(s, "place"));
	}
}

/* ---- the command ---- */

static const struct leo_form forms[] = {
	{"status", NULL, "power, frequencies, heat, and who has set what", .run = power_status},
	{"items", "[DOMAIN]", "what can be read and set; with -v all there is", 0, 1, words_domains,
	 run_items},
	{"get", "ITEM...", "read items at all their places; ITEM may end in *", 1, 64, words_items,
	 run_get},
	{"set", "ITEM [PLACE] VALUE", "set it there or at all places, until Ctrl-C", 2, 3,
	 words_controls, power_set},
	{"release", "[ITEM [PLACE]]", "put back what you keep set", 0, 2, words_controls,
	 power_release},
	{"watch", "ITEM...", "readings, and each change until Ctrl-C", 1, 64, words_items,
	 power_watch},
	{"top", NULL, "who uses energy and processors, until Ctrl-C", .run = power_top},
	{"cap", "[WATTS]", "the power cap of the machine; or set and hold it", 0, 1, NULL,
	 power_cap},
	{"history", "[ITEM [PLACE]]", "what was: of all in short, or a graph", 0, 2, words_series,
	 power_history},
	{},
};

static const struct leo_option options[] = {
	{"keep", NULL, "it stays when leo ends, until it is released", .verb = "set cap"},
	{"interval", "TIME", "how often to look: 2s, 500ms; 1s unless it is given",
	 .verb = "watch"},
	{"by", "WHAT", "unit, process or cgroup; unit unless it is given", .verb = "top"},
	{"once", NULL, "the last minute, once", .verb = "top"},
	{"since", "TIME", "how far back: 2h, 15:30; 10min unless it is given", .verb = "history"},
	{"step", "TIME", "one point for so long: 10s, 5min", .verb = "history"},
	{"dry-run", NULL, "only say what would be done", .verb = "set cap release"},
	{},
};

static const struct leo_command power = {
	.name = "power",
	.summary = "power of this machine: read, watch, set and put back",
	.about =
		"Asks io.leonhard.Power. A value has a unit or none: 2.4GHz, 65W, 50us, 85%, on.\n",
	.forms = forms,
	.options = options,
	.examples = {"leo power cap 120W", "leo power history power.board --since 2h"},
	.interface = POWER_INTERFACE,
};

LEO_COMMAND(power);
