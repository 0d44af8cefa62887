/*
 * leo power status: on a few lines what the machine uses and by which meter, how its processors
 * run, how warm it is, and who has set what.
 */
#include <errno.h>
#include <string.h>

#include "base/def.h"
#include "base/str.h"
#include "base/time.h"
#include "leo/fail.h"
#include "leo/names.h"
#include "leo/out.h"
#include "leo/overview.h"
#include "leo/power.h"
#include "leo/quantity.h"
#include "leo/records.h"
#include "leo/text.h"

enum { TEMPERATURES_SHOWN = 6 };

struct overview {
	struct leo *l;
	const json_t *readings, *settings, *token; /* clean, borrowed */
	struct names *names;
};

/* ---- readings ---- */

static const json_t *find(const struct overview *o, const char *item, const char *place)
{
	for (size_t i = 0; i < json_array_size(o->readings); i++) {
		const json_t *r = json_array_get(o->readings, i);

		if (str_equal(records_text(r, "item"), item) &&
		    (!place || str_equal(records_text(r, "place"), place)))
			return r;
	}
	return NULL;
}

static bool number_of(const json_t *r, double *ret_number)
{
	const json_t *number = json_object_get(r, "number");

	if (json_is_number(number))
		*ret_number = json_number_value(number);
	return json_is_number(number);
}

/* The first place of the item that has a number. */
static const json_t *find_number(const struct overview *o, const char *item, double *ret_number)
{
	for (size_t i = 0; i < json_array_size(o->readings); i++) {
		const json_t *r = json_array_get(o->readings, i);

		if (str_equal(records_text(r, "item"), item) && number_of(r, ret_number))
			return r;
	}
	return NULL;
}

/* ---- power ---- */

static void print_watts(const struct overview *o, double watts)
{
	char text[QUANTITY_TEXT_MAX];

	quantity_format(watts, "W", text);
	fprintf(o->l->out, "%s%s%s", out_bold(o->l), text, out_plain(o->l));
}

/* So that nobody takes watts of a model for a measurement. */
static void print_level(const struct overview *o)
{
	const char *level =
		json_string_value(json_object_get(find(o, "power.level", NULL), "text"));

	if (level)
		fprintf(o->l->out, "  (%s)", level);
}

/* "45 W of the processors, 3 W of the memory" */
static bool print_parts(const struct overview *o)
{
	static const char *const parts[][2] = {{"power.processors", "processors"},
					       {"power.memory", "memory"}};
	bool some = false;
	double watts;

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		if (!find_number(o, parts[i][0], &watts))
			continue;
		fputs(some ? ", " : "", o->l->out);
		print_watts(o, watts);
		fprintf(o->l->out, " of the %s", parts[i][1]);
		some = true;
	}
	return some;
}

/* The meter that the daemon takes is the first that tells. */
static bool print_board(const struct overview *o)
{
	double watts, one;
	const json_t *meter = find_number(o, "hwmon.power", &one);

	if (find_number(o, "power.board", &watts)) {
		print_watts(o, watts);
		fprintf(o->l->out, "  by %s",
			meter ? records_text(meter, "place") : "the zone of the whole board");
		print_level(o);
		fputc('\n', o->l->out);
		return true;
	}
	if (!find_number(o, "ipmi.power", &watts))
		return false;
	print_watts(o, watts);
	fputs("  by the board's controller (IPMI)", o->l->out);
	print_level(o);
	fputc('\n', o->l->out);
	return true;
}

static void print_power(const struct overview *o)
{
	bool board;

	overview_label(o->l, "power");
	board = print_board(o);
	if (!board)
		fputs("no meter of the whole machine", o->l->out);
	if (board)
		overview_label(o->l, "");
	else
		fputs("; ", o->l->out);
	if (!print_parts(o))
		fputs("no meter of its parts", o->l->out);
	else if (!board)
		print_level(o);
	fputc('\n', o->l->out);
}

/* ---- processors ---- */

static void print_usage(const struct overview *o)
{
	double usage;

	overview_label(o->l, "processors");
	if (find_number(o, "cpu.usage-mean", &usage))
		fprintf(o->l->out, "%.0f %% busy\n", usage * 100);
	else
		fputs("usage is not known\n", o->l->out);
}

/* How a policy is set; policies that are set the same are told together. */
struct policy {
	const char *governor;
	double min, max;
	bool known;
};

static struct policy policy_at(const struct overview *o, const char *place)
{
	struct policy p = {.governor = records_text(find(o, "cpufreq.governor", place), "text")};

	p.known = number_of(find(o, "cpufreq.min", place), &p.min) &&
		  number_of(find(o, "cpufreq.max", place), &p.max);
	return p;
}

static bool is_same(const struct policy *a, const struct policy *b)
{
	return str_equal(a->governor, b->governor) && a->known == b->known &&
	       (!a->known || (a->min == b->min && a->max == b->max));
}

/* The frequencies of those that are set as @p is: how many policies, and the ends of them. */
static unsigned gather(const struct overview *o, const struct policy *p, double *ret_low,
		       double *ret_high, bool *ret_known)
{
	unsigned count = 0;

	*ret_known = false;
	for (size_t i = 0; i < json_array_size(o->readings); i++) {
		const json_t *r = json_array_get(o->readings, i);
		const char *place = records_text(r, "place");
		struct policy other;
		double hz;

		if (!str_equal(records_text(r, "item"), "cpufreq.governor"))
			continue;
		other = policy_at(o, place);
		if (!is_same(p, &other))
			continue;
		count++;
		if (!number_of(find(o, "cpufreq.frequency", place), &hz))
			continue;
		*ret_low = *ret_known && *ret_low < hz ? *ret_low : hz;
		*ret_high = *ret_known && *ret_high > hz ? *ret_high : hz;
		*ret_known = true;
	}
	return count;
}

static void print_policy(const struct overview *o, const char *place, const struct policy *p)
{
	char low[QUANTITY_TEXT_MAX], high[QUANTITY_TEXT_MAX];
	double from = 0, to = 0;
	bool known;
	unsigned count = gather(o, p, &from, &to, &known);

	fprintf(o->l->out, "%s", p->governor);
	if (p->known) {
		quantity_format(p->min, "Hz", low);
		quantity_format(p->max, "Hz", high);
		fprintf(o->l->out, ", %s to %s", low, high);
	}
	if (known) {
		quantity_format(from, "Hz", low);
		quantity_format(to, "Hz", high);
		fprintf(o->l->out, "; now %s%s%s", low, from < to ? " to " : "",
			from < to ? high : "");
	}
	if (count > 1)
		fprintf(o->l->out, "  (%s and %u more)\n", place, count - 1);
	else
		fprintf(o->l->out, "  (%s)\n", place);
}

/* Whether a policy before the reading @at is set the same. */
static bool was_told(const struct overview *o, size_t at, const struct policy *p)
{
	for (size_t i = 0; i < at; i++) {
		const json_t *r = json_array_get(o->readings, i);
		struct policy other;

		if (!str_equal(records_text(r, "item"), "cpufreq.governor"))
			continue;
		other = policy_at(o, records_text(r, "place"));
		if (is_same(p, &other))
			return true;
	}
	return false;
}

static void print_policies(const struct overview *o)
{
	bool some = false;

	for (size_t i = 0; i < json_array_size(o->readings); i++) {
		const json_t *r = json_array_get(o->readings, i);
		const char *place = records_text(r, "place");
		struct policy p;

		if (!str_equal(records_text(r, "item"), "cpufreq.governor") ||
		    !json_is_string(json_object_get(r, "text")))
			continue;
		p = policy_at(o, place);
		if (was_told(o, i, &p))
			continue;
		overview_label(o->l, some ? "" : "frequency");
		print_policy(o, place, &p);
		some = true;
	}
	if (some)
		return;
	overview_label(o->l, "frequency");
	fputs("the kernel does not set it here\n", o->l->out);
}

/* ---- temperatures ---- */

static void print_temperatures(const struct overview *o)
{
	unsigned count = 0;
	double kelvin;

	for (size_t i = 0; i < json_array_size(o->readings); i++) {
		const json_t *r = json_array_get(o->readings, i);
		char text[QUANTITY_TEXT_MAX];

		if (!str_equal(records_text(r, "item"), "thermal.temperature") ||
		    !number_of(r, &kelvin) || (!o->l->verbose && count == TEMPERATURES_SHOWN))
			continue;
		quantity_format(kelvin, "K", text);
		overview_label(o->l, count++ ? "" : "temperature");
		fprintf(o->l->out, "%s  %s\n", text, records_text(r, "place"));
	}
	if (count)
		return;
	overview_label(o->l, "temperature");
	fputs("no sensor\n", o->l->out);
}

/* ---- who has set what ---- */

static const char *user_of(const struct overview *o, const json_t *object)
{
	json_int_t uid = json_integer_value(json_object_get(object, "uid"));

	return names_of(o->names, NAMES_USER, uid >= 0 && uid <= UINT32_MAX ? uid : UINT32_MAX);
}

static json_int_t pid_of(const json_t *object)
{
	return json_integer_value(json_object_get(object, "pid"));
}

static void print_setting(const struct overview *o, const json_t *items, const json_t *s)
{
	const char *item = records_text(s, "item");
	uint64_t since_ns = records_number(s, "since_ns");
	char value[POWER_VALUE_MAX], when[TIME_TEXT_MAX];

	power_value(s, power_unit_of(items, item), value);
	time_format_relative(since_ns, time_now_ns(CLOCK_REALTIME), when);
	fprintf(o->l->out, "%s%s%s %s %s  by %s (%" JSON_INTEGER_FORMAT "), %s%s\n", out_bold(o->l),
		item, out_plain(o->l), records_text(s, "place"), value, user_of(o, s), pid_of(s),
		when, json_is_true(json_object_get(s, "keep")) ? ", kept" : "");
}

static void print_settings(const struct overview *o, const json_t *items)
{
	size_t count = json_array_size(o->settings);

	for (size_t i = 0; i < count; i++) {
		overview_label(o->l, i ? "" : "set");
		print_setting(o, items, json_array_get(o->settings, i));
	}
	if (!count) {
		overview_label(o->l, "set");
		fputs("nothing\n", o->l->out);
	}
	if (!json_is_object(o->token))
		return;
	overview_label(o->l, "control");
	fprintf(o->l->out, "taken by %s (%" JSON_INTEGER_FORMAT ")\n", user_of(o, o->token),
		pid_of(o->token));
}

/* ---- all of it ---- */

/* In pieces, each of which fits a reply also of a large machine. */
static int read_all(struct leo *l, struct rpc_link *link, json_t *all)
{
	static const char *const names[][8] = {
		{"power.*", "hwmon.power", "ipmi.power", "cpu.usage-mean", "thermal.temperature"},
		{"cpufreq.governor", "cpufreq.frequency"},
		{"cpufreq.min", "cpufreq.max"},
	};
	int status = LEO_DONE;

	for (size_t i = 0; status == LEO_DONE && i < ARRAY_SIZE(names); i++) {
		_cleanup_(json_decrefp) json_t *reply = NULL;
		size_t count = 0;

		while (count < ARRAY_SIZE(names[i]) && names[i][count])
			count++;
		status = power_read(l, link, names[i], count, &reply);
		json_array_extend(all, json_object_get(reply, "readings"));
	}
	return status;
}

static int print_json(struct leo *l, json_t *readings, json_t *settings)
{
	_cleanup_(json_decrefp) json_t *object = json_pack(
		"{s:O, s:O?, s:O?}", "readings", readings, "settings",
		json_object_get(settings, "settings"), "token", json_object_get(settings, "token"));
	int r = object ? out_json(l, object) : -ENOMEM;

	return r < 0 ? fail_errno(l, r, "cannot show the reply") : LEO_DONE;
}

static int print(struct leo *l, const json_t *items, json_t *readings, json_t *settings,
		 const json_t *scheduling)
{
	_cleanup_(json_decrefp) json_t *told = text_clean_json(readings),
				       *set = text_clean_json(settings);
	_cleanup_(names_free_p) struct names *names = NULL;
	struct overview o = {.l = l,
			     .readings = told,
			     .settings = json_object_get(set, "settings"),
			     .token = json_object_get(set, "token")};
	int r = told && set ? names_new(l->root_fd, &names) : -ENOMEM;

	if (r < 0)
		return fail_errno(l, r, "cannot show the reply");
	o.names = names;
	print_power(&o);
	print_usage(&o);
	print_policies(&o);
	print_temperatures(&o);
	power_print_scheduling(l, scheduling);
	print_settings(&o, items);
	return LEO_DONE;
}

int power_status(struct leo *l)
{
	_cleanup_(rpc_link_free_p) struct rpc_link *link = NULL;
	_cleanup_(json_decrefp) json_t *readings = json_array(), *settings = NULL, *items = NULL,
				       *scheduling = NULL;
	int status = talk_open(l, POWER_INTERFACE, &link);

	if (status == LEO_DONE)
		status = read_all(l, link, readings);
	if (status == LEO_DONE)
		status = power_call(l, link, "ListSettings", NULL, &settings);
	if (status != LEO_DONE)
		return status;
	if (l->json)
		return print_json(l, readings, settings);
	if (json_array_size(json_object_get(settings, "settings")))
		status = power_items(l, link, &items);
	/* One that does not tell packs nothing. */
	if (status == LEO_DONE)
		talk_quietly(link, POWER_INTERFACE ".Scheduling", NULL, &scheduling);
	return status == LEO_DONE ? print(l, items, readings, settings, scheduling) : status;
}
