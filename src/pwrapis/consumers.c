/*
 * Consumers: who has used the energy, and the time of the processors. Whoever asks first waits for
 * a second that was looked at from its beginning to its end.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/def.h"
#include "base/str.h"
#include "base/time.h"
#include "pwrapis/attributing.h"
#include "pwrapis/front.h"
#include "rpc/json.h"

enum { LIMIT_USUAL = 100, LIMIT_MAX = 1000, WINDOW_S = 60, UJ_PER_J = 1000000 };

/* A call, and what it asks for. */
struct asking {
	struct attributing_wait wait;
	struct front *front;
	struct rpc_call *call;
	enum attrib_by by;
	uint64_t window_ns;
	size_t limit;
	bool coarse;
};

static const struct {
	const char *name;
	enum attrib_by by;
} groupings[] = {
	{"process", ATTRIB_BY_PROCESS},
	{"unit", ATTRIB_BY_UNIT},
	{"cgroup", ATTRIB_BY_CGROUP},
};

static const char *const meters[POWER_PARTS] = {
	[POWER_PART_BOARD] = "power.board",
	[POWER_PART_CPU] = "power.processors",
	[POWER_PART_MEMORY] = "power.memory",
};

/* ---- names ---- */

/* The unit of a group, or else its path. */
static int group_name(const struct group *g, char **ret_name)
{
	const char *unit = g->path;
	size_t len = groups_unit(g->path, &unit);

	return str_escape(unit, len ? len : strlen(g->path), ret_name);
}

static int rest_name(const struct group *g, char **ret_name)
{
	_cleanup_free_ char *name = NULL;
	int r = group_name(g, &name);

	if (r == 0 && asprintf(ret_name, "rest of %s", name) < 0)
		r = -ENOMEM;
	return r;
}

static int row_name(const struct consumer *c, enum attrib_by by, char **ret_name)
{
	if (c->kind >= CONSUMER_KERNEL || by == ATTRIB_BY_PROCESS)
		return c->kind == CONSUMER_REST ? rest_name(c->group, ret_name)
						: str_escape(c->name, strlen(c->name), ret_name);
	if (by == ATTRIB_BY_UNIT)
		return group_name(c->group, ret_name);
	return str_escape(c->group->path, strlen(c->group->path), ret_name);
}

/* NULL: it is of none. */
static json_t *row_unit(const struct consumer *c)
{
	_cleanup_free_ char *name = NULL;
	const char *unit;
	size_t len = c->kind < CONSUMER_KERNEL ? groups_unit(c->group->path, &unit) : 0;

	return len && str_escape(unit, len, &name) == 0 ? json_string(name) : NULL;
}

/* ---- numbers ---- */

static double round_to(double number, double step, bool coarse)
{
	return coarse ? round(number / step) * step : number;
}

static json_t *joules_of(uint64_t uj, const struct asking *a)
{
	return json_real(round_to((double)uj / UJ_PER_J, 1, a->coarse));
}

static json_t *watts_of(uint64_t uj, const struct attrib_answer *answer, const struct asking *a)
{
	return json_real(
		round_to((double)uj * (NS_PER_S / UJ_PER_J) / answer->metered_ns, 1, a->coarse));
}

/* Of the energy, or where that is unknown of the time. */
static double share_of(const struct attrib_row *row, const struct attrib_answer *answer)
{
	if (answer->metered_ns && answer->uj)
		return (double)row->uj / answer->uj;
	return answer->ns ? (double)row->ns / answer->ns : 0;
}

static int add_process(json_t *object, const struct consumer *c)
{
	if (c->kind == CONSUMER_PROCESS && json_object_set_new(object, "pid", json_integer(c->pid)))
		return -ENOMEM;
	if (c->kind <= CONSUMER_ENDED && json_object_set_new(object, "uid", json_integer(c->uid)))
		return -ENOMEM;
	return 0;
}

/* What is unknown is left out. */
static json_t *make_row(const struct attrib_row *row, const struct attrib_answer *answer,
			const struct asking *a)
{
	_cleanup_free_ char *name = NULL;
	_cleanup_json_ json_t *object = NULL;
	json_t *unit = a->by == ATTRIB_BY_CGROUP ? NULL : row_unit(row->consumer);

	if (row_name(row->consumer, a->by, &name) == 0)
		object = json_pack("{s:s, s:o*, s:f, s:f}", "name", name, "unit", unit, "cpu_s",
				   round_to((double)row->ns / NS_PER_S, 0.01, a->coarse), "share",
				   round_to(share_of(row, answer), 0.01, a->coarse));
	else
		json_decref(unit);
	if (!object || (a->by == ATTRIB_BY_PROCESS && add_process(object, row->consumer) < 0))
		return NULL;
	if (answer->metered_ns &&
	    (json_object_set_new(object, "joules", joules_of(row->uj, a)) < 0 ||
	     json_object_set_new(object, "watts", watts_of(row->uj, answer, a)) < 0))
		return NULL;
	return take_ptr(object);
}

/* ---- the reply ---- */

static json_t *make_reply(struct attributing *from, const struct attrib_answer *answer,
			  const struct asking *a)
{
	size_t count = answer->count < a->limit ? answer->count : a->limit;
	bool metered = answer->metered_ns;
	_cleanup_json_ json_t *list = json_array();

	for (size_t i = 0; list && i < count; i++)
		if (json_array_append_new(list, make_row(&answer->rows[i], answer, a)) < 0)
			return NULL;
	if (!list)
		return NULL;
	return json_pack("{s:s*, s:I, s:I, s:o*, s:O, s:I}", "meter",
			 metered ? meters[from->part] : NULL, "from_ns",
			 (json_int_t)answer->from_ns, "to_ns", (json_int_t)answer->to_ns, "joules",
			 metered ? joules_of(answer->uj, a) : NULL, "consumers", list, "left_out",
			 (json_int_t)(answer->count - count));
}

static void reply(struct asking *a)
{
	struct attributing *from = &a->front->p->attributing;
	struct attrib_answer answer;
	int r = attrib_answer(from->attrib, a->window_ns, a->by, &answer);
	json_t *parameters;

	if (r < 0) {
		rpc_failed(a->call, r, "cannot tell who uses energy");
		return;
	}
	parameters = make_reply(from, &answer, a);
	free(answer.rows);
	if (parameters)
		rpc_reply(a->call, parameters);
	else
		rpc_failed(a->call, -ENOMEM, "cannot tell who uses energy");
}

static void on_known(struct attributing_wait *w, int r)
{
	struct asking *a = list_item(&w->link, struct asking, wait.link);

	if (r < 0)
		rpc_failed(a->call, r, "cannot look at processes");
	else
		reply(a);
	free(a);
}

static void on_closed(struct rpc_call *call, void *data)
{
	struct asking *a = data;

	list_remove(&a->wait.link);
	free(a);
}

static bool read_number(struct rpc_call *call, const json_t *parameters, const char *name,
			json_int_t least, json_int_t most, json_int_t *number)
{
	const json_t *value = json_object_get(parameters, name);

	if (json_is_integer(value))
		*number = json_integer_value(value);
	if (*number >= least && *number <= most)
		return true;
	rpc_invalid(call, name);
	return false;
}

void front_consumers(struct rpc_call *call, const json_t *parameters, void *data)
{
	const char *by = json_string_value(json_object_get(parameters, "by"));
	json_int_t window_ns = WINDOW_S * NS_PER_S, limit = LIMIT_USUAL;
	struct asking *a;

	if (!read_number(call, parameters, "window_ns", NS_PER_S, INT64_MAX, &window_ns) ||
	    !read_number(call, parameters, "limit", 1, LIMIT_MAX, &limit))
		return;
	a = calloc(1, sizeof(*a));
	if (!a) {
		rpc_failed(call, -ENOMEM, "cannot tell who uses energy");
		return;
	}
	*a = (struct asking){.wait.fn = on_known, .front = data, .call = call};
	a->window_ns = window_ns;
	a->limit = limit;
	a->coarse = rpc_call_class(call) < ACCESS_CONTROL;
	for (size_t i = 0; i < ARRAY_SIZE(groupings); i++)
		if (str_equal(groupings[i].name, by))
			a->by = groupings[i].by;
	rpc_call_on_closed(call, on_closed, a);
	if (!attributing_want(a->front->p, &a->wait))
		return;
	reply(a);
	free(a);
}
