/*
 * What processors do; see load.h.
 */
#include "pwrapis/sched/load.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/def.h"
#include "base/fs.h"
#include "base/parse.h"
#include "base/str.h"

/* Lines of interrupts are long, and behind the processors. */
enum { STAT_BYTES = 4 << 20, TIMES = 8, TIME_IDLE = 3, TIME_IOWAIT = 4 };

/* "cpuN user nice system idle iowait irq softirq steal": what is behind it is in user and nice. */
static void add_cpu(const char *line, const struct bitmap *cpus, struct load *l)
{
	uint64_t number, times[TIMES] = {};

	if (parse_digits(&line, &number) < 0 || number >= cpus->bit_count ||
	    !bitmap_test(cpus, number))
		return;
	for (int i = 0; i < TIMES && *line == ' '; i++) {
		line += strspn(line, " ");
		if (parse_digits(&line, &times[i]) < 0)
			return;
	}
	for (int i = 0; i < TIMES; i++) {
		l->total += times[i];
		l->busy += i == TIME_IDLE || i == TIME_IOWAIT ? 0 : times[i];
	}
}

int load_parse(const char *text, const struct bitmap *cpus, struct load *ret_load)
{
	static const char running[] = "procs_running ";
	struct load l = {};
	bool known = false;

	for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n') {
		uint64_t count;

		if (str_starts(line, "cpu")) {
			add_cpu(line + 3, cpus, &l);
		} else if (str_starts(line, running)) {
			const char *number = line + strlen(running);

			known = parse_digits(&number, &count) == 0 && count <= INT32_MAX;
			l.runnable = known ? count : 0;
		}
	}
	if (!known)
		return -EBADMSG;
	*ret_load = l;
	return 0;
}

int load_read(int root_fd, const struct bitmap *cpus, struct load *ret_load)
{
	_cleanup_free_ char *text = NULL;
	size_t len;
	int r = fs_read(root_fd, "/proc/stat", STAT_BYTES, &text, &len);

	if (r == 0)
		r = load_parse(text, cpus, ret_load);
	if (r == 0 && ret_load->runnable)
		ret_load->runnable--;
	return r;
}

double load_usage(const struct load *before, const struct load *after)
{
	uint64_t busy = after->busy - before->busy, total = after->total - before->total;

	if (after->total <= before->total || after->busy < before->busy || busy > total)
		return -1;
	return (double)busy / (double)total;
}
