/*
 * Counters of a processor: cycles, instructions, references to the last cache and misses of it, of
 * everything that runs on it. They are one group, so that they count the same time; what the
 * hardware does not have is left out, but the first one.
 */
#include <errno.h>
#include <linux/perf_event.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "pwrapis/machine/cpulist.h"
#include "pwrapis/probe/probe.h"

#define ON_LINE_PATH "/sys/devices/system/cpu/online"

static const uint64_t events[PROBE_COUNTER_KINDS] = {
	[PROBE_CYCLES] = PERF_COUNT_HW_CPU_CYCLES,
	[PROBE_INSTRUCTIONS] = PERF_COUNT_HW_INSTRUCTIONS,
	[PROBE_LLC_REFERENCES] = PERF_COUNT_HW_CACHE_REFERENCES,
	[PROBE_LLC_MISSES] = PERF_COUNT_HW_CACHE_MISSES,
};

/* @group -1: the first of its group. */
static int open_counter(unsigned cpu, uint64_t event, int group, int *ret_fd)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_HARDWARE,
		.size = sizeof(attr),
		.config = event,
		.read_format = PERF_FORMAT_GROUP | PERF_FORMAT_TOTAL_TIME_ENABLED |
			       PERF_FORMAT_TOTAL_TIME_RUNNING,
	};
	long fd = syscall(SYS_perf_event_open, &attr, -1, (int)cpu, group, PERF_FLAG_FD_CLOEXEC);

	if (fd < 0)
		return -errno;
	*ret_fd = fd;
	return 0;
}

int counters_open(unsigned cpu, struct parcel *parcel)
{
	for (int kind = 0; kind < PROBE_COUNTER_KINDS; kind++) {
		int group = parcel->fd_count ? parcel->fds[0] : -1, fd = -1;
		int r = open_counter(cpu, events[kind], group, &fd);

		if (r < 0 && !parcel->fd_count)
			return r;
		if (r < 0)
			continue;
		parcel->fds[parcel->fd_count++] = fd;
		parcel->message.counters |= 1U << kind;
	}
	return 0;
}

int counters_processors(int root_fd, bool on_line[PROBE_CPUS_MAX])
{
	struct cpulist list;
	int r = cpulist_read(root_fd, ON_LINE_PATH, &list);

	for (unsigned cpu = 0; cpu < PROBE_CPUS_MAX; cpu++)
		on_line[cpu] = r == 0 && bitmap_test(&list.map, cpu);
	return r;
}
