/*
 * leo trace watches, add, remove: which files are watched.
 */
#include <errno.h>
#include <string.h>

#include "base/def.h"
#include "base/str.h"
#include "base/table.h"
#include "leo/confirm.h"
#include "leo/fail.h"
#include "leo/out.h"
#include "leo/quote.h"
#include "leo/records.h"
#include "leo/text.h"
#include "leo/trace.h"

/* ---- watches ---- */

static int add_row(struct table *t, const json_t *watch)
{
	char files[TRACE_NUMBER_MAX];
	int r = records_cell(t, TABLE_BOLD, records_text(watch, "path"));

	if (r == 0)
		r = records_cell(t, TABLE_PLAIN, trace_number_text(watch, "files", files));
	if (r == 0)
		r = records_cell(t, TABLE_DIM, records_text(watch, "origin"));
	return r < 0 ? r : records_cell(t, TABLE_WARN, records_text(watch, "problem"));
}

/* A column for problems only where there is one. */
static int print_watches(struct leo *l, const json_t *watches)
{
	static const struct table_column columns[] = {
		{.title = "PATH", .may_shrink = true},
		{.title = "FILES", .align = TABLE_RIGHT},
		{.title = "ORIGIN"},
		{.title = "PROBLEM", .may_shrink = true},
	};
	_cleanup_(table_free_p) struct table *t = NULL;
	int r = table_new(columns, ARRAY_SIZE(columns), &t);

	for (size_t i = 0; r == 0 && i < json_array_size(watches); i++) {
		_cleanup_(json_decrefp) json_t *watch = text_clean_json(json_array_get(watches, i));

		r = watch ? add_row(t, watch) : -ENOMEM;
	}
	return r < 0 ? r : table_print(t, l->out, l->colour, l->verbose ? 0 : l->width);
}

static int print_watches_json(struct leo *l, const json_t *watches)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < json_array_size(watches); i++)
		r = out_json(l, json_array_get(watches, i));
	return r;
}

int trace_watches(struct leo *l)
{
	_cleanup_(json_decrefp) json_t *reply = NULL;
	const json_t *watches;
	int status = trace_ask(l, "ListWatches", NULL, &reply), r;

	if (status != LEO_DONE)
		return status;
	watches = json_object_get(reply, "watches");
	if (json_array_size(watches) == 0)
		fail_note(l, "nothing is watched");
	else {
		r = l->json ? print_watches_json(l, watches) : print_watches(l, watches);
		if (r < 0)
			return fail_errno(l, r, "cannot show the watches");
	}
	return LEO_DONE;
}

/* ---- add, remove ---- */

/* The watch of that path as it is now, the caller's; NULL in it when there is none. */
static int find_watch(struct leo *l, const char *path, json_t **ret_watch)
{
	_cleanup_(json_decrefp) json_t *reply = NULL;
	int status = trace_ask(l, "ListWatches", NULL, &reply);
	const json_t *watches;

	if (status != LEO_DONE)
		return status;
	watches = json_object_get(reply, "watches");
	*ret_watch = NULL;
	for (size_t i = 0; i < json_array_size(watches); i++) {
		json_t *watch = json_array_get(watches, i);

		if (str_equal(records_text(watch, "path"), path))
			*ret_watch = json_incref(watch);
	}
	return LEO_DONE;
}

/* "leo trace add /etc/hosts is not done: …"; for programs an object. */
static int tell_dry(struct leo *l, const char *path, bool watched, const char *text)
{
	_cleanup_(json_decrefp) json_t *object = NULL;
	int r = 0;

	if (!l->json) {
		fprintf(l->out, "%s %s; nothing was changed.\n", path, text);
		return LEO_DONE;
	}
	object = json_pack("{s:s, s:b, s:b}", "path", path, "watched", watched, "dry_run", 1);
	r = object ? out_json(l, object) : -ENOMEM;
	return r < 0 ? fail_errno(l, r, "cannot tell") : LEO_DONE;
}

static int add_dry(struct leo *l, const char *path)
{
	_cleanup_(json_decrefp) json_t *watch = NULL;
	int status = find_watch(l, path, &watch);

	if (status != LEO_DONE)
		return status;
	return tell_dry(l, path, watch, watch ? "is watched already" : "would be watched");
}

static int tell_added(struct leo *l, const json_t *raw)
{
	_cleanup_(json_decrefp) json_t *watch = NULL;
	char files[TRACE_NUMBER_MAX];

	if (l->json)
		return out_json(l, raw);
	watch = text_clean_json(raw);
	if (!watch)
		return -ENOMEM;
	fprintf(l->out, "%s%s%s is watched; files now: %s\n", out_bold(l),
		records_text(watch, "path"), out_plain(l),
		trace_number_text(watch, "files", files));
	if (json_is_string(json_object_get(watch, "problem")))
		fail_note(l, "%s", records_text(watch, "problem"));
	return 0;
}

int trace_add(struct leo *l)
{
	_cleanup_(json_decrefp) json_t *parameters = NULL, *reply = NULL;
	_cleanup_free_ char *path = NULL;
	int status = trace_path(l, leo_operand(l, 0), false, &path), r;

	if (status != LEO_DONE)
		return status;
	if (leo_value(l, "dry-run"))
		return add_dry(l, path);
	parameters = json_pack("{s:s}", "path", path);
	status = trace_ask(l, "AddWatch", parameters, &reply);
	if (status != LEO_DONE)
		return status;
	r = tell_added(l, json_object_get(reply, "watch"));
	return r < 0 ? fail_errno(l, r, "cannot tell what is watched") : LEO_DONE;
}

static int refuse_unwatched(struct leo *l, const char *path)
{
	return fail(l, &(struct failure){.status = LEO_FAILED, .next = "leo trace watches"},
		    "%s is not watched", path);
}

/* What the end of a watch means, before it ends. */
static int confirm_removal(struct leo *l, const char *path)
{
	_cleanup_(json_decrefp) json_t *watch = NULL;
	_cleanup_free_ char *next = NULL, *word = NULL;
	char files[TRACE_NUMBER_MAX];
	int status = find_watch(l, path, &watch);

	if (status != LEO_DONE)
		return status;
	if (!watch)
		return refuse_unwatched(l, path);
	if (leo_value(l, "dry-run"))
		return tell_dry(l, path, true, "would not be watched any more");
	if (quote_word(path, &word) < 0 || asprintf(&next, "leo trace remove %s --yes", word) < 0)
		return fail_errno(l, -ENOMEM, "cannot ask");
	return confirm(l, next, "stop recording changes of %s (files now: %s)?", path,
		       trace_number_text(watch, "files", files));
}

int trace_remove(struct leo *l)
{
	_cleanup_(json_decrefp) json_t *parameters = NULL, *reply = NULL;
	_cleanup_free_ char *path = NULL;
	bool dry = leo_value(l, "dry-run");
	int status = trace_path(l, leo_operand(l, 0), false, &path);

	if (status == LEO_DONE && (dry || !l->yes))
		status = confirm_removal(l, path);
	if (status != LEO_DONE || dry)
		return status;
	parameters = json_pack("{s:s}", "path", path);
	status = trace_ask(l, "RemoveWatch", parameters, &reply);
	if (status != LEO_DONE)
		return status;
	if (!l->json)
		fprintf(l->out, "%s%s%s is not watched any more.\n", out_bold(l), path,
			out_plain(l));
	return l->json && out_json(l, reply) < 0 ? fail_errno(l, -ENOMEM, "cannot tell") : LEO_DONE;
}
