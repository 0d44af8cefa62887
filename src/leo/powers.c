/*
 * The powers of a machine; see powers.h.
 */
#include "leo/powers.h"

#include <string.h>

#include "base/def.h"
#include "base/str.h"
#include "base/time.h"
#include "leo/out.h"
#include "leo/records.h"

static const struct records_column columns[] = {
	{"GROUP", "group", .style = TABLE_DIM},
	{"POWER", "name", .style = TABLE_BOLD},
	{"STATE", "state", .state = true},
	{"DETAIL", "detail", .may_shrink = true},
	{"EVIDENCE", "evidence", .style = TABLE_DIM, .verbose = true},
};

int powers_print(struct leo *l, const json_t *powers)
{
	return records_print(l, columns, ARRAY_SIZE(columns), powers);
}

void powers_print_sum(struct leo *l, const json_t *powers)
{
	static const char *const states[] = {"yes", "no", "unknown"};

	for (size_t s = 0; s < ARRAY_SIZE(states); s++) {
		size_t count = 0;

		for (size_t i = 0; i < json_array_size(powers); i++)
			count += str_equal(records_text(json_array_get(powers, i), "state"),
					   states[s]);
		fprintf(l->out, "%s%zu %s", s ? ", " : "", count, states[s]);
	}
}

const json_t *powers_find(const json_t *powers, const char *name)
{
	for (size_t i = 0; i < json_array_size(powers); i++) {
		const json_t *power = json_array_get(powers, i);

		if (str_equal(records_text(power, "name"), name))
			return power;
	}
	return NULL;
}

static int print_change(struct leo *l, const char *stamp, const json_t *before, const json_t *now)
{
	const char *state = records_text(now, "state");

	if (l->json)
		return out_json(l, now);
	fprintf(l->out, "%s  %s%s%s  %s -> %s%s%s  %s\n", stamp, out_bold(l),
		records_text(now, "name"), out_plain(l),
		before ? records_text(before, "state") : "(new)",
		table_escape(l->colour, records_style(state)), state, out_plain(l),
		records_text(now, "detail"));
	return 0;
}

int powers_print_changes(struct leo *l, const json_t *before, const json_t *now)
{
	char stamp[TIME_TEXT_MAX];
	int r = 0;

	time_format_iso(time_now_ns(CLOCK_REALTIME), stamp);
	/* The time of day is enough for who looks on: 2026-03-01T12:30:45.123+01:00. */
	if (!l->verbose) {
		memmove(stamp, stamp + 11, 8);
		stamp[8] = '\0';
	}
	for (size_t i = 0; r == 0 && i < json_array_size(now); i++) {
		const json_t *power = json_array_get(now, i);
		const json_t *old = powers_find(before, records_text(power, "name"));

		if (!old || !json_equal(old, power))
			r = print_change(l, stamp, old, power);
	}
	return r;
}
