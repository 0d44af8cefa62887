/*
 * Health of the power API. That a machine has no meter is no illness, and is said.
 */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/def.h"
#include "pwrapis/front.h"
#include "rpc/json.h"

struct sign {
	const char *condition;
	char detail[120];
	const char *evidence;
};

static void look_at_writer(struct pwrapis *p, struct sign *s)
{
	int r = link_open(&p->writer);

	s->condition = r == 0 ? "good" : "bad";
	s->evidence = "a connection to " WRITER_SOCKET_PATH;
	snprintf(s->detail, sizeof(s->detail), "%s",
		 r == 0 ? "leonhard-pwrapis-writer is there"
			: "leonhard-pwrapis-writer cannot be asked: nothing can be set");
}

static void look_at_meter(struct pwrapis *p, struct sign *s)
{
	double board = p->power.watts[POWER_PART_BOARD], packages = p->power.watts[POWER_PART_CPU];

	s->condition = isnan(board) ? "unknown" : "good";
	s->evidence = "sensors of hwmon, zones of powercap, once a second";
	if (!isnan(board))
		snprintf(s->detail, sizeof(s->detail), "the machine uses %.0f W", board);
	else if (!isnan(packages))
		snprintf(s->detail, sizeof(s->detail),
			 "no meter of the whole machine; the processors use %.0f W", packages);
	else
		snprintf(s->detail, sizeof(s->detail), "no meter: power is not known here");
}

static void look_at_settings(struct pwrapis *p, struct sign *s)
{
	s->condition = p->end_error < 0 ? "bad" : "good";
	s->evidence = "what leonhard-pwrapis-writer has answered";
	if (p->end_error < 0)
		snprintf(s->detail, sizeof(s->detail),
			 "not all could be put back, and is tried again: %s",
			 strerror(-p->end_error));
	else if (p->conflict_count)
		snprintf(s->detail, sizeof(s->detail),
			 "all was put back but %u, which somebody else had set meanwhile",
			 p->conflict_count);
	else
		snprintf(s->detail, sizeof(s->detail), "all that has ended was put back");
}

/* That there are no counters is no illness either; what a test has injected is said to be that. */
static void look_at_counters(struct pwrapis *p, struct sign *s)
{
	struct counted all;
	int r = p->counting.held ? counting_all(&p->counting, &all) : -EAGAIN;
	const char *detail = "nobody has asked for counters of processors";

	if (r == 0)
		detail = counting_is_injected(&p->counting)
				 ? "counters are injected by a test: no hardware's"
				 : "processors count cycles and instructions";
	else if (r == -ENOTCONN)
		detail = "leonhard-pwrapis-probe is not there: no counters, no ends of processes";
	else if (p->counting.held)
		detail = "processors have no counters that may be used";
	s->condition = r == 0 ? "good" : "unknown";
	s->evidence = "what leonhard-pwrapis-probe has handed over";
	snprintf(s->detail, sizeof(s->detail), "%s", detail);
}

static const struct {
	const char *name;
	void (*look)(struct pwrapis *p, struct sign *s);
} signs[] = {
	{"writer", look_at_writer},
	{"meter", look_at_meter},
	{"counters", look_at_counters},
	{"settings", look_at_settings},
};

void front_health(struct rpc_call *call, const json_t *parameters, void *data)
{
	const struct front *f = data;
	json_t *list = json_array();
	bool healthy = true;

	for (size_t i = 0; i < ARRAY_SIZE(signs); i++) {
		struct sign s = {};

		signs[i].look(f->p, &s);
		healthy &= strcmp(s.condition, "bad") != 0;
		json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s}", "name", signs[i].name,
						      "condition", s.condition, "detail", s.detail,
						      "evidence", s.evidence));
	}
	rpc_reply(call, json_pack("{s:b, s:o}", "healthy", healthy, "signs", list));
}
