/*
 * Looks at the power service; see look.h.
 *
 * Names are asked for by their beginnings: the service leaves out what the machine does not have,
 * and an older service does not refuse what it does not know. They are asked for by several calls,
 * since one reply holds 4,096 readings: what is too much for one of them does not hide the rest.
 */
#include "exporter/look.h"

#include <errno.h>
#include <string.h>

#include "base/def.h"
#include "base/log.h"
#include "base/time.h"
#include "rpc/client.h"
#include "rpc/json.h"

#define SERVICE "io.leonhard.Power"

static const char *const calls[][8] = {
	/* The first says whether the service is up. */
	{"power.*", "hwmon.*", "powercap.*", "thermal.*", "ipmi.power*", "cpu.usage-mean*"},
	{"cpu.usage"},
	{"cpufreq.frequency*"},
	{"cpufreq.min*", "cpufreq.max*"},
	{"cpufreq.hardware*"},
};

void look_init(struct look *l, uv_loop_t *loop, const char *root, look_fn fn, void *data)
{
	*l = (struct look){.loop = loop, .root = root, .fn = fn, .data = data};
	uv_timer_init(loop, &l->timer);
	l->timer.data = l;
}

bool look_is_under_way(const struct look *l)
{
	return l->under_way;
}

static void let_go(struct look *l)
{
	uv_timer_stop(&l->timer);
	rpc_client_close(take_ptr(l->client));
}

void look_close(struct look *l)
{
	let_go(l);
	json_decref(take_ptr(l->replies));
	uv_close((uv_handle_t *)&l->timer, NULL);
}

/* Once for each time that it goes away. */
static void tell(struct look *l)
{
	if (l->up)
		l->told = false;
	if (l->up || l->told)
		return;
	l->told = true;
	if (l->problem == -EACCES)
		log_warning(
			"the power service does not let this user look: its class is not observe");
	else
		log_warning("the power service has not answered: %s", strerror(-l->problem));
}

static void end(struct look *l)
{
	_cleanup_json_ json_t *replies = take_ptr(l->replies);
	struct metrics_look told = {.up = l->up};

	let_go(l);
	l->under_way = false;
	l->errors += l->failed || !l->up;
	told.errors = l->errors;
	told.duration_s = (double)(time_now_ns(CLOCK_MONOTONIC) - l->begun_ns) / NS_PER_S;
	tell(l);
	l->fn(l->data, replies, &told);
}

static void fail(struct look *l, int r)
{
	l->failed = true;
	l->problem = r;
	end(l);
}

static void on_timeout(uv_timer_t *timer)
{
	fail(timer->data, -ETIMEDOUT);
}

static void on_not_begun(uv_timer_t *timer)
{
	struct look *l = timer->data;

	fail(l, l->problem);
}

/* An error of one call is none of the others, but for the first. */
static void take(struct look *l, const struct rpc_answer *answer)
{
	json_t *readings = json_object_get(answer->parameters, "readings");
	bool good = !answer->error && json_is_array(readings);

	if (good && json_array_append(l->replies, readings) < 0)
		good = false;
	l->failed |= !good;
	if (l->answered == 0) {
		l->up = good;
		l->problem = answer->error && strstr(answer->error, "PermissionDenied") ? -EACCES
											: -EPROTO;
	}
	l->answered++;
}

static void on_answer(struct rpc_client *c, int r, const struct rpc_answer *answer, void *data)
{
	struct look *l = data;

	if (!answer) {
		fail(l, r);
		return;
	}
	take(l, answer);
	if (!l->up || l->answered == ARRAY_SIZE(calls))
		end(l);
}

static int ask(struct look *l, const char *const names[])
{
	_cleanup_json_ json_t *parameters = json_pack("{s:[]}", "items");
	json_t *items = json_object_get(parameters, "items");

	for (size_t i = 0; i < ARRAY_SIZE(calls[0]) && names[i]; i++)
		if (json_array_append_new(items, json_string(names[i])) < 0)
			return -ENOMEM;
	return rpc_client_call(l->client, SERVICE ".Read", parameters, false, on_answer, l);
}

static int begin(struct look *l)
{
	int r;

	l->replies = json_array();
	if (!l->replies)
		return -ENOMEM;
	r = rpc_client_new(l->loop, l->root, SERVICE, &l->client);
	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(calls); i++)
		r = ask(l, calls[i]);
	return r;
}

void look_begin(struct look *l, uint64_t timeout_ms)
{
	int r;

	l->under_way = true;
	l->answered = 0;
	l->up = l->failed = false;
	l->begun_ns = time_now_ns(CLOCK_MONOTONIC);
	r = begin(l);
	if (r == 0) {
		uv_timer_start(&l->timer, on_timeout, timeout_ms, 0);
		return;
	}
	l->problem = r;
	rpc_client_close(take_ptr(l->client));
	uv_timer_start(&l->timer, on_not_begun, 0, 0);
}
