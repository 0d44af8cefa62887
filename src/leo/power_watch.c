/*
 * leo power watch: readings, and then each that has changed; for programs all of them each time,
 * with the time.
 */
#include <errno.h>
#include <string.h>

#include "base/def.h"
#include "base/str.h"
#include "base/time.h"
#include "leo/fail.h"
#include "leo/out.h"
#include "leo/power.h"
#include "leo/records.h"
#include "leo/text.h"

struct watching {
	const json_t *items; /* clean */
	json_t *shown; /* the readings that were shown last; NULL: none yet */
};

/* "12:30:45  cpufreq.frequency policy0  2.4 GHz" */
static void print_change(struct leo *l, const struct watching *w, const json_t *r)
{
	const char *item = records_text(r, "item");
	char stamp[TIME_TEXT_MAX], value[POWER_VALUE_MAX];

	time_format_iso(time_now_ns(CLOCK_REALTIME), stamp);
	/* The time of day is enough for who looks on: 2026-03-01T12:30:45.123+01:00. */
	if (!l->verbose) {
		memmove(stamp, stamp + 11, 8);
		stamp[8] = '\0';
	}
	power_value(r, power_unit_of(w->items, item), value);
	fprintf(l->out, "%s%s%s  %s%s%s %s  %s\n", out_dim(l), stamp, out_plain(l), out_bold(l),
		item, out_plain(l), records_text(r, "place"), value);
}

/* The service tells readings in one order, so that most stand where they stood. */
static bool is_new(const json_t *before, size_t at, const json_t *r)
{
	const json_t *same = json_array_get(before, at);

	if (same && json_equal(same, r))
		return false;
	for (size_t i = 0; i < json_array_size(before); i++)
		if (json_equal(json_array_get(before, i), r))
			return false;
	return true;
}

static int tell_json(struct leo *l, const json_t *readings)
{
	uint64_t now_ns = time_now_ns(CLOCK_REALTIME);
	int r = 0;

	for (size_t i = 0; r == 0 && i < json_array_size(readings); i++) {
		_cleanup_(json_decrefp) json_t *reading = json_copy(json_array_get(readings, i));

		json_object_set_new(reading, "time_ns", json_integer(now_ns));
		r = reading ? out_json(l, reading) : -ENOMEM;
	}
	return r;
}

static int tell(struct leo *l, struct watching *w, const json_t *raw)
{
	_cleanup_(json_decrefp) json_t *now = NULL;
	int r = 0;

	if (l->json)
		return tell_json(l, raw);
	now = text_clean_json(raw);
	if (!now)
		return -ENOMEM;
	if (!w->shown)
		r = power_print_readings(l, w->items, now);
	for (size_t i = 0; w->shown && i < json_array_size(now); i++)
		if (is_new(w->shown, i, json_array_get(now, i)))
			print_change(l, w, json_array_get(now, i));
	json_decref(w->shown);
	w->shown = take_ptr(now);
	return r;
}

static int on_readings(struct leo *l, const json_t *parameters, void *data)
{
	int r = tell(l, data, json_object_get(parameters, "readings"));

	if (r == 0)
		r = out_flush(l);
	if (r == -EPIPE)
		return TALK_STOP;
	return r < 0 ? fail_errno(l, r, "cannot show the readings") : LEO_DONE;
}

static int interval(struct leo *l, uint64_t *ret_ns)
{
	const char *word = leo_value(l, "interval");
	uint64_t ns = NS_PER_S;

	if (word && (time_parse_span(word, &ns) < 0 || ns > INT64_MAX))
		return fail_usage(l, "--interval %s is no time such as 2s", word);
	*ret_ns = ns;
	return LEO_DONE;
}

static int follow(struct leo *l, struct rpc_link *link, uint64_t interval_ns, struct watching *w)
{
	_cleanup_(json_decrefp) json_t *parameters =
		json_pack("{s:[], s:I}", "items", "interval_ns", (json_int_t)interval_ns);
	json_t *names = json_object_get(parameters, "items");

	for (size_t i = 0; i < l->operand_count; i++)
		if (json_array_append_new(names, json_string(l->operands[i])) < 0)
			return fail_usage(l, "what is typed is not UTF-8");
	return talk_call(l, link,
			 &(struct talk){.interface = POWER_INTERFACE,
					.method = "Watch",
					.parameters = parameters,
					.more = true,
					.fn = on_readings,
					.data = w,
					.errors = power_errors});
}

int power_watch(struct leo *l)
{
	_cleanup_(rpc_link_free_p) struct rpc_link *link = NULL;
	_cleanup_(json_decrefp) json_t *items = NULL, *clean = NULL;
	struct watching w = {};
	uint64_t interval_ns = 0;
	int status = interval(l, &interval_ns);

	if (status == LEO_DONE)
		status = talk_open(l, POWER_INTERFACE, &link);
	if (status == LEO_DONE && !l->json)
		status = power_items(l, link, &items);
	if (status != LEO_DONE)
		return status;
	clean = text_clean_json(items);
	w.items = clean;
	status = follow(l, link, interval_ns, &w);
	json_decref(w.shown);
	return status;
}
