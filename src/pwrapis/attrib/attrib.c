/*
 * Attribution of energy; see attrib.h.
 */
#include "pwrapis/attrib/attrib.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/def.h"
#include "pwrapis/attrib/interval.h"
#include "pwrapis/attrib/procs.h"

enum state { RESTING, LISTING, PROCESSES, READING };

struct attrib {
	struct groups *groups;
	struct procs *procs;
	struct consumers consumers;
	unsigned cpus;
	enum state state;
	uint64_t idle_uw; /* UINT64_MAX: not seen yet */
	bool looked; /* there was a look before */
	bool short_of_memory; /* the interval that is made lacks something */
	struct interval now;
	struct interval kept[ATTRIB_INTERVALS]; /* a ring */
	size_t first, count;
};

int attrib_new(int root_fd, unsigned cpus, struct attrib **ret_attrib)
{
	struct attrib *a = calloc(1, sizeof(*a));
	int r;

	if (!a)
		return -ENOMEM;
	a->cpus = cpus ? cpus : 1;
	a->idle_uw = UINT64_MAX;
	r = groups_new(root_fd, &a->groups);
	if (r == 0)
		r = procs_new(root_fd, a->groups, &a->consumers, &a->procs);
	if (r < 0)
		attrib_free(a);
	else
		*ret_attrib = a;
	return r;
}

void attrib_free(struct attrib *a)
{
	if (!a)
		return;
	interval_clear(&a->now, &a->consumers);
	for (size_t i = 0; i < ATTRIB_INTERVALS; i++)
		interval_clear(&a->kept[i], &a->consumers);
	procs_free(a->procs);
	groups_free(a->groups);
	free(a);
}

/* ---- a look ---- */

static void on_ran(void *data, struct consumer *c, uint64_t ns)
{
	struct attrib *a = data;

	if (interval_add(&a->now, c, ns) < 0)
		a->short_of_memory = true;
}

int attrib_begin(struct attrib *a)
{
	int r = procs_begin(a->procs);

	if (r < 0)
		return r;
	a->short_of_memory = false;
	groups_begin(a->groups);
	a->state = LISTING;
	return 0;
}

enum attrib_step attrib_step(struct attrib *a)
{
	if (a->state == LISTING) {
		if (!groups_list(a->groups))
			a->state = PROCESSES;
		return ATTRIB_MORE;
	}
	if (a->state == PROCESSES) {
		if (procs_step(a->procs, on_ran, a))
			return ATTRIB_MORE;
		a->state = READING;
		return ATTRIB_ENDS;
	}
	if (a->state == READING && groups_read(a->groups))
		return ATTRIB_MORE;
	a->state = RESTING;
	return ATTRIB_DONE;
}

void attrib_ended(struct attrib *a, const struct probe_end *end)
{
	procs_ended(a->procs, end, on_ran, a);
}

static void keep(struct attrib *a)
{
	size_t at = (a->first + a->count) % ATTRIB_INTERVALS;

	if (a->count == ATTRIB_INTERVALS)
		a->first = (a->first + 1) % ATTRIB_INTERVALS;
	else
		a->count++;
	interval_clear(&a->kept[at], &a->consumers);
	a->kept[at] = a->now;
	a->now = (struct interval){};
}

int attrib_close(struct attrib *a, const struct attrib_measure *measure)
{
	bool first = !a->looked;
	int r = a->short_of_memory ? -ENOMEM : 0;

	a->looked = true;
	a->now.measure = *measure;
	if (r == 0 && !first)
		r = interval_settle(&a->now, a->groups, &a->consumers);
	if (r == 0 && !first)
		r = interval_divide(&a->now, &a->consumers, a->cpus, &a->idle_uw);
	if (r < 0 || first)
		interval_clear(&a->now, &a->consumers);
	else
		keep(a);
	return r;
}

size_t attrib_count(const struct attrib *a)
{
	return a->count;
}

/* ---- answers ---- */

static const struct interval *interval_at(const struct attrib *a, size_t at)
{
	return &a->kept[(a->first + at) % ATTRIB_INTERVALS];
}

/* The oldest interval that begins within the window; the youngest one in any case. */
static size_t oldest_in(const struct attrib *a, uint64_t window_ns)
{
	uint64_t to_ns = interval_at(a, a->count - 1)->measure.end_ns;
	size_t at = a->count - 1;

	while (at > 0 && to_ns - interval_at(a, at - 1)->measure.begin_ns <= window_ns)
		at--;
	return at;
}

static void add_interval(const struct interval *i, struct attrib_answer *answer)
{
	for (size_t k = 0; k < i->count; k++) {
		i->rows[k].consumer->sum_ns += i->rows[k].ns;
		i->rows[k].consumer->sum_uj += i->rows[k].uj;
		answer->ns += i->rows[k].ns;
	}
	if (!i->measure.metered)
		return;
	answer->uj += i->measure.energy_uj;
	answer->metered_ns += i->measure.end_ns - i->measure.begin_ns;
}

/* By processes each consumer is for itself; threads of the kernel and idling are always. */
static bool is_together(const struct consumer *a, const struct consumer *b, enum attrib_by by)
{
	const char *x = "", *y = "";
	size_t m, n;

	if (by == ATTRIB_BY_PROCESS || a->kind >= CONSUMER_KERNEL || b->kind >= CONSUMER_KERNEL)
		return a == b;
	if (a->group == b->group || by == ATTRIB_BY_CGROUP)
		return a->group == b->group;
	m = groups_unit(a->group->path, &x);
	n = groups_unit(b->group->path, &y);
	return m && m == n && memcmp(x, y, m) == 0;
}

static void add_row(struct attrib_answer *answer, const struct consumer *c, enum attrib_by by)
{
	size_t at = by == ATTRIB_BY_PROCESS ? answer->count : 0;

	while (at < answer->count && !is_together(answer->rows[at].consumer, c, by))
		at++;
	if (at == answer->count)
		answer->rows[answer->count++] = (struct attrib_row){.consumer = c};
	answer->rows[at].ns += c->sum_ns;
	answer->rows[at].uj += c->sum_uj;
}

static int compare_rows(const void *a, const void *b)
{
	const struct attrib_row *x = a, *y = b;

	if (x->uj != y->uj)
		return x->uj < y->uj ? 1 : -1;
	if (x->ns != y->ns)
		return x->ns < y->ns ? 1 : -1;
	if (x->consumer->pid != y->consumer->pid)
		return x->consumer->pid < y->consumer->pid ? -1 : 1;
	return strcmp(x->consumer->name, y->consumer->name);
}

int attrib_answer(struct attrib *a, uint64_t window_ns, enum attrib_by by,
		  struct attrib_answer *ret_answer)
{
	struct attrib_answer answer = {};
	size_t from;

	if (!a->count)
		return -ENODATA;
	answer.rows = calloc(a->consumers.count + 1, sizeof(*answer.rows));
	if (!answer.rows)
		return -ENOMEM;
	from = oldest_in(a, window_ns);
	answer.from_ns = interval_at(a, from)->measure.begin_ns;
	answer.to_ns = interval_at(a, a->count - 1)->measure.end_ns;
	for (struct consumer *c = a->consumers.first; c; c = c->next)
		c->sum_ns = c->sum_uj = 0;
	for (size_t i = from; i < a->count; i++)
		add_interval(interval_at(a, i), &answer);
	for (const struct consumer *c = a->consumers.first; c; c = c->next)
		if (c->sum_ns || c->sum_uj)
			add_row(&answer, c, by);
	qsort(answer.rows, answer.count, sizeof(*answer.rows), compare_rows);
	*ret_answer = answer;
	return 0;
}
