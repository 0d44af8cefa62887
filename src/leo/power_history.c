/*
 * leo power history: what the service has kept. Without an item a line for each series; with one a
 * graph of it, with its statistics; for programs a line for each series, or for each point.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/def.h"
#include "base/str.h"
#include "base/time.h"
#include "leo/fail.h"
#include "leo/graph.h"
#include "leo/out.h"
#include "leo/power.h"
#include "leo/quantity.h"
#include "leo/records.h"
#include "leo/text.h"

enum { SPAN_S = 600, LINE_COLUMNS = 24, WIDTH = 80, MARGIN = 12 };

struct history {
	struct leo *l;
	struct rpc_link *link;
	uint64_t since_ns, span_ns;
	json_int_t step_ns; /* 0: as the service likes */
	struct table *table; /* of all series; NULL: graphs */
	size_t count; /* of series that were told */
};

/* ---- what is meant ---- */

static int take_since(struct history *h)
{
	const char *word = leo_value(h->l, "since");
	uint64_t now_ns = time_now_ns(CLOCK_REALTIME);

	h->since_ns = now_ns - SPAN_S * NS_PER_S;
	if (word && (time_parse_point(word, now_ns, &h->since_ns) < 0 || h->since_ns >= now_ns))
		return fail_usage(h->l,
				  "--since %s is no time before now; times are 2h (ago), 30min, "
				  "15:30 or yesterday",
				  word);
	h->span_ns = now_ns - h->since_ns;
	if (h->span_ns < NS_PER_S)
		h->span_ns = NS_PER_S;
	return LEO_DONE;
}

static int take_step(struct history *h)
{
	const char *word = leo_value(h->l, "step");
	uint64_t ns;

	if (!word)
		return LEO_DONE;
	if (time_parse_span(word, &ns) < 0 || ns == 0 || ns > 86400 * NS_PER_S)
		return fail_usage(h->l, "--step %s is no time such as 1min, a day at most", word);
	h->step_ns = (json_int_t)ns;
	return LEO_DONE;
}

/* ---- asking ---- */

static int ask(struct history *h, const json_t *series, const char *method, json_t *parameters,
	       json_t **ret_reply)
{
	int status;

	json_object_set(parameters, "item", json_object_get(series, "item"));
	json_object_set(parameters, "place", json_object_get(series, "place"));
	status = power_call(h->l, h->link, method, parameters, ret_reply);
	json_decref(parameters);
	return status;
}

static int ask_points(struct history *h, const json_t *series, json_t **ret_reply)
{
	json_t *parameters = json_pack("{s:I}", "since_ns", (json_int_t)h->since_ns);

	if (h->step_ns)
		json_object_set_new(parameters, "step_ns", json_integer(h->step_ns));
	return ask(h, series, "History", parameters, ret_reply);
}

static int ask_statistics(struct history *h, const json_t *series, json_t **ret_reply)
{
	return ask(h, series, "Statistics", json_pack("{s:I}", "window_ns", (json_int_t)h->span_ns),
		   ret_reply);
}

/* ---- for programs ---- */

/* The object with the members of a series before its own. */
static int tell_json(struct history *h, const json_t *series, const json_t *object)
{
	_cleanup_(json_decrefp) json_t *all = json_copy((json_t *)series);

	if (!all || json_object_update(all, (json_t *)object) < 0)
		return -ENOMEM;
	return out_json(h->l, all);
}

static int tell_points(struct history *h, const json_t *series, const json_t *reply)
{
	const json_t *points = json_object_get(reply, "points");
	int r = 0;

	for (size_t i = 0; r == 0 && i < json_array_size(points); i++)
		r = tell_json(h, series, json_array_get(points, i));
	return r;
}

/* ---- for people ---- */

static double number_of(const json_t *object, const char *key)
{
	return json_number_value(json_object_get(object, key));
}

/* -ENODATA: there is nothing to be shown. */
static int draw(const json_t *reply, const char *unit, size_t columns, struct graph *ret_graph)
{
	const json_t *list = json_object_get(reply, "points");
	size_t count = json_array_size(list);
	_cleanup_free_ struct graph_point *points = calloc(count + 1, sizeof(*points));
	int r;

	if (!points)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		points[i] = (struct graph_point){
			.at_ns = records_number(json_array_get(list, i), "at_ns"),
			.value = number_of(json_array_get(list, i), "mean"),
		};
	r = graph_fill(ret_graph, points, count, records_number(reply, "step_ns"), columns);
	if (r == 0)
		graph_scale(ret_graph, !str_equal(unit, "K") && !str_equal(unit, "Hz"));
	return r;
}

static void put_number(struct history *h, const json_t *statistics, const char *key,
		       const char *unit)
{
	char text[QUANTITY_TEXT_MAX] = "-";

	if (json_is_number(json_object_get(statistics, key)))
		quantity_format(number_of(statistics, key), unit, text);
	table_add(h->table, TABLE_PLAIN, text);
}

static int add_row(struct history *h, const json_t *series, const json_t *reply,
		   const json_t *statistics)
{
	const char *unit = records_text(series, "unit");
	char line[GRAPH_LINE_MAX] = "";
	struct graph g;
	int r = records_cell(h->table, TABLE_BOLD, records_text(series, "item"));

	if (r == 0)
		r = records_cell(h->table, TABLE_PLAIN, records_text(series, "place"));
	put_number(h, statistics, "min", unit);
	put_number(h, statistics, "mean", unit);
	put_number(h, statistics, "max", unit);
	if (draw(reply, unit, LINE_COLUMNS, &g) == 0)
		graph_line(&g, line);
	return r < 0 ? r : table_add(h->table, TABLE_PLAIN, line);
}

static void print_extreme(struct leo *l, const json_t *s, const char *name, const char *at_key,
			  const char *unit)
{
	char text[QUANTITY_TEXT_MAX], at[TIME_TEXT_MAX];

	quantity_format(number_of(s, name), unit, text);
	time_format_iso(records_number(s, at_key), at);
	if (!l->verbose) {
		memmove(at, at + 11, 8);
		at[8] = '\0';
	}
	fprintf(l->out, "%s%s%s %s at %s   ", out_dim(l), name, out_plain(l), text, at);
}

/* "min 187 W at 12:01:03   mean 192 W   max 214 W at 12:04:05   115 kJ   known 9 min 58 s" */
static void print_statistics(struct leo *l, const json_t *s, const char *unit)
{
	char mean[QUANTITY_TEXT_MAX], energy[QUANTITY_TEXT_MAX], known[TIME_TEXT_MAX];

	if (!json_is_number(json_object_get(s, "mean")))
		return;
	print_extreme(l, s, "min", "min_at_ns", unit);
	quantity_format(number_of(s, "mean"), unit, mean);
	fprintf(l->out, "%smean%s %s   ", out_dim(l), out_plain(l), mean);
	print_extreme(l, s, "max", "max_at_ns", unit);
	if (json_is_number(json_object_get(s, "joules"))) {
		quantity_format(number_of(s, "joules"), "J", energy);
		fprintf(l->out, "%s   ", energy);
	}
	time_format_span(records_number(s, "known_ns"), known);
	fprintf(l->out, "%sknown%s %s\n", out_dim(l), out_plain(l), known);
}

static int print_graph(struct history *h, const json_t *series, const json_t *reply,
		       const json_t *statistics)
{
	struct leo *l = h->l;
	const char *unit = records_text(series, "unit");
	size_t width = l->width ? l->width : WIDTH;
	struct graph g;
	int r = draw(reply, unit, width > 2 * MARGIN ? width - MARGIN : MARGIN, &g);

	fprintf(l->out, "%s%s%s%s %s\n", h->count ? "\n" : "", out_bold(l),
		records_text(series, "item"), out_plain(l), records_text(series, "place"));
	if (r == -ENODATA)
		fprintf(l->out, "nothing is known of this time\n");
	else if (r == 0)
		graph_print(&g, unit, l->out);
	if (r == 0)
		print_statistics(l, statistics, unit);
	return r == -ENODATA ? 0 : r;
}

/* ---- all of them ---- */

/* @series as the service has it, @clean for people. */
static int tell(struct history *h, const json_t *series, const json_t *clean)
{
	_cleanup_(json_decrefp) json_t *points = NULL, *statistics = NULL;
	bool list = h->l->operand_count == 0;
	int status = LEO_DONE, r;

	if (!h->l->json || !list)
		status = ask_points(h, series, &points);
	if (status == LEO_DONE && (!h->l->json || list))
		status = ask_statistics(h, series, &statistics);
	if (status != LEO_DONE)
		return status;
	if (h->l->json)
		r = list ? tell_json(h, series, statistics) : tell_points(h, series, points);
	else
		r = list ? add_row(h, clean, points, statistics)
			 : print_graph(h, clean, points, statistics);
	h->count++;
	return r < 0 ? fail_errno(h->l, r, "cannot show the history") : LEO_DONE;
}

static bool is_meant(const struct leo *l, const json_t *series)
{
	const char *item = leo_operand(l, 0), *place = leo_operand(l, 1);

	return (!item || str_equal(records_text(series, "item"), item)) &&
	       (!place || str_equal(records_text(series, "place"), place));
}

static int tell_all(struct history *h, const json_t *series)
{
	_cleanup_(json_decrefp) json_t *clean = text_clean_json(series);
	struct failure none = {.status = LEO_FAILED, .next = "leo power history"};
	int status = clean ? LEO_DONE : LEO_FAILED;

	for (size_t i = 0; status == LEO_DONE && i < json_array_size(series); i++)
		if (is_meant(h->l, json_array_get(series, i)))
			status = tell(h, json_array_get(series, i), json_array_get(clean, i));
	if (status != LEO_DONE || h->count)
		return status;
	if (leo_operand(h->l, 1))
		return fail(h->l, &none, "nothing is kept of %s at %s", leo_operand(h->l, 0),
			    leo_operand(h->l, 1));
	if (leo_operand(h->l, 0))
		return fail(h->l, &none, "nothing is kept of %s", leo_operand(h->l, 0));
	none.next = NULL;
	return fail(h->l, &none, "nothing is kept yet");
}

static int run(struct history *h)
{
	static const struct table_column columns[] = {{.title = "ITEM"},
						      {.title = "PLACE"},
						      {.title = "MIN", .align = TABLE_RIGHT},
						      {.title = "MEAN", .align = TABLE_RIGHT},
						      {.title = "MAX", .align = TABLE_RIGHT},
						      {.title = "OVER TIME"}};
	_cleanup_(json_decrefp) json_t *reply = NULL;
	struct leo *l = h->l;
	int status = power_call(l, h->link, "ListSeries", NULL, &reply);

	if (status == LEO_DONE && !l->json && l->operand_count == 0 &&
	    table_new(columns, ARRAY_SIZE(columns), &h->table) < 0)
		return fail_errno(l, -ENOMEM, "cannot show the history");
	if (status == LEO_DONE)
		status = tell_all(h, json_object_get(reply, "series"));
	if (status == LEO_DONE && h->table &&
	    table_print(h->table, l->out, l->colour, l->verbose ? 0 : l->width) < 0)
		return LEO_FAILED;
	return status;
}

int power_history(struct leo *l)
{
	struct history h = {.l = l};
	int status = take_since(&h);

	if (status == LEO_DONE)
		status = take_step(&h);
	if (status == LEO_DONE)
		status = talk_open(l, POWER_INTERFACE, &h.link);
	if (status == LEO_DONE)
		status = run(&h);
	table_free(h.table);
	rpc_link_free(h.link);
	return status;
}
