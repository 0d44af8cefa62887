/*
 * leo doctor [SERVICE]: why something is not working, and what to try.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/def.h"
#include "base/str.h"
#include "base/table.h"
#include "leo/api.h"
#include "leo/doctor.h"
#include "leo/fail.h"
#include "leo/out.h"
#include "leo/suggest.h"
#include "leo/words.h"

enum { JOURNAL_LINES = 5, STEP_WIDTH = 16 };

static const struct {
	const char *name, *word; /* for programs, for people */
	enum table_style style;
} results[] = {
	[DOCTOR_FINE] = {"fine", "ok", TABLE_GOOD},
	[DOCTOR_NOTE] = {"note", "note", TABLE_WARN},
	[DOCTOR_SKIPPED] = {"skipped", "skipped", TABLE_DIM},
	[DOCTOR_WRONG] = {"wrong", "WRONG", TABLE_BAD},
};

static int print_json(struct leo *l, const struct doctor *d, const struct doctor_step *step,
		      const struct finding *f)
{
	_cleanup_(json_decrefp) json_t *object =
		json_pack("{s:s, s:s, s:s, s:s}", "service", d->service->name, "step", step->name,
			  "result", results[f->result].name, "text", f->text ? f->text : "");

	if (object && f->next)
		json_object_set_new(object, "try", json_string(f->next));
	return object ? out_json(l, object) : -ENOMEM;
}

static void print_text(struct leo *l, const struct doctor_step *step, const struct finding *f)
{
	fprintf(l->out, "  %s%-7s%s  %-*s %s\n", table_escape(l->colour, results[f->result].style),
		results[f->result].word, out_plain(l), STEP_WIDTH, step->name,
		f->text ? f->text : "");
	if (f->next)
		fprintf(l->out, "  %7s  %*s try: %s%s%s\n", "", STEP_WIDTH, "", out_bold(l),
			f->next, out_plain(l));
}

/* What the service itself has said, where something is wrong with it. */
static int print_journal(struct leo *l, const struct doctor *d)
{
	_cleanup_(str_vector_free_p) char **lines = NULL;

	if (!d->health.manager || unit_journal(d->service->unit, JOURNAL_LINES, &lines) < 0)
		return 0;
	for (size_t i = 0; lines[i]; i++) {
		if (l->json) {
			_cleanup_(json_decrefp) json_t *object =
				json_pack("{s:s, s:s, s:s}", "service", d->service->name, "journal",
					  lines[i], "unit", d->service->unit);
			int r = object ? out_json(l, object) : -ENOMEM;

			if (r < 0)
				return r;
			continue;
		}
		fprintf(l->out, "  %s%s%s\n", out_dim(l), lines[i], out_plain(l));
	}
	return 0;
}

/* 1 when something is wrong with the service, 0 when nothing is, or a negative errno. */
static int examine(struct leo *l, const struct service *s)
{
	struct doctor d;
	int wrong = 0, r = 0;

	doctor_init(&d, l, s);
	if (!l->json)
		fprintf(l->out, "%s%s%s\n", out_bold(l), s->name, out_plain(l));
	for (const struct doctor_step *step = doctor_steps; r == 0 && step->name; step++) {
		_cleanup_(finding_deinit) struct finding f = {};

		step->look(&d, &f);
		wrong |= f.result == DOCTOR_WRONG;
		if (f.result == DOCTOR_NONE)
			continue;
		if (l->json)
			r = print_json(l, &d, step, &f);
		else
			print_text(l, step, &f);
	}
	if (r == 0 && wrong)
		r = print_journal(l, &d);
	doctor_deinit(&d);
	return r < 0 ? r : wrong;
}

/* A word that names nothing installed may be misspelt, or a service that is not installed. */
static void note_unknown(struct leo *l, const char *word, const char *interface)
{
	_cleanup_(str_vector_free_p) char **names = NULL;
	struct suggest s = {.word = word};

	if (api_list(l->root_fd, &names) < 0 || str_vector_contains(names, interface))
		return;
	for (size_t i = 0; names[i]; i++)
		suggest_offer(&s, api_short(names[i]));
	if (suggest_best(&s))
		fail_note(l, "%s is not installed; did you mean %s?", word, suggest_best(&s));
}

static int examine_one(struct leo *l, const char *word)
{
	_cleanup_(service_deinit) struct service s = {};
	_cleanup_free_ char *interface = NULL;
	int r = api_interface(l->root_fd, word, &interface);

	if (r == 0)
		r = service_init(interface, &s);
	if (r < 0)
		return r;
	note_unknown(l, word, interface);
	return examine(l, &s);
}

static int examine_all(struct leo *l)
{
	_cleanup_(service_list_deinit) struct service_list list = {};
	int r = service_list(l->root_fd, &list), wrong = 0;

	if (r < 0)
		return r;
	if (list.count == 0) {
		fail_note(l, "no service is installed: there is no interface in %s", API_DIR);
		return 1;
	}
	for (size_t i = 0; r >= 0 && i < list.count; i++) {
		if (i && !l->json)
			fputc('\n', l->out);
		r = examine(l, &list.items[i]);
		wrong |= r > 0;
	}
	return r < 0 ? r : wrong;
}

static int run(struct leo *l)
{
	const char *word = leo_operand(l, 0);
	int r;

	if (word && !*word)
		return fail_usage(l, "the name of the service is empty");
	r = word ? examine_one(l, word) : examine_all(l);
	if (r < 0)
		return fail_errno(l, r, "cannot examine %s", word ? word : "the services");
	return r ? LEO_FAILED : LEO_DONE;
}

static const struct leo_command doctor = {
	.name = "doctor",
	.summary = "why a service is not working, and what to try",
	.about = "Goes down a chain: what is installed, what systemd has made of it, the socket,\n"
		 "who answers there, what you may ask, and what the service needs of the machine.\n"
		 "Each step that fails says what is wrong and what to try. A service that is\n"
		 "started on demand is started. Exits with 1 when something is wrong.\n",
	.forms =
		(const struct leo_form[]){
			{.operands = "[SERVICE]", .max = 1, .words = words_services, .run = run},
			{}},
	.examples = {"leo doctor", "leo doctor node -v"},
};

LEO_COMMAND(doctor);
