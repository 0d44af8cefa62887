/*
 * What was: ListSeries, History, Statistics of the varlink front.
 */
#include <errno.h>
#include <math.h>

#include "base/def.h"
#include "base/time.h"
#include "pwrapis/front.h"
#include "rpc/json.h"

#define DAY_NS (86400 * NS_PER_S)

/* ---- ListSeries ---- */

void front_list_series(struct rpc_call *call, const json_t *parameters, void *data)
{
	const struct front *f = data;
	const struct recorder *r = &f->p->recorder;
	json_t *list = json_array();

	for (unsigned i = 0; list && i < r->count; i++) {
		const struct power_item *item = catalogue_item(r->list[i].item);

		if (json_array_append_new(list, json_pack("{s:s, s:s, s:s}", "item", item->name,
							  "place", r->list[i].place, "unit",
							  catalogue_unit(item))) < 0)
			json_decref(take_ptr(list));
	}
	if (list)
		rpc_reply(call, json_pack("{s:o}", "series", list));
	else
		rpc_failed(call, -ENOMEM, "cannot list series");
}

/* ---- what both others ask for ---- */

struct question {
	struct front *f;
	const struct recorded *series;
	const struct power_item *item;
	bool coarse;
	uint64_t now; /* second of CLOCK_BOOTTIME */
};

/* False: the call has ended. */
static bool find(struct rpc_call *call, const json_t *parameters, struct front *f,
		 struct question *ret_question)
{
	const char *item = json_string_value(json_object_get(parameters, "item"));
	const char *place = json_string_value(json_object_get(parameters, "place"));
	const struct recorded *series = recorder_find(&f->p->recorder, item, place);

	if (!series) {
		rpc_error(call, FRONT_INTERFACE ".NoHistory",
			  json_pack("{s:s, s:s}", "item", item, "place", place));
		return false;
	}
	*ret_question = (struct question){
		.f = f,
		.series = series,
		.item = catalogue_item(series->item),
		.now = recorder_now(&f->p->recorder),
	};
	ret_question->coarse =
		ret_question->item->flags & POWER_PRIVATE && rpc_call_class(call) < ACCESS_CONTROL;
	return true;
}

/* A span or a time, 0 where it is left out. False: it is out of its bounds, the call has ended. */
static bool take_ns(struct rpc_call *call, const json_t *parameters, const char *name,
		    uint64_t least, uint64_t most, uint64_t *ret_ns)
{
	const json_t *value = json_object_get(parameters, name);
	json_int_t ns = json_integer_value(value);

	*ret_ns = ns;
	if (!json_is_integer(value) || (ns >= (json_int_t)least && ns <= (json_int_t)most))
		return true;
	rpc_invalid(call, name);
	return false;
}

static json_t *told(const struct question *q, double number)
{
	return json_real(q->coarse ? reading_round(q->item->unit, number) : number);
}

static json_int_t at_ns(const struct question *q, uint64_t second)
{
	return (json_int_t)history_clock_real(&q->f->p->recorder.clock, second);
}

/* ---- History ---- */

static json_t *list_points(const struct question *q, const struct history_point *points,
			   size_t count)
{
	json_t *list = json_array();

	for (size_t i = 0; list && i < count; i++)
		if (json_array_append_new(list, json_pack("{s:I, s:o, s:o, s:o}", "at_ns",
							  at_ns(q, points[i].second), "min",
							  told(q, points[i].min), "mean",
							  told(q, points[i].mean), "max",
							  told(q, points[i].max))) < 0)
			json_decref(take_ptr(list));
	return list;
}

void front_history(struct rpc_call *call, const json_t *parameters, void *data)
{
	static struct history_point points[HISTORY_POINTS_MAX];
	struct question q;
	uint64_t since_ns, step_ns, since, step;
	json_t *list;

	if (!find(call, parameters, data, &q) ||
	    !take_ns(call, parameters, "since_ns", 0, INT64_MAX, &since_ns) ||
	    !take_ns(call, parameters, "step_ns", 1, DAY_NS, &step_ns))
		return;
	since = history_clock_second(&q.f->p->recorder.clock, since_ns);
	step = (step_ns + NS_PER_S - 1) / NS_PER_S;
	list = list_points(&q, points,
			   series_points(q.series->series, q.now, since, &step, points));
	if (list)
		rpc_reply(call,
			  json_pack("{s:s, s:I, s:o}", "unit", catalogue_unit(q.item), "step_ns",
				    (json_int_t)(step * NS_PER_S), "points", list));
	else
		rpc_failed(call, -ENOMEM, "cannot tell the history");
}

/* ---- Statistics ---- */

static int put_statistics(const struct question *q, json_t *reply,
			  const struct history_statistics *s)
{
	json_t *known = json_pack("{s:o, s:o, s:o, s:I, s:I}", "min", told(q, s->min), "mean",
				  told(q, s->mean), "max", told(q, s->max), "min_at_ns",
				  at_ns(q, s->min_second), "max_at_ns", at_ns(q, s->max_second));
	int r = known ? json_object_update(reply, known) : -ENOMEM;

	json_decref(known);
	if (r == 0 && !isnan(s->joules))
		r = json_object_set_new(reply, "joules",
					json_real(q->coarse ? round(s->joules) : s->joules));
	return r;
}

void front_statistics(struct rpc_call *call, const json_t *parameters, void *data)
{
	_cleanup_json_ json_t *reply = NULL;
	struct history_statistics s;
	struct question q;
	uint64_t window_ns;

	if (!find(call, parameters, data, &q) ||
	    !take_ns(call, parameters, "window_ns", NS_PER_S, INT64_MAX, &window_ns))
		return;
	series_statistics(q.series->series, q.now, window_ns / NS_PER_S, &s);
	reply = json_pack("{s:I}", "known_ns", (json_int_t)(s.known * NS_PER_S));
	if (!reply || (s.known && put_statistics(&q, reply, &s) < 0))
		rpc_failed(call, -ENOMEM, "cannot tell statistics");
	else
		rpc_reply(call, take_ptr(reply));
}
