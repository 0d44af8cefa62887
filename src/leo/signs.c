/*
 * The signs of trouble that services tell of themselves; see signs.h.
 */
#include "leo/signs.h"

#include <errno.h>
#include <string.h>

#include "base/def.h"
#include "base/str.h"
#include "base/table.h"
#include "leo/args.h"
#include "leo/out.h"
#include "leo/records.h"
#include "leo/registry.h"
#include "leo/talk.h"
#include "leo/text.h"

/* A longer name, which a service may send, is not what the others are aligned with. */
enum { INDENT = 2, GAP = 2, CONDITION_WIDTH = 7, NAME_WIDTH_MAX = 24 };

json_t *signs_ask(struct rpc_link *link, const char *interface)
{
	_cleanup_(json_decrefp) json_t *reply = NULL;
	_cleanup_free_ char *method = NULL;

	if (!link || asprintf(&method, "%s.Health", interface) < 0)
		return NULL;
	if (talk_quietly(link, method, NULL, &reply) < 0)
		return NULL;
	return json_incref(json_object_get(reply, "signs"));
}

bool signs_is(const json_t *sign, const char *condition)
{
	return str_equal(records_text(sign, "condition"), condition);
}

static bool is_wanted(const struct leo *l, const struct leo_command *c, const json_t *sign)
{
	if (!json_is_object(sign))
		return false;
	if (l->verbose || signs_is(sign, "bad"))
		return true;
	if (c && c->sign && str_equal(records_text(sign, "name"), c->sign))
		return true;
	return signs_is(sign, "unknown") && !str_equal(records_text(sign, "detail"), "-");
}

static void print_sign(struct leo *l, const json_t *sign, unsigned name_width)
{
	const char *name = records_text(sign, "name");
	const char *condition = records_text(sign, "condition");
	const char *evidence = records_text(sign, "evidence");
	unsigned before = INDENT + CONDITION_WIDTH + GAP, behind = before + name_width + GAP;

	fprintf(l->out, "%*s%s%-*s%s%*s%s", INDENT, "",
		table_escape(l->colour, records_style(condition)), CONDITION_WIDTH, condition,
		out_plain(l), GAP, "", name);
	text_wrap(l->out, records_text(sign, "detail"), behind, before + str_width(name), l->width);
	if (!l->verbose || str_equal(evidence, "-"))
		return;
	fputs(out_dim(l), l->out);
	text_wrap(l->out, evidence, behind, 0, l->width);
	fputs(out_plain(l), l->out);
}

/* "leo node health" where the command of the service has that verb, else what examines it. */
static void print_next(struct leo *l, const struct leo_command *c, const char *interface)
{
	char next[TALK_NEXT_MAX];

	talk_next_doctor(interface, next);
	if (c && args_has_verbs(c) && args_form(c, "health"))
		snprintf(next, sizeof(next), "leo %s health", c->name);
	fprintf(l->out, "%*stry: %s%s%s\n", INDENT, "", out_bold(l), next, out_plain(l));
}

/* The signs that are wanted, clean: the caller's, or NULL without memory. */
static json_t *choose(const struct leo *l, const struct leo_command *c, const json_t *signs)
{
	_cleanup_(json_decrefp) json_t *chosen = json_array();

	for (size_t i = 0; chosen && i < json_array_size(signs); i++) {
		const json_t *sign = json_array_get(signs, i);

		if (is_wanted(l, c, sign) &&
		    json_array_append_new(chosen, text_clean_json(sign)) < 0)
			return NULL;
	}
	return take_ptr(chosen);
}

int signs_print(struct leo *l, const char *interface, const char *title, const json_t *signs)
{
	const struct leo_command *c = registry_of_interface(interface);
	_cleanup_(json_decrefp) json_t *chosen = choose(l, c, signs);
	unsigned name_width = 0;
	bool well = true;

	if (!chosen)
		return -ENOMEM;
	if (json_array_size(chosen) == 0)
		return 0;
	for (size_t i = 0; i < json_array_size(chosen); i++) {
		unsigned width = str_width(records_text(json_array_get(chosen, i), "name"));

		if (width > name_width && width <= NAME_WIDTH_MAX)
			name_width = width;
	}
	fprintf(l->out, "\n%s%s%s\n", out_bold(l), title, out_plain(l));
	for (size_t i = 0; i < json_array_size(chosen); i++) {
		const json_t *sign = json_array_get(chosen, i);

		print_sign(l, sign, name_width);
		well &= signs_is(sign, "good");
	}
	if (!well)
		print_next(l, c, interface);
	return 0;
}
