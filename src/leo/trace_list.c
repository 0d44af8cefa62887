/*
 * leo trace list: records from the newest to the oldest, fetched in pages.
 *
 * For people on a terminal it is the newest fifty, unless they say how many; in a pipe, where
 * nobody sees that something is left out, all of them. Programs get each page as it arrives.
 */
#include <errno.h>
#include <string.h>

#include "base/def.h"
#include "base/parse.h"
#include "base/str.h"
#include "base/table.h"
#include "base/time.h"
#include "leo/fail.h"
#include "leo/out.h"
#include "leo/records.h"
#include "leo/text.h"
#include "leo/trace.h"

enum { PAGE = 500, SCREEN_DEFAULT = 50 };

struct listing {
	struct leo *l;
	struct names *names;
	struct table *t; /* NULL for programs */
	struct progress progress;
	uint64_t left; /* how many may still be told */
	uint64_t last; /* the smallest id so far; 0: none yet */
	uint64_t count;
	uint64_t now_ns;
	bool more; /* of what the last page said */
	bool coalesced, unsure; /* such records were told: what marks them is explained */
};

/* ---- columns ---- */

enum {
	WHEN,
	USER,
	PATH,
	METHOD,
	BY,
	ID,
	PID,
	TTY,
	UNIT,
	SESSION,
	ATTRIBUTION,
	CONTENT,
	COLUMNS_MAX,
};

static const struct {
	struct table_column column;
	unsigned width; /* of the terminal, from which on there is room for it */
	bool verbose; /* only with -v */
} columns[COLUMNS_MAX] = {
	[WHEN] = {{.title = "WHEN"}, .width = 0},
	[USER] = {{.title = "USER", .may_shrink = true}, .width = 0},
	[PATH] = {{.title = "PATH", .may_shrink = true}, .width = 0},
	[METHOD] = {{.title = "METHOD"}, .width = 56},
	[BY] = {{.title = "BY", .may_shrink = true}, .width = 66},
	[ID] = {{.title = "ID", .align = TABLE_RIGHT}, .width = 0},
	[PID] = {{.title = "PID", .align = TABLE_RIGHT}, .verbose = true},
	[TTY] = {{.title = "TTY"}, .verbose = true},
	[UNIT] = {{.title = "UNIT"}, .verbose = true},
	[SESSION] = {{.title = "SESSION", .align = TABLE_RIGHT}, .verbose = true},
	[ATTRIBUTION] = {{.title = "ATTRIBUTION"}, .verbose = true},
	[CONTENT] = {{.title = "CONTENT"}, .verbose = true},
};

static bool is_shown(const struct leo *l, size_t i)
{
	return l->verbose || (!columns[i].verbose && (!l->width || l->width >= columns[i].width));
}

static size_t choose(const struct leo *l, struct table_column shown[COLUMNS_MAX])
{
	size_t count = 0;

	for (size_t i = 0; i < COLUMNS_MAX; i++)
		if (is_shown(l, i))
			shown[count++] = columns[i].column;
	return count;
}

/* ---- a row ---- */

static const char *when(const struct listing *s, const json_t *record, char out[TIME_TEXT_MAX])
{
	uint64_t time_ns;

	if (!trace_number(record, "time_ns", &time_ns))
		return "-";
	if (s->l->verbose)
		time_format_iso(time_ns, out);
	else
		time_format_relative(time_ns, s->now_ns, out);
	return out;
}

/* A record told: the texts of a row, some of which were made for it. */
struct row {
	char since[TIME_TEXT_MAX], user[TRACE_TEXT_MAX], method[TRACE_TEXT_MAX];
	char pid[TRACE_NUMBER_MAX], session[TRACE_NUMBER_MAX];
	const char *cells[COLUMNS_MAX];
	enum table_style styles[COLUMNS_MAX];
};

static void fill_row(struct listing *s, const json_t *record, struct row *row)
{
	const char *exe = records_text(record, "exe");
	const char *const cells[COLUMNS_MAX] = {
		[WHEN] = when(s, record, row->since),
		[USER] = row->user,
		[PATH] = records_text(record, "path"),
		[METHOD] = row->method,
		[BY] = s->l->verbose ? exe : trace_program(record),
		[ID] = records_text(record, "id"),
		[PID] = trace_number_text(record, "pid", row->pid),
		[TTY] = records_text(record, "tty"),
		[UNIT] = records_text(record, "unit"),
		[SESSION] = trace_number_text(record, "session", row->session),
		[ATTRIBUTION] = records_text(record, "attribution"),
		[CONTENT] = records_text(record, "content"),
	};
	bool unsure = !trace_is_attributed(record), coalesced = trace_is_coalesced(record);

	s->unsure |= unsure;
	s->coalesced |= coalesced;
	trace_user(s->names, record, row->user);
	trace_method(record, row->method);
	memcpy(row->cells, cells, sizeof(cells));
	row->styles[WHEN] = row->styles[ID] = TABLE_DIM;
	row->styles[PATH] = TABLE_BOLD;
	row->styles[USER] = unsure ? TABLE_WARN : TABLE_PLAIN;
	row->styles[METHOD] = coalesced ? TABLE_WARN : TABLE_PLAIN;
}

static int add_row(struct listing *s, const json_t *record)
{
	struct row row = {};
	int r = 0;

	fill_row(s, record, &row);
	for (size_t i = 0; r == 0 && i < COLUMNS_MAX; i++)
		if (is_shown(s->l, i))
			r = records_cell(s->t, row.styles[i], row.cells[i]);
	return r;
}

/* ---- a page ---- */

static int tell(struct listing *s, const json_t *raw)
{
	_cleanup_(json_decrefp) json_t *record = NULL;

	if (s->l->json)
		return out_json(s->l, raw);
	record = text_clean_json(raw);
	return record ? add_row(s, record) : -ENOMEM;
}

/* Each id must be smaller than the one before, or we might ask for the same page for ever. */
static int tell_page(struct listing *s, const json_t *records)
{
	for (size_t i = 0; s->left && i < json_array_size(records); i++) {
		const json_t *record = json_array_get(records, i);
		uint64_t id = trace_id_number(record);
		int r;

		if (id == 0 || (s->last && id >= s->last))
			return -EBADMSG;
		r = tell(s, record);
		if (r < 0)
			return r;
		s->last = id;
		s->count++;
		s->left--;
	}
	return 0;
}

static int on_page(struct leo *l, const json_t *parameters, void *data)
{
	struct listing *s = data;
	const json_t *records = json_object_get(parameters, "records");
	int r = tell_page(s, records);

	s->more = json_is_true(json_object_get(parameters, "more"));
	if (r == 0 && s->more && json_array_size(records) == 0)
		r = -EBADMSG;
	if (r == 0 && l->json)
		r = out_flush(l);
	if (r == -EPIPE)
		return TALK_STOP;
	if (r == -EBADMSG)
		return fail(l, &(struct failure){.status = LEO_FAILED, .next = "leo doctor trace"},
			    "the records that the service sends have no order");
	return r < 0 ? fail_errno(l, r, "cannot show the records") : LEO_DONE;
}

static int ask_page(struct listing *s, struct rpc_link *link, json_t *parameters)
{
	char before[TRACE_NUMBER_MAX];

	snprintf(before, sizeof(before), "%llu", (unsigned long long)s->last);
	if (s->last)
		json_object_set_new(parameters, "before", json_string(before));
	json_object_set_new(parameters, "limit", json_integer(s->left < PAGE ? s->left : PAGE));
	s->more = false;
	return talk_call(s->l, link,
			 &(struct talk){.interface = TRACE_INTERFACE,
					.method = "List",
					.parameters = parameters,
					.timeout_ms = TALK_TIMEOUT_MS,
					.fn = on_page,
					.data = s,
					.errors = trace_errors});
}

static int fetch(struct listing *s, json_t *parameters)
{
	_cleanup_(rpc_link_free_p) struct rpc_link *link = NULL;
	int status = talk_open(s->l, TRACE_INTERFACE, &link);

	progress_begin(&s->progress, "reading", "records", 0);
	if (status == LEO_DONE)
		do {
			status = ask_page(s, link, parameters);
			if (!s->l->json)
				progress_step(&s->progress, s->count);
		} while (status == LEO_DONE && s->more && s->left && !s->l->gone);
	progress_end(&s->progress);
	return status;
}

/* ---- all of it ---- */

/* What marks mean, and that there are more; set off from the table. */
static void print_remarks(const struct listing *s)
{
	const struct leo *l = s->l;

	if (!s->coalesced && !s->unsure && !s->more)
		return;
	fprintf(l->out, "\n%s", out_dim(l));
	if (s->coalesced)
		fputs("×N: N edits that followed each other too fast are one record.\n", l->out);
	if (s->unsure)
		fputs("?: not all is known of who it was.\n", l->out);
	if (s->more)
		fprintf(l->out, "There are older ones: --limit %llu, or 0 for all.\n",
			(unsigned long long)s->count * 10);
	fputs(out_plain(l), l->out);
}

static int print(struct listing *s, bool chosen)
{
	struct leo *l = s->l;
	int r;

	if (s->count == 0) {
		fail_note(l, chosen ? "there is no such record" : "nothing has been recorded yet");
		return 0;
	}
	r = table_print(s->t, l->out, l->colour, l->verbose ? 0 : l->width);
	if (r == 0)
		print_remarks(s);
	return r;
}

static int limit(struct leo *l, uint64_t *ret_limit)
{
	const char *word = leo_value(l, "limit");
	uint64_t count = l->terminal ? SCREEN_DEFAULT : 0;

	if (word && parse_u64(word, 0, INT64_MAX, &count) < 0)
		return fail_usage(l, "--limit %s is no number of records", word);
	*ret_limit = count ? count : UINT64_MAX;
	return LEO_DONE;
}

int trace_list(struct leo *l)
{
	_cleanup_(json_decrefp) json_t *parameters = NULL;
	_cleanup_(names_free_p) struct names *names = NULL;
	struct table_column shown[COLUMNS_MAX];
	_cleanup_(table_free_p) struct table *t = NULL;
	struct listing s = {.l = l, .now_ns = time_now_ns(CLOCK_REALTIME)};
	int status = limit(l, &s.left), r;
	bool chosen;

	if (status == LEO_DONE)
		status = trace_choice(l, &parameters);
	if (status != LEO_DONE)
		return status;
	r = names_new(l->root_fd, &names);
	if (r == 0)
		r = table_new(shown, choose(l, shown), &t);
	if (r < 0)
		return fail_errno(l, r, "cannot list records");
	s.names = names;
	s.t = t;
	chosen = json_object_size(parameters);
	status = fetch(&s, parameters);
	if (status != LEO_DONE || l->json)
		return status;
	r = print(&s, chosen);
	return r < 0 ? fail_errno(l, r, "cannot show the records") : LEO_DONE;
}
