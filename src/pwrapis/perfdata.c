/*
 * Instructions and misses for clients; see perfdata.h. The first who asks waits for the probe and
 * for two looks at the counters, which takes a second or two; all others are answered at once.
 */
#include "pwrapis/perfdata.h"

#include <errno.h>
#include <stdlib.h>

#include "base/def.h"
#include "pwrapis/measure.h"
#include "pwrapis/pwrapis.h"

enum { UNKNOWN = -1, LONGEST_S = 4 };

static int read_data(struct pwrapis *p, PWR_CPU_PerfData *ret_data)
{
	struct counted counted;
	double ipc = UNKNOWN, misses = UNKNOWN;
	int r, a, b;

	counting_want(&p->counting);
	r = counting_all(&p->counting, &counted);
	if (r < 0)
		return r;
	a = counting_ipc(&counted, &ipc);
	b = counting_miss_ratio(&counted, &misses);
	/* One of both is something. */
	if (a < 0 && b < 0)
		return a;
	*ret_data = (PWR_CPU_PerfData){.ipc = ipc, .llcMiss = misses};
	return 0;
}

int perf_data(struct pwrapis *p, size_t before, void **ret_data, size_t *ret_len)
{
	PWR_CPU_PerfData perf;
	int r = read_data(p, &perf);
	char *data;

	if (r < 0)
		return r;
	data = calloc(1, before + sizeof(perf));
	if (!data)
		return -ENOMEM;
	*(PWR_CPU_PerfData *)(void *)(data + before) = perf;
	*ret_data = data;
	*ret_len = before + sizeof(perf);
	return 0;
}

static const struct call_code codes[] = {
	{ENOTCONN, PWR_ERR_NOT_SUPPORTED},
	{EAGAIN, PWR_ERR_NOT_SUPPORTED},
	{ENODATA, PWR_ERR_NOT_SUPPORTED},
	{},
};

int perf_code(const struct call *c, int r)
{
	for (const struct call_code *k = codes; k->error; k++)
		if (k->error == -r)
			return k->code;
	return call_code(c, r);
}

/* ---- waiting ---- */

/* What a waiting call remembers is what it waits for. */
static int look(struct call *c, perf_fn fn, double seconds)
{
	PWR_CPU_PerfData perf;
	int r = read_data(c->session->p, &perf);

	if (r == -EAGAIN && seconds < LONGEST_S)
		return CALL_WAITS;
	return fn(c, r);
}

static int on_pause(struct call *c, const double *before, double seconds)
{
	return look(c, c->perf, seconds);
}

int perf_when_known(struct call *c, perf_fn fn)
{
	int code = look(c, fn, 0);

	if (code != CALL_WAITS)
		return code;
	c->perf = fn;
	return measure_begin(c, NULL, 0, on_pause);
}
