/*
 * leo power top: who uses energy and processors. On a terminal the table is drawn anew each second
 * in its place; elsewhere one follows the other, and for programs each row is a line.
 */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "base/def.h"
#include "base/str.h"
#include "base/table.h"
#include "base/time.h"
#include "leo/fail.h"
#include "leo/interrupt.h"
#include "leo/names.h"
#include "leo/out.h"
#include "leo/power.h"
#include "leo/quantity.h"
#include "leo/records.h"
#include "leo/text.h"

enum {
	LIVE_S = 3, /* a window that follows, and does not jump */
	LIVE_ROWS = 16,
	ONCE_S = 60,
	ONCE_ROWS = 20,
	ROWS_MAX = 1000,
};

struct top {
	struct leo *l;
	struct names *names;
	const char *by;
	bool once, drawn;
	bool closed; /* nobody reads any more */
};

/* ---- the table ---- */

static const struct table_column process_columns[] = {
	{.title = "NAME", .may_shrink = true},
	{.title = "PID", .align = TABLE_RIGHT},
	{.title = "USER"},
	{.title = "UNIT", .may_shrink = true},
	{.title = "CPU", .align = TABLE_RIGHT},
	{.title = "POWER", .align = TABLE_RIGHT},
	{.title = "ENERGY", .align = TABLE_RIGHT},
	{.title = "SHARE", .align = TABLE_RIGHT},
};

static const struct table_column group_columns[] = {
	{.title = "NAME", .may_shrink = true},	  {.title = "CPU", .align = TABLE_RIGHT},
	{.title = "POWER", .align = TABLE_RIGHT}, {.title = "ENERGY", .align = TABLE_RIGHT},
	{.title = "SHARE", .align = TABLE_RIGHT},
};

static bool by_process(const struct top *t)
{
	return str_equal(t->by, "process");
}

static int add_quantity(struct table *table, const json_t *number, const char *unit)
{
	char text[QUANTITY_TEXT_MAX] = "-";

	if (json_is_number(number))
		quantity_format(json_number_value(number), unit, text);
	return table_add(table, TABLE_PLAIN, text);
}

static int add_percent(struct table *table, double share)
{
	return table_addf(table, TABLE_PLAIN, "%.1f %%", share * 100);
}

static int add_process(struct top *t, struct table *table, const json_t *row)
{
	json_int_t uid = json_integer_value(json_object_get(row, "uid"));
	uint64_t pid = records_number(row, "pid");
	bool known = json_is_integer(json_object_get(row, "uid")) && uid >= 0 && uid <= UINT32_MAX;
	int r = pid ? table_addf(table, TABLE_DIM, "%llu", (unsigned long long)pid)
		    : table_add(table, TABLE_DIM, "-");

	if (r == 0)
		r = records_cell(table, TABLE_PLAIN,
				 known ? names_of(t->names, NAMES_USER, uid) : "-");
	return r < 0 ? r : records_cell(table, TABLE_DIM, records_text(row, "unit"));
}

static int add_row(struct top *t, struct table *table, const json_t *row, double seconds)
{
	double cpu_s = json_number_value(json_object_get(row, "cpu_s"));
	int r = records_cell(table, TABLE_BOLD, records_text(row, "name"));

	if (r == 0 && by_process(t))
		r = add_process(t, table, row);
	if (r == 0)
		r = add_percent(table, seconds > 0 ? cpu_s / seconds : 0);
	if (r == 0)
		r = add_quantity(table, json_object_get(row, "watts"), "W");
	if (r == 0)
		r = add_quantity(table, json_object_get(row, "joules"), "J");
	return r < 0 ? r : add_percent(table, json_number_value(json_object_get(row, "share")));
}

/* "51.2 W by power.board, 154 J in 3.0 s" */
static void print_head(const struct top *t, const json_t *reply, double seconds)
{
	const json_t *joules = json_object_get(reply, "joules");
	char power[QUANTITY_TEXT_MAX], energy[QUANTITY_TEXT_MAX];
	FILE *f = t->l->out;

	if (!json_is_number(joules) || seconds <= 0) {
		fprintf(f, "no meter: time on processors alone, in %.1f s\n", seconds);
		return;
	}
	quantity_format(json_number_value(joules) / seconds, "W", power);
	quantity_format(json_number_value(joules), "J", energy);
	fprintf(f, "%s by %s, %s in %.1f s\n", power, records_text(reply, "meter"), energy,
		seconds);
}

static int print_table(struct top *t, const json_t *reply)
{
	bool process = by_process(t);
	const json_t *rows = json_object_get(reply, "consumers");
	uint64_t from_ns = records_number(reply, "from_ns"), to_ns = records_number(reply, "to_ns"),
		 left_out = records_number(reply, "left_out");
	double seconds = to_ns > from_ns ? (double)(to_ns - from_ns) / NS_PER_S : 0;
	_cleanup_(table_free_p) struct table *table = NULL;
	int r = table_new(process ? process_columns : group_columns,
			  process ? ARRAY_SIZE(process_columns) : ARRAY_SIZE(group_columns),
			  &table);

	for (size_t i = 0; r == 0 && i < json_array_size(rows); i++)
		r = add_row(t, table, json_array_get(rows, i), seconds);
	if (r < 0)
		return r;
	print_head(t, reply, seconds);
	r = table_print(table, t->l->out, t->l->colour, t->l->verbose ? 0 : t->l->width);
	if (left_out)
		fprintf(t->l->out, "%sand %llu more%s\n", out_dim(t->l),
			(unsigned long long)left_out, out_plain(t->l));
	return r;
}

/* ---- telling ---- */

static int tell_json(struct top *t, const json_t *reply)
{
	const json_t *rows = json_object_get(reply, "consumers");
	int r = 0;

	for (size_t i = 0; r == 0 && i < json_array_size(rows); i++) {
		_cleanup_(json_decrefp) json_t *row = json_copy(json_array_get(rows, i));

		if (!row)
			return -ENOMEM;
		json_object_set(row, "from_ns", json_object_get(reply, "from_ns"));
		json_object_set(row, "to_ns", json_object_get(reply, "to_ns"));
		r = out_json(t->l, row);
	}
	return r;
}

/* Home, and nothing below; or behind the table before. */
static void begin_picture(struct top *t)
{
	if (t->l->terminal && !t->once)
		fputs("\033[H\033[J", t->l->out);
	else if (t->drawn)
		fputc('\n', t->l->out);
	t->drawn = true;
}

static int on_reply(struct leo *l, const json_t *parameters, void *data)
{
	_cleanup_(json_decrefp) json_t *clean = NULL;
	struct top *t = data;
	int r;

	if (l->json) {
		r = tell_json(t, parameters);
	} else {
		clean = text_clean_json(parameters);
		if (!clean)
			return fail_errno(l, -ENOMEM, "cannot show the reply");
		begin_picture(t);
		r = print_table(t, clean);
	}
	if (r == 0 && !t->once)
		r = out_flush(l);
	t->closed = r == -EPIPE;
	if (t->closed)
		return TALK_STOP;
	return r < 0 ? fail_errno(l, r, "cannot show the reply") : LEO_DONE;
}

/* ---- asking ---- */

static int ask(struct top *t, struct rpc_link *link)
{
	json_int_t window_ns = (t->once ? ONCE_S : LIVE_S) * (json_int_t)NS_PER_S;
	int limit = t->l->verbose || t->l->json ? ROWS_MAX : t->once ? ONCE_ROWS : LIVE_ROWS;
	_cleanup_(json_decrefp) json_t *parameters =
		json_pack("{s:s, s:I, s:i}", "by", t->by, "window_ns", window_ns, "limit", limit);

	return talk_call(t->l, link,
			 &(struct talk){.interface = POWER_INTERFACE,
					.method = "Consumers",
					.parameters = parameters,
					.timeout_ms = TALK_TIMEOUT_MS,
					.fn = on_reply,
					.data = t,
					.errors = power_errors,
					.looks = true});
}

/* False when Ctrl-C came. */
static bool pause_a_second(void)
{
	bool interrupted;

	interrupt_begin();
	nanosleep(&(struct timespec){.tv_sec = 1}, NULL);
	interrupted = interrupt_seen();
	interrupt_end();
	return !interrupted;
}

/* Nobody reads any more, or Ctrl-C: both are an end as it should be. */
static int look_on(struct top *t, struct rpc_link *link)
{
	int status;

	do
		status = ask(t, link);
	while (status == LEO_DONE && !t->once && !t->closed && pause_a_second());
	return status == TALK_STOP ? LEO_DONE : status;
}

static bool is_grouping(const char *by)
{
	static const char *const groupings[] = {"unit", "process", "cgroup"};

	for (size_t i = 0; i < ARRAY_SIZE(groupings); i++)
		if (str_equal(groupings[i], by))
			return true;
	return false;
}

int power_top(struct leo *l)
{
	_cleanup_(rpc_link_free_p) struct rpc_link *link = NULL;
	_cleanup_(names_free_p) struct names *names = NULL;
	struct top t = {.l = l, .by = leo_value(l, "by"), .once = leo_value(l, "once") != NULL};
	int status, r;

	if (!t.by)
		t.by = "unit";
	if (!is_grouping(t.by))
		return fail_usage(l, "--by %s is neither unit, process nor cgroup", t.by);
	r = names_new(l->root_fd, &names);
	if (r < 0)
		return fail_errno(l, r, "cannot show the reply");
	t.names = names;
	status = talk_open(l, POWER_INTERFACE, &link);
	return status == LEO_DONE ? look_on(&t, link) : status;
}
