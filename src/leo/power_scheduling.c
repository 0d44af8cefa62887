/*
 * leo power status: which processors processes are given, where the power API decides that.
 */
#include <string.h>

#include "base/def.h"
#include "leo/out.h"
#include "leo/overview.h"
#include "leo/power.h"
#include "leo/records.h"
#include "leo/text.h"

static json_int_t number(const json_t *object, const char *name)
{
	return json_integer_value(json_object_get(object, name));
}

/* "packed onto 0-1, 2 of 8: they are enough" */
static void print_watt(struct leo *l, const json_t *watt)
{
	if (!json_is_true(json_object_get(watt, "on")))
		return;
	overview_label(l, "scheduling");
	fprintf(l->out,
		"packed onto %s%s%s, %" JSON_INTEGER_FORMAT " of %" JSON_INTEGER_FORMAT
		": %s  (%s; more by %s)\n",
		out_bold(l), records_text(watt, "active"), out_plain(l),
		number(watt, "active_count"), number(watt, "processor_count"),
		records_text(watt, "reason"), records_text(watt, "backend"),
		records_text(watt, "bound"));
}

static void print_grid(struct leo *l, const json_t *grid)
{
	if (!json_is_true(json_object_get(grid, "on")))
		return;
	overview_label(l, "scheduling");
	fprintf(l->out, "important processes on %s, others on %s\n", records_text(grid, "hot"),
		records_text(grid, "rest"));
}

void power_print_scheduling(struct leo *l, const json_t *scheduling)
{
	_cleanup_(json_decrefp) json_t *clean = text_clean_json(scheduling);

	print_watt(l, json_object_get(clean, "watt"));
	print_grid(l, json_object_get(clean, "grid"));
}
