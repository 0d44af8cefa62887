/*
 * What the controller does, for io.leonhard.Power: Scheduling.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "pwrapis/front.h"
#include "pwrapis/machine/cpulist.h"
#include "pwrapis/sched/actuator.h"
#include "rpc/json.h"

enum { LIST_BYTES = 40960, PLACES_MAX = SCHED_SPOTS_MAX };

/* By which a load that grows gets more processors: one look and the time to ask, or two looks. */
enum { BOUND_MS = 100 };

static json_t *list_of(const struct bitmap *cpus)
{
	char text[LIST_BYTES];

	bitmap_format_list(cpus, text, sizeof(text));
	return json_string(text);
}

static const char *why(int error)
{
	switch (error) {
	case 0:
		return NULL;
	case -EUSERS:
		return "its user has chosen processors";
	case -EOPNOTSUPP:
		return "it belongs to no unit";
	case -E2BIG:
		return "the list of processors is too long";
	case -EPERM:
	case -EACCES:
		return "it may not be moved";
	case -ENOTCONN:
	case -ECONNRESET:
		return "the half of the power API that writes, or systemd, cannot be asked";
	default:
		return strerror(-error);
	}
}

static json_t *place_of(const struct spot *spot)
{
	static const char *const roles[] = {
		[SCHED_GRID0] = "level-0",
		[SCHED_GRID1] = "level-1",
		[SCHED_WATT] = "watt",
	};

	return json_pack("{s:s, s:s, s:s?, s:i, s:s?}", "name", spot->at.name, "role",
			 spot->role == SCHED_NONE ? "" : roles[spot->role], "processors",
			 spot->held && *spot->given && strcmp(spot->given, "?") != 0 ? spot->given
										     : NULL,
			 "processes", (int)spot->use_count, "problem", why(spot->error));
}

static json_t *places(struct sched *s)
{
	json_t *list = json_array();
	struct spot *spot;

	for (list_each(spot, &s->spots, link))
		json_array_append_new(list, place_of(spot));
	return list;
}

static int count_left(const struct sched *s)
{
	int count = 0;

	for (size_t i = 0; i < s->proc_count; i++)
		count += s->procs[i].error != 0;
	return count;
}

static json_t *watt_of(const struct sched *s, const struct bitmap *hot)
{
	const char *bound = s->pressure_fd < 0 ? "timer" : "pressure";
	bool on = s->watt_on;

	return json_pack("{s:b, s:s?, s:o, s:i, s:i, s:f, s:I, s:i, s:i, s:s?, s:s?, s:I, s:i, "
			 "s:i, s:I}",
			 "on", on, "backend", s->actuator ? s->actuator->name : NULL, "active",
			 on ? list_of(hot) : json_null(), "active_count",
			 on ? (int)s->watt.span : (int)s->topology.count, "processor_count",
			 (int)s->topology.count, "threshold", s->attrs.threshold_percent / 100.0,
			 "interval_ns", (json_int_t)s->attrs.interval_ns, "domain_mask",
			 (int)s->attrs.mask, "first_processor", (int)s->first_cpu, "reason",
			 on ? watt_reason_text(s->watt.reason) : NULL, "bound", on ? bound : NULL,
			 "bound_ns", (json_int_t)(BOUND_MS * NS_PER_MS), "process_count",
			 (int)s->proc_count, "left_alone", count_left(s), "changes",
			 (json_int_t)s->watt.change_count);
}

static json_t *grid_of(const struct sched *s, const struct bitmap *hot, const struct bitmap *rest)
{
	bool on = s->grid_on, governors = s->governors_on;

	return json_pack("{s:b, s:o, s:o, s:s?, s:s?}", "on", on, "hot",
			 on ? list_of(hot) : json_null(), "rest", on ? list_of(rest) : json_null(),
			 "governor_0", governors && *s->governors[0] ? s->governors[0] : NULL,
			 "governor_1", governors && *s->governors[1] ? s->governors[1] : NULL);
}

void front_scheduling(struct rpc_call *call, const json_t *parameters, void *data)
{
	const struct front *f = data;
	struct sched *s = f->p->sched;
	struct cpulist hot, rest;

	bitmap_init(&hot.map, hot.words, CPULIST_MAX);
	bitmap_init(&rest.map, rest.words, CPULIST_MAX);
	if (s->topology.count)
		sched_zones(s, &hot.map, &rest.map);
	rpc_reply(call, json_pack("{s:o, s:o, s:o}", "watt", watt_of(s, &hot.map), "grid",
				  grid_of(s, &hot.map, &rest.map), "places", places(s)));
}
