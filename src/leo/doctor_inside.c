/*
 * Steps of the doctor: what the service says of itself, and what it needs; see doctor.h.
 */
#include <errno.h>
#include <string.h>

#include "base/def.h"
#include "base/str.h"
#include "leo/doctor.h"
#include "leo/powers.h"
#include "leo/records.h"
#include "leo/registry.h"
#include "leo/signs.h"
#include "leo/talk.h"

/* ---- what the service says of itself ---- */

/* No text of a service that means well is longer. */
enum { PART_MAX = 600 };

/* "store: 3 % are left (statvfs; bad below 5 %)" */
static int add_sign(struct strbuf *b, const json_t *sign)
{
	const char *evidence = records_text(sign, "evidence");
	bool known = !str_equal(evidence, "-");

	return strbuf_addf(b, "%s%.*s: %.*s%s%.*s%s", b->len ? "; " : "", PART_MAX,
			   records_text(sign, "name"), PART_MAX, records_text(sign, "detail"),
			   known ? " (" : "", known ? PART_MAX : 0, evidence, known ? ")" : "");
}

/* The signs of that condition; *@ret_count is how many there are. */
static int list_signs(const json_t *signs, const char *condition, struct strbuf *b,
		      size_t *ret_count)
{
	size_t count = 0;
	int r = 0;

	for (size_t i = 0; r == 0 && i < json_array_size(signs); i++) {
		const json_t *sign = json_array_get(signs, i);

		if (!signs_is(sign, condition))
			continue;
		count++;
		r = add_sign(b, sign);
	}
	*ret_count = count;
	return r;
}

/* A service that tells nothing of itself has no such step. */
void doctor_health(const struct doctor *d, struct finding *f)
{
	_cleanup_(json_decrefp) json_t *signs = signs_ask(d->health.link, d->service->interface);
	_cleanup_(strbuf_deinit) struct strbuf bad = {}, unknown = {};
	size_t bad_count, unknown_count;

	if (!json_is_array(signs) || list_signs(signs, "bad", &bad, &bad_count) < 0 ||
	    list_signs(signs, "unknown", &unknown, &unknown_count) < 0)
		return;
	if (bad_count)
		found(f, DOCTOR_WRONG, "leo status -v", "%s", bad.text);
	else if (unknown_count)
		found(f, DOCTOR_FINE, NULL, "nothing is bad; not known: %s", unknown.text);
	else
		found(f, DOCTOR_FINE, NULL, "all that it looks at is good");
}

/* ---- what the service needs of the machine ---- */

/* Adds to *@missing the powers that are needed and not there. */
static int list_missing(const json_t *powers, const char *const *needs, struct strbuf *missing)
{
	int r = 0;

	for (; r == 0 && *needs; needs++) {
		const json_t *power = powers_find(powers, *needs);
		const char *state = power ? records_text(power, "state") : "not known";

		if (!str_equal(state, "yes"))
			r = strbuf_addf(missing, "%s%s (%s)", missing->len ? ", " : "", *needs,
					state);
	}
	return r;
}

void doctor_powers(const struct doctor *d, struct finding *f)
{
	const struct leo_command *c = registry_of_interface(d->service->interface);
	_cleanup_(rpc_link_free_p) struct rpc_link *link = NULL;
	_cleanup_(json_decrefp) json_t *reply = NULL;
	_cleanup_(strbuf_deinit) struct strbuf missing = {};
	int r;

	if (!c || !c->needs)
		return;
	r = rpc_link_open(d->l->root, POWERS_INTERFACE, &link);
	if (r == 0)
		r = talk_quietly(link, POWERS_INTERFACE ".ListPowers", NULL, &reply);
	if (r == 0)
		r = list_missing(json_object_get(reply, "powers"), c->needs, &missing);
	if (r < 0)
		found(f, DOCTOR_SKIPPED, "leo doctor node", "io.leonhard.Node does not tell: %s",
		      doctor_silence(r));
	else if (missing.len)
		found(f, DOCTOR_WRONG, "leo node powers -v", "this machine lacks %s", missing.text);
	else
		found(f, DOCTOR_FINE, NULL, "this machine has all that it needs");
}
