/*
 * Usage for clients; see usagedata.h.
 */
#include "pwrapis/usagedata.h"

#include <errno.h>
#include <stdlib.h>

#include "base/def.h"
#include "base/time.h"
#include "pwrapis/pwrapis.h"

/* A little less than the second between two looks: the timer may be late, and is never early. */
enum { WINDOW_MS = 900 };

static int make(const double *cpus, size_t count, double average, size_t before, void **ret_data,
		size_t *ret_len)
{
	size_t len = before + sizeof(PWR_CPU_Usage);
	char *data = calloc(1, len + count * sizeof(PWR_CPU_CoreUsage));
	PWR_CPU_Usage *usage;
	int known = 0;

	if (!data)
		return -ENOMEM;
	usage = (PWR_CPU_Usage *)(data + before);
	for (size_t i = 0; i < count; i++)
		if (cpus[i] >= 0)
			usage->coreUsage[known++] =
				(PWR_CPU_CoreUsage){.coreNo = i, .usage = cpus[i]};
	usage->avgUsage = average;
	usage->coreNum = known;
	*ret_data = data;
	*ret_len = len + known * sizeof(PWR_CPU_CoreUsage);
	return 0;
}

int usage_data(struct pwrapis *p, size_t before, void **ret_data, size_t *ret_len)
{
	static double cpus[USAGE_CPUS_MAX];
	uint64_t now_ns = time_now_ns(CLOCK_MONOTONIC);
	double average;
	size_t count;
	int r;

	if (!p->usage)
		return -EOPNOTSUPP;
	r = usage_read(p->usage, now_ns, WINDOW_MS * NS_PER_MS, cpus, ARRAY_SIZE(cpus), &average,
		       &count);
	/* In the first second. */
	if (r == -EAGAIN)
		r = usage_read_boot(p->usage, cpus, ARRAY_SIZE(cpus), &average, &count);
	return r < 0 ? r : make(cpus, count, average, before, ret_data, ret_len);
}
