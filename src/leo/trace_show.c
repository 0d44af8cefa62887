/*
 * leo trace show: all about one record, in the order in which a person asks: what, who, with what,
 * and what exactly.
 */
#include <errno.h>
#include <string.h>

#include "base/def.h"
#include "base/str.h"
#include "base/time.h"
#include "leo/fail.h"
#include "leo/out.h"
#include "leo/overview.h"
#include "leo/quote.h"
#include "leo/records.h"
#include "leo/text.h"
#include "leo/trace.h"
#include "leo/trace_state.h"
#include "leo/trace_tree.h"

/* A record, and what shows it. */
struct show {
	struct leo *l;
	struct names *names;
	const json_t *raw; /* as it was sent: the diff has lines */
	const json_t *record; /* clean */
	const char *id;
};

static bool is_true(const struct show *s, const char *key)
{
	return json_is_true(json_object_get(s->record, key));
}

static bool has(const struct show *s, const char *key)
{
	const json_t *value = json_object_get(s->record, key);

	return value && !json_is_null(value);
}

static void print_line(struct leo *l, const char *label, const char *text)
{
	overview_label(l, label);
	fprintf(l->out, "%s\n", text);
}

/* ---- what ---- */

static const struct {
	const char *method, *words;
} methods[] = {
	{"in-place", "written in place"},
	{"append", "added to at its end"},
	{"truncate", "cut"},
	{"replace", "another file took its place"},
	{"create", "it is new"},
	{"delete", "it is gone"},
	{"link", "it got another name"},
	{"metadata", "its mode, owner, attributes or times"},
	{"mount", "something was mounted, and hides or shows it"},
	{"unknown", "found changed; nobody saw how"},
};

static void print_method(const struct show *s)
{
	const char *method = records_text(s->record, "method"), *words = "";
	char text[TRACE_TEXT_MAX];

	for (size_t i = 0; i < ARRAY_SIZE(methods); i++)
		if (str_equal(methods[i].method, method))
			words = methods[i].words;
	trace_method(s->record, text);
	overview_label(s->l, "method");
	fprintf(s->l->out, "%s%s%s\n", text, *words ? ": " : "", words);
}

static void print_when(const struct show *s)
{
	char absolute[TIME_TEXT_MAX], relative[TIME_TEXT_MAX];
	uint64_t time_ns;

	overview_label(s->l, "when");
	if (!trace_number(s->record, "time_ns", &time_ns)) {
		fputs("-\n", s->l->out);
		return;
	}
	time_format_iso(time_ns, absolute);
	time_format_relative(time_ns, time_now_ns(CLOCK_REALTIME), relative);
	/* Of what is long ago, both tell the date. */
	fprintf(s->l->out, "%s%s%s\n", absolute, str_starts(absolute, relative) ? "" : ", ",
		str_starts(absolute, relative) ? "" : relative);
}

/* ---- who ---- */

static const char *user_in(const struct show *s, const char *key, const char *none)
{
	uint64_t uid;

	if (!trace_number(s->record, key, &uid) || uid > UINT32_MAX)
		return none;
	return names_of(s->names, NAMES_USER, uid);
}

static void print_user(const struct show *s)
{
	const char *attribution = records_text(s->record, "attribution");

	if (str_equal(attribution, "none")) {
		print_line(s->l, "user", "not known: the change was found afterwards");
		return;
	}
	print_line(s->l, "user", user_in(s, "uid", "not known"));
	print_line(s->l, "logged in as", user_in(s, "login_uid", "- (not from a login)"));
}

static void print_session(const struct show *s)
{
	const char *tty = records_text(s->record, "tty"), *unit = records_text(s->record, "unit");
	char session[TRACE_NUMBER_MAX];

	if (has(s, "session") || has(s, "tty")) {
		overview_label(s->l, "session");
		fprintf(s->l->out, "%s%s%s\n", trace_number_text(s->record, "session", session),
			str_equal(tty, "-") ? "" : " on ", str_equal(tty, "-") ? "" : tty);
	}
	if (!str_equal(unit, "-"))
		print_line(s->l, "unit", unit);
}

/* ---- with what ---- */

static int print_program(const struct show *s)
{
	_cleanup_free_ char *command = NULL;
	char pid[TRACE_NUMBER_MAX];
	int r;

	if (has(s, "exe") || has(s, "pid")) {
		overview_label(s->l, "program");
		fprintf(s->l->out, "%s, process %s\n", records_text(s->record, "exe"),
			trace_number_text(s->record, "pid", pid));
	}
	r = quote_command(json_object_get(s->record, "argv"), &command);
	if (r < 0 || !*command)
		return r;
	print_line(s->l, "command", command);
	if (is_true(s, "argv_truncated"))
		print_line(s->l, "", "(cut: further arguments are missing)");
	return 0;
}

/* ---- what exactly ---- */

static void print_hash(const struct show *s, const char *label, const char *key)
{
	const char *hash = records_text(s->record, key);

	if (s->l->verbose)
		print_line(s->l, label, hash);
}

static void print_fields(const struct show *s)
{
	const json_t *fields = json_object_get(s->record, "fields");

	for (size_t i = 0; i < json_array_size(fields); i++) {
		const json_t *field = json_array_get(fields, i);
		const char *account = records_text(field, "account");
		const char *what = records_text(field, "field");

		overview_label(s->l, i ? "" : "secret");
		if (str_equal(what, "account"))
			fprintf(s->l->out, "account %s came or went\n", account);
		else
			fprintf(s->l->out, "%s of %s changed\n", what, account);
	}
}

static int print_diff(const struct show *s)
{
	const json_t *diff = json_object_get(s->raw, "diff");
	size_t len = json_string_length(diff);

	if (!json_is_string(diff) || len == 0)
		return 0;
	fputc('\n', s->l->out);
	return quote_lines(s->l->out, json_string_value(diff), len,
			   s->l->colour ? quote_diff_style : NULL);
}

/* ---- what is missing, and how to see it ---- */

static void print_remark(const struct show *s, bool *first, const char *text, const char *before,
			 const char *after)
{
	struct leo *l = s->l;

	if (*first)
		fputc('\n', l->out);
	*first = false;
	text_wrap(l->out, text, 0, 0, l->width);
	if (before)
		fprintf(l->out, "  try: %s%s %s%s%s\n", out_bold(l), before, s->id, after,
			out_plain(l));
}

static bool lacks_diff(const struct show *s)
{
	return !has(s, "diff") && has(s, "new_sha256") && !is_true(s, "diff_truncated") &&
	       !json_equal(json_object_get(s->record, "old_sha256"),
			   json_object_get(s->record, "new_sha256"));
}

static void print_remarks(const struct show *s)
{
	bool first = true;

	if (trace_is_coalesced(s->record))
		print_remark(s, &first,
			     "Several edits followed each other too fast: old and new are those "
			     "before and after all of them.",
			     NULL, "");
	if (str_equal(records_text(s->record, "attribution"), "partial"))
		print_remark(s, &first, "Not all is known of who it was and of its parents.", NULL,
			     "");
	if (is_true(s, "redacted"))
		print_remark(s, &first, "The content is secret, and was not kept.", NULL, "");
	if (is_true(s, "withheld"))
		print_remark(s, &first,
			     "The content is withheld from you: not everybody may read this file.",
			     "sudo leo trace show", "");
	else if (is_true(s, "diff_truncated"))
		print_remark(s, &first, "The difference is too long to be shown here.",
			     "leo trace read", " diff");
	else if (lacks_diff(s))
		print_remark(
			s, &first,
			"There is no difference to show: one side was not kept, or is too large.",
			"leo trace read", " new");
}

/* ---- all of it ---- */

static int print(const struct show *s)
{
	struct leo *l = s->l;
	int r;

	fprintf(l->out, "%s%s%s\n", out_bold(l), records_text(s->record, "path"), out_plain(l));
	print_method(s);
	print_when(s);
	print_line(l, "record", records_text(s->record, "id"));
	print_user(s);
	print_session(s);
	r = print_program(s);
	if (r == 0) {
		trace_state_print(l, s->names, s->record);
		print_hash(s, "old SHA-256", "old_sha256");
		print_hash(s, "new SHA-256", "new_sha256");
		print_fields(s);
		r = trace_tree_print(l, s->names, s->record);
	}
	if (r == 0)
		r = print_diff(s);
	if (r == 0)
		print_remarks(s);
	return r;
}

static int show(struct leo *l, const char *id, const json_t *raw)
{
	_cleanup_(names_free_p) struct names *names = NULL;
	_cleanup_(json_decrefp) json_t *record = NULL;
	int r;

	if (l->json)
		return out_json(l, raw);
	r = names_new(l->root_fd, &names);
	record = text_clean_json(raw);
	if (r < 0 || !record)
		return r < 0 ? r : -ENOMEM;
	return print(&(struct show){l, names, raw, record, id});
}

int trace_show(struct leo *l)
{
	_cleanup_(json_decrefp) json_t *parameters = NULL, *reply = NULL;
	const json_t *record;
	const char *id;
	int status = trace_id(l, 0, &id), r;

	if (status != LEO_DONE)
		return status;
	parameters = json_pack("{s:s}", "id", id);
	status = trace_ask(l, "Show", parameters, &reply);
	if (status != LEO_DONE)
		return status;
	record = json_object_get(reply, "record");
	if (!json_is_object(record))
		return fail(l, &(struct failure){.status = LEO_FAILED, .next = "leo doctor trace"},
			    "the service has sent no record");
	r = show(l, id, record);
	return r < 0 ? fail_errno(l, r, "cannot show the record") : LEO_DONE;
}
