/*
 * leo status: the services of this machine, and what needs attention.
 */
#include <errno.h>
#include <string.h>

#include "base/def.h"
#include "base/str.h"
#include "base/table.h"
#include "base/time.h"
#include "leo/fail.h"
#include "leo/health.h"
#include "leo/out.h"
#include "leo/powers.h"
#include "leo/registry.h"
#include "leo/signs.h"
#include "leo/text.h"

/* What a state looks like, and what is said of it below the table, if anything. */
static const struct {
	enum table_style style;
	const char *attention;
} states[] = {
	[HEALTH_RUNNING] = {TABLE_GOOD, NULL},
	[HEALTH_STARTING] = {TABLE_WARN, "is starting, and does not answer yet"},
	[HEALTH_ON_DEMAND] = {TABLE_GOOD, NULL},
	[HEALTH_STOPPED] = {TABLE_WARN, "is not running"},
	[HEALTH_FAILED] = {TABLE_BAD, "has failed"},
	[HEALTH_SILENT] = {TABLE_BAD, "listens and does not answer"},
	[HEALTH_FORBIDDEN] = {TABLE_WARN, "may not be asked by you"},
};

/* One service, and what was found out about it. */
struct row {
	const struct service *service;
	struct health health;
	json_t *signs; /* that it tells of itself; NULL when it does not */
};

/* What is wrong with it in words, or NULL. */
static const char *attention(const struct row *row, char text[128])
{
	const struct health *h = &row->health;

	if (states[h->state].attention)
		return states[h->state].attention;
	if (h->unit.restarts == 0)
		return NULL;
	snprintf(text, 128, "has ended by itself and was started again, %llu in all",
		 (unsigned long long)h->unit.restarts);
	return text;
}

/* What needs attention is set off from the table. */
static void begin_attention(struct leo *l, bool *first)
{
	if (*first)
		fputc('\n', l->out);
	*first = false;
}

static json_t *number_or_null(uint64_t value)
{
	return value ? json_integer(value) : json_null();
}

static int print_json(struct leo *l, const struct row *row)
{
	const struct health *h = &row->health;
	char text[128];
	const char *what = attention(row, text);
	_cleanup_(json_decrefp) json_t *object = json_pack(
		"{s:s, s:s, s:s, s:b, s:o, s:o, s:o}", "service", row->service->name, "interface",
		row->service->interface, "state", health_state_name(h->state), "good", !what,
		"since_ns", number_or_null(h->since_ns), "memory_bytes",
		number_or_null(h->memory_bytes), "attention",
		what ? json_string(what) : json_null());

	if (!object)
		return -ENOMEM;
	if (h->version)
		json_object_set_new(object, "version", json_string(h->version));
	if (row->signs)
		json_object_set(object, "signs", row->signs);
	return out_json(l, object);
}

static int add_row(struct leo *l, struct table *t, const struct row *row)
{
	const struct health *h = &row->health;
	char since[TIME_TEXT_MAX] = "-", memory[TEXT_BYTES_MAX] = "-";
	int r;

	if (h->since_ns && l->verbose)
		time_format_iso(h->since_ns, since);
	else if (h->since_ns)
		time_format_relative(h->since_ns, time_now_ns(CLOCK_REALTIME), since);
	if (h->memory_bytes)
		text_bytes(h->memory_bytes, memory);
	r = table_add(t, TABLE_BOLD, row->service->name);
	if (r == 0)
		r = table_add(t, states[h->state].style, health_state_name(h->state));
	if (r == 0)
		r = table_add(t, TABLE_PLAIN, since);
	if (r == 0)
		r = table_add(t, TABLE_PLAIN, memory);
	return r < 0 ? r : table_add(t, TABLE_DIM, h->version ? h->version : "-");
}

/* ---- what the services tell of themselves ---- */

/* For programs, the bad signs of the machine have lines of their own. */
static int print_machine_json(struct leo *l, const struct row *row)
{
	int r = 0;

	if (!str_equal(row->service->interface, POWERS_INTERFACE))
		return 0;
	for (size_t i = 0; r == 0 && i < json_array_size(row->signs); i++) {
		const json_t *sign = json_array_get(row->signs, i);

		if (signs_is(sign, "bad"))
			r = out_json(l, sign);
	}
	return r;
}

/* Those of io.leonhard.Node are about the machine, and not about the service. */
static int print_signs(struct leo *l, const struct row *row)
{
	const char *interface = row->service->interface;

	if (l->json)
		return print_machine_json(l, row);
	return signs_print(l, interface,
			   str_equal(interface, POWERS_INTERFACE) ? "this machine"
								  : row->service->name,
			   row->signs);
}

/* ---- all of it ---- */

static void print_attention(struct leo *l, const struct row *row, bool *first)
{
	char text[128];
	const char *what = attention(row, text);

	if (!what)
		return;
	begin_attention(l, first);
	fprintf(l->out, "%s %s; try: %sleo doctor %s%s\n", row->service->name, what, out_bold(l),
		row->service->name, out_plain(l));
}

static int print_table(struct leo *l, const struct row *rows, size_t count)
{
	static const struct table_column columns[] = {{.title = "SERVICE"},
						      {.title = "STATE"},
						      {.title = "SINCE"},
						      {.title = "MEMORY", .align = TABLE_RIGHT},
						      {.title = "WHAT IT IS", .may_shrink = true}};
	_cleanup_(table_free_p) struct table *t = NULL;
	int r = table_new(columns, ARRAY_SIZE(columns), &t);

	for (size_t i = 0; r == 0 && i < count; i++)
		r = add_row(l, t, &rows[i]);
	return r < 0 ? r : table_print(t, l->out, l->colour, l->width);
}

static int print(struct leo *l, const struct row *rows, size_t count)
{
	bool first = true;
	int r = l->json ? 0 : print_table(l, rows, count);

	for (size_t i = 0; r == 0 && i < count; i++)
		if (l->json)
			r = print_json(l, &rows[i]);
		else
			print_attention(l, &rows[i], &first);
	for (size_t i = 0; r == 0 && i < count; i++)
		r = print_signs(l, &rows[i]);
	return r;
}

/* One whose sign is always shown has to be asked, and is started for it. */
static bool must_be_asked(const struct service *service)
{
	const struct leo_command *command = registry_of_interface(service->interface);

	return command && command->sign;
}

static int show(struct leo *l, const struct service_list *list)
{
	_cleanup_free_ struct row *rows = calloc(list->count, sizeof(*rows));
	int r;

	if (!rows)
		return -ENOMEM;
	for (size_t i = 0; i < list->count; i++) {
		rows[i].service = &list->items[i];
		health_look(l, rows[i].service, must_be_asked(rows[i].service), &rows[i].health);
		rows[i].signs = signs_ask(rows[i].health.link, rows[i].service->interface);
	}
	r = print(l, rows, list->count);
	for (size_t i = 0; i < list->count; i++) {
		health_deinit(&rows[i].health);
		json_decref(rows[i].signs);
	}
	return r;
}

static int run(struct leo *l)
{
	_cleanup_(service_list_deinit) struct service_list list = {};
	int r = service_list(l->root_fd, &list);

	if (r < 0)
		return fail_errno(l, r, "cannot list the services");
	if (list.count == 0) {
		fail_note(l, "no service is installed");
		return LEO_DONE;
	}
	r = show(l, &list);
	return r < 0 ? fail_errno(l, r, "cannot show the services") : LEO_DONE;
}

static const struct leo_command status = {
	.name = "status",
	.summary = "the services of this machine, and how they are",
	.about = "Shows each service that is installed: whether it answers, since when it is in\n"
		 "that state, its memory; and below the table what needs attention: what services\n"
		 "tell of their own health, and of the machine's; with -v all of it, and how it\n"
		 "is known. A service that is started on demand is left alone, but for one\n"
		 "that has something to say in any case.\n",
	.forms = (const struct leo_form[]){{.run = run}, {}},
	.examples = {"leo status -v", "leo status --json"},
};

LEO_COMMAND(status);
