/*
 * leo node [describe|health|powers|probe|watch]: this machine, as io.leonhard.Node tells it.
 */
#include <errno.h>
#include <string.h>

#include "base/def.h"
#include "base/str.h"
#include "base/time.h"
#include "leo/fail.h"
#include "leo/leo.h"
#include "leo/out.h"
#include "leo/overview.h"
#include "leo/powers.h"
#include "leo/records.h"
#include "leo/talk.h"
#include "leo/text.h"

/* Asks for a reply whose strings are fit to be shown; of --json they are the service's own. */
static int ask(struct leo *l, const char *method, const json_t *parameters, json_t **ret_reply)
{
	_cleanup_(json_decrefp) json_t *reply = NULL;
	json_t *clean;
	int status = talk_ask(l, POWERS_INTERFACE, method, parameters, &reply);

	if (status != LEO_DONE)
		return status;
	clean = l->json ? json_incref(reply) : text_clean_json(reply);
	if (!clean)
		return fail_errno(l, -ENOMEM, "cannot show the reply");
	*ret_reply = clean;
	return LEO_DONE;
}

static int finish(const struct leo *l, int r)
{
	return r < 0 ? fail_errno(l, r, "cannot show the reply") : LEO_DONE;
}

/* ---- describe ---- */

static int run_describe(struct leo *l)
{
	_cleanup_(json_decrefp) json_t *node = NULL, *reply = NULL;
	int status = ask(l, "Describe", NULL, &node);

	if (status != LEO_DONE)
		return status;
	if (l->json)
		return finish(l, out_json(l, node));
	status = ask(l, "ListPowers", NULL, &reply);
	if (status != LEO_DONE)
		return status;
	overview_print(l, node);
	overview_label(l, "powers");
	powers_print_sum(l, json_object_get(reply, "powers"));
	fputc('\n', l->out);
	return LEO_DONE;
}

/* ---- health ---- */

static const struct records_column sign_columns[] = {
	{"SIGN", "name", .style = TABLE_BOLD},
	{"CONDITION", "condition", .state = true},
	{"DETAIL", "detail", .may_shrink = true},
	{"EVIDENCE", "evidence", .style = TABLE_DIM, .verbose = true},
};

static int run_health(struct leo *l)
{
	_cleanup_(json_decrefp) json_t *reply = NULL;
	int status = ask(l, "Health", NULL, &reply), r;

	if (status != LEO_DONE)
		return status;
	r = records_print(l, sign_columns, ARRAY_SIZE(sign_columns),
			  json_object_get(reply, "signs"));
	if (r < 0)
		return finish(l, r);
	return json_is_true(json_object_get(reply, "healthy")) ? LEO_DONE : LEO_FAILED;
}

/* ---- powers, probe ---- */

static void print_probed(struct leo *l, const json_t *reply)
{
	uint64_t probed_ns = records_number(reply, "probed_ns");
	char when[TIME_TEXT_MAX];

	if (l->json)
		return;
	if (!probed_ns) {
		fputs("\nWhat needs a trial has not been tried yet.\n", l->out);
		return;
	}
	if (l->verbose)
		time_format_iso(probed_ns, when);
	else
		time_format_relative(probed_ns, time_now_ns(CLOCK_REALTIME), when);
	fprintf(l->out, "\n%sWhat needs a trial was tried %s.%s\n", out_dim(l), when, out_plain(l));
}

static int run_powers(struct leo *l)
{
	const char *group = leo_value(l, "group");
	_cleanup_(json_decrefp) json_t *parameters = json_object(), *reply = NULL;
	const json_t *powers;
	int status, r;

	if (group)
		json_object_set_new(parameters, "group", json_string(group));
	status = ask(l, "ListPowers", parameters, &reply);
	if (status != LEO_DONE)
		return status;
	powers = json_object_get(reply, "powers");
	if (group && json_array_size(powers) == 0)
		return fail(l, &(struct failure){.status = LEO_FAILED, .next = "leo node powers"},
			    "there is no power in a group %s", group);
	r = powers_print(l, powers);
	if (r == 0)
		print_probed(l, reply);
	return finish(l, r);
}

static int run_probe(struct leo *l)
{
	_cleanup_(json_decrefp) json_t *reply = NULL;
	int status;

	if (l->terminal)
		fail_note(l, "trying what needs a trial; this can take some seconds");
	status = ask(l, "Probe", NULL, &reply);
	if (status != LEO_DONE)
		return status;
	return finish(l, powers_print(l, json_object_get(reply, "powers")));
}

/* ---- watch ---- */

/* @data: what was shown last; NULL before the first reply. */
static int on_powers(struct leo *l, const json_t *parameters, void *data)
{
	json_t **shown = data;
	const json_t *powers = json_object_get(parameters, "powers");
	json_t *now = l->json && powers ? json_deep_copy(powers) : text_clean_json(powers);
	int r;

	if (!now)
		return fail_errno(l, -ENOMEM, "cannot show the powers");
	r = *shown ? powers_print_changes(l, *shown, now) : powers_print(l, now);
	json_decref(*shown);
	*shown = now;
	if (r == 0)
		r = out_flush(l);
	return r == -EPIPE ? TALK_STOP : finish(l, r);
}

static int run_watch(struct leo *l)
{
	_cleanup_(rpc_link_free_p) struct rpc_link *link = NULL;
	_cleanup_(json_decrefp) json_t *shown = NULL;
	int status = talk_open(l, POWERS_INTERFACE, &link);

	if (status != LEO_DONE)
		return status;
	return talk_call(l, link,
			 &(struct talk){.interface = POWERS_INTERFACE,
					.method = "Watch",
					.more = true,
					.fn = on_powers,
					.data = &shown});
}

/* ---- the command ---- */

/* The groups are what the service says now; a list here would be a second one. */
static void words_groups(struct leo *l, const char *word, FILE *f)
{
	_cleanup_(rpc_link_free_p) struct rpc_link *link = NULL;
	_cleanup_(json_decrefp) json_t *reply = NULL;
	const json_t *powers;
	const char *last = "";

	if (rpc_link_open(l->root, POWERS_INTERFACE, &link) < 0 ||
	    talk_quietly(link, POWERS_INTERFACE ".ListPowers", NULL, &reply) < 0)
		return;
	powers = json_object_get(reply, "powers");
	for (size_t i = 0; i < json_array_size(powers); i++) {
		_cleanup_free_ char *group = NULL;
		const char *raw = records_text(json_array_get(powers, i), "group");

		if (!str_equal(raw, last) && text_clean(raw, strlen(raw), &group) == 0)
			fprintf(f, "%s\n", group);
		last = raw;
	}
}

static const struct leo_form forms[] = {
	{"describe", NULL, "the machine as it is now; what leo node does", .run = run_describe},
	{"health", NULL, "signs of trouble: status 1 when one of them is bad", .run = run_health},
	{"powers", NULL, "what the machine offers; with -v how that is known", .run = run_powers},
	{"probe", NULL, "try again what needs a trial", .run = run_probe},
	{"watch", NULL, "the powers, and each change until Ctrl-C", .run = run_watch},
	{},
};

static const struct leo_option options[] = {
	{"group", "GROUP", "only this group of powers", .verb = "powers", .words = words_groups},
	{},
};

static const struct leo_command node = {
	.name = "node",
	.summary = "this machine: what it is, and which powers it offers",
	.about = "Asks io.leonhard.Node. A power is something that the kernel or the hardware can\n"
		 "do: yes and no were seen, unknown could not be found out.\n",
	.forms = forms,
	.options = options,
	.examples = {"leo node powers --group bpf -v", "leo node watch --json"},
	.interface = POWERS_INTERFACE,
};

LEO_COMMAND(node);
