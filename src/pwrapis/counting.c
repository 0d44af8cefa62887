/*
 * Counters of processors; see counting.h.
 */
#include "pwrapis/counting.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/def.h"
#include "base/time.h"

struct counting_cpu {
	bool known; /* before is that of the last look */
	struct probe_counts before;
	int r; /* of counted */
	struct counted counted;
};

/* ---- one processor ---- */

static unsigned kind_count(const struct probed_counters *from)
{
	return __builtin_popcount(from->kinds);
}

/* What was injected is a file that a test writes: from its beginning. */
static int read_counts(const struct probed_counters *from, struct probe_counts *ret_counts)
{
	struct probe_counts counts = {};
	size_t expected = offsetof(struct probe_counts, numbers) +
			  kind_count(from) * sizeof(counts.numbers[0]);
	ssize_t n;

	if (from->flags & PROBE_INJECTED)
		n = pread(from->fds[0], &counts, sizeof(counts), 0);
	else
		n = read(from->fds[0], &counts, sizeof(counts));
	if (n < 0)
		return -errno;
	/* A processor that is off line: nothing is read any more. */
	if (n == 0)
		return -ENODEV;
	if (n != (ssize_t)expected || counts.count != kind_count(from))
		return -EBADMSG;
	*ret_counts = counts;
	return 0;
}

/* -ENODATA when the hardware had no room for the counters in this second, or they went back. */
static int subtract(const struct probed_counters *from, const struct probe_counts *before,
		    const struct probe_counts *now, struct counted *ret_counted)
{
	struct counted c = {};
	double enabled = now->enabled_ns - before->enabled_ns, share;
	unsigned at = 0;

	if (now->running_ns <= before->running_ns || now->enabled_ns <= before->enabled_ns)
		return -ENODATA;
	share = enabled / (now->running_ns - before->running_ns);
	for (unsigned kind = 0; kind < PROBE_COUNTER_KINDS; kind++) {
		if (!(from->kinds & 1U << kind))
			continue;
		if (now->numbers[at] < before->numbers[at])
			return -ENODATA;
		c.known[kind] = true;
		c.numbers[kind] = (now->numbers[at] - before->numbers[at]) * share;
		at++;
	}
	c.seconds = enabled / NS_PER_S;
	*ret_counted = c;
	return 0;
}

static void look(const struct probed_counters *from, struct counting_cpu *cpu)
{
	struct probe_counts now;
	int r = read_counts(from, &now);

	if (r < 0) {
		cpu->known = false;
		cpu->r = r;
		return;
	}
	cpu->r = cpu->known ? subtract(from, &cpu->before, &now, &cpu->counted) : -EAGAIN;
	cpu->before = now;
	cpu->known = true;
}

/* ---- all of them ---- */

static void forget(void *data)
{
	struct counting *c = data;

	c->seen = 0;
	if (c->cpus)
		memset(c->cpus, 0, PROBE_CPUS_MAX * sizeof(*c->cpus));
}

void counting_init(struct counting *c, struct probed *probed)
{
	*c = (struct counting){.probed = probed};
	probed_listen(probed, forget, c);
}

static void let_go(struct counting *c)
{
	if (!c->held)
		return;
	c->held = false;
	free(take_ptr(c->cpus));
	probed_release(c->probed);
}

void counting_close(struct counting *c)
{
	let_go(c);
}

void counting_want(struct counting *c)
{
	c->wanted_ms = uv_now(c->probed->loop);
	if (c->held)
		return;
	c->cpus = calloc(PROBE_CPUS_MAX, sizeof(*c->cpus));
	if (!c->cpus)
		return;
	c->held = true;
	c->seen = 0;
	probed_hold(c->probed);
}

void counting_beat(struct counting *c)
{
	if (!c->held)
		return;
	if (uv_now(c->probed->loop) - c->wanted_ms > COUNTING_KEEP_MS) {
		let_go(c);
		return;
	}
	if (!c->probed->set.complete)
		return;
	c->seen++;
	for (unsigned cpu = 0; cpu < PROBE_CPUS_MAX; cpu++) {
		const struct probed_counters *from = probed_counters(c->probed, cpu);

		if (!from)
			break;
		if (from->error == 0)
			look(from, &c->cpus[cpu]);
	}
}

/* ---- what is told ---- */

/* Why there are no counters at all: a kernel or a machine without them, or a right that we lack. */
static int in_general(const struct counting *c)
{
	if (!c->held)
		return -ENOMEM;
	if (c->probed->fd < 0)
		return -ENOTCONN;
	return c->probed->set.complete ? 0 : -EAGAIN;
}

int counting_cpu(const struct counting *c, unsigned cpu, struct counted *ret_counted)
{
	const struct probed_counters *from = probed_counters(c->probed, cpu);
	int r = in_general(c);

	if (r < 0)
		return r;
	if (!from)
		return -ENODATA;
	if (from->error)
		return from->error == -ENODEV ? -ENODATA : -EOPNOTSUPP;
	if (!c->seen)
		return -EAGAIN;
	if (c->cpus[cpu].r == 0)
		*ret_counted = c->cpus[cpu].counted;
	return c->cpus[cpu].r;
}

static void add(struct counted *all, const struct counted *one)
{
	for (int kind = 0; kind < PROBE_COUNTER_KINDS; kind++) {
		all->known[kind] &= one->known[kind];
		all->numbers[kind] += one->numbers[kind];
	}
	if (one->seconds > all->seconds)
		all->seconds = one->seconds;
}

int counting_all(const struct counting *c, struct counted *ret_counted)
{
	struct counted all = {.known = {true, true, true, true}};
	int r = in_general(c), result = -EOPNOTSUPP;

	if (r < 0)
		return r;
	for (unsigned cpu = 0; cpu < c->probed->set.cpu_count; cpu++) {
		struct counted one;

		r = counting_cpu(c, cpu, &one);
		/* Off line. */
		if (r == -ENODATA || r == -ENODEV)
			continue;
		if (r < 0)
			return r;
		add(&all, &one);
		result = 0;
	}
	if (result == 0)
		*ret_counted = all;
	return result;
}

int counting_ipc(const struct counted *counted, double *ret_ipc)
{
	if (!counted->known[PROBE_CYCLES] || !counted->known[PROBE_INSTRUCTIONS])
		return -EOPNOTSUPP;
	if (counted->numbers[PROBE_CYCLES] <= 0)
		return -ENODATA;
	*ret_ipc = counted->numbers[PROBE_INSTRUCTIONS] / counted->numbers[PROBE_CYCLES];
	return 0;
}

int counting_miss_ratio(const struct counted *counted, double *ret_ratio)
{
	if (!counted->known[PROBE_LLC_MISSES] || !counted->known[PROBE_LLC_REFERENCES])
		return -EOPNOTSUPP;
	if (counted->numbers[PROBE_LLC_REFERENCES] <= 0)
		return -ENODATA;
	*ret_ratio = counted->numbers[PROBE_LLC_MISSES] / counted->numbers[PROBE_LLC_REFERENCES];
	return 0;
}

int counting_misses(const struct counted *counted, double *ret_misses)
{
	if (!counted->known[PROBE_LLC_MISSES])
		return -EOPNOTSUPP;
	*ret_misses = counted->numbers[PROBE_LLC_MISSES] / counted->seconds;
	return 0;
}

bool counting_is_injected(const struct counting *c)
{
	for (unsigned cpu = 0; cpu < c->probed->set.cpu_count; cpu++)
		if (c->probed->set.cpus[cpu].flags & PROBE_INJECTED)
			return true;
	return false;
}
