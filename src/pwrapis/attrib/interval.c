/*
 * One interval; see interval.h.
 *
 *	interval_add()		as it comes, of processes
 *	interval_settle()	with the groups
 *	interval_divide()	with the energy
 */
#include "pwrapis/attrib/interval.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/def.h"
#include "base/time.h"
#include "pwrapis/attrib/divide.h"

enum { ROOM_STEP = 64, IDLE_SHARE = 50 /* a fiftieth of what could run */ };

/* ---- rows ---- */

static int append(struct interval *i, struct consumer *c, uint64_t ns, uint64_t uj)
{
	if (i->count == i->room) {
		size_t room = i->room + ROOM_STEP + i->room / 2;
		struct interval_row *rows = reallocarray(i->rows, room, sizeof(*rows));

		if (!rows)
			return -ENOMEM;
		i->rows = rows;
		i->room = room;
	}
	i->rows[i->count++] =
		(struct interval_row){.consumer = consumer_ref(c), .ns = ns, .uj = uj};
	return 0;
}

/* A consumer's row is where it says, if that is in this interval. */
int interval_add(struct interval *i, struct consumer *c, uint64_t ns)
{
	int r;

	if (c->row < i->count && i->rows[c->row].consumer == c) {
		i->rows[c->row].ns += ns;
		return 0;
	}
	r = append(i, c, ns, 0);
	if (r == 0)
		c->row = i->count - 1;
	return r;
}

void interval_clear(struct interval *i, struct consumers *all)
{
	for (size_t k = 0; k < i->count; k++)
		consumer_unref(all, i->rows[k].consumer);
	free(i->rows);
	*i = (struct interval){};
}

static int add_named(struct interval *i, struct consumers *all, enum consumer_kind kind,
		     const char *name, struct group *group, uint64_t ns, uint64_t uj)
{
	struct consumer *c = consumer_get(all, kind, name, 0, group);
	int r = c ? append(i, c, ns, uj) : -ENOMEM;

	consumer_unref(all, c);
	return r;
}

/* ---- groups ---- */

static void sum_members(const struct interval *i, const struct groups *g)
{
	for (size_t k = 0; k < groups_count(g); k++) {
		struct group *group = groups_at(g, k);

		group->members_ns = group->below_ns = 0;
	}
	for (size_t k = 0; k < i->count; k++)
		i->rows[k].consumer->group->members_ns += i->rows[k].ns;
}

/* From the last to the first: children stand behind their parents. Of one that is not counted (the
 * root, one that is gone) its members are all that is known. */
static void sum_groups(const struct groups *g)
{
	for (size_t k = groups_count(g); k-- > 0;) {
		struct group *group = groups_at(g, k);
		uint64_t used = group->members_ns + group->below_ns;

		if (group->counted)
			used = group->used_ns > group->below_ns ? group->used_ns : group->below_ns;
		group->own_known = group->counted;
		group->own_ns = used - group->below_ns;
		if (group->parent)
			group->parent->below_ns += used;
	}
}

static int compare_groups(const void *a, const void *b)
{
	const struct interval_row *x = a, *y = b;

	if (x->consumer->group == y->consumer->group)
		return 0;
	return x->consumer->group < y->consumer->group ? -1 : 1;
}

/* Rows from @rows on, of one group that has used less than they say. */
static int cut(struct interval_row *rows, size_t count, uint64_t own_ns)
{
	_cleanup_free_ uint64_t *ns = calloc(count, sizeof(*ns));
	int r;

	if (!ns)
		return -ENOMEM;
	for (size_t k = 0; k < count; k++)
		ns[k] = rows[k].ns;
	r = divide(own_ns, ns, count, ns);
	for (size_t k = 0; r == 0 && k < count; k++)
		rows[k].ns = ns[k];
	return r;
}

static int cut_members(struct interval *i)
{
	size_t end;
	int r = 0;

	if (i->count)
		qsort(i->rows, i->count, sizeof(*i->rows), compare_groups);
	for (size_t k = 0; r == 0 && k < i->count; k = end) {
		const struct group *group = i->rows[k].consumer->group;

		for (end = k; end < i->count && i->rows[end].consumer->group == group;)
			end++;
		if (group->own_known && group->own_ns < group->members_ns)
			r = cut(&i->rows[k], end - k, group->own_ns);
	}
	return r;
}

int interval_settle(struct interval *i, const struct groups *g, struct consumers *all)
{
	int r;

	sum_members(i, g);
	sum_groups(g);
	r = cut_members(i);
	for (size_t k = 0; r == 0 && k < groups_count(g); k++) {
		struct group *group = groups_at(g, k);

		if (group->own_known && group->own_ns > group->members_ns)
			r = add_named(i, all, CONSUMER_REST, "rest", group,
				      group->own_ns - group->members_ns, 0);
	}
	return r;
}

/* ---- energy ---- */

static uint64_t sum_ns(const struct interval *i)
{
	uint64_t sum = 0;

	for (size_t k = 0; k < i->count; k++)
		sum += i->rows[k].ns;
	return sum;
}

/* How much of it is idling; learns first. */
static uint64_t idle_part(const struct interval *i, uint64_t busy_ns, unsigned cpus,
			  uint64_t *idle_uw)
{
	const struct attrib_measure *m = &i->measure;
	uint64_t span_ns = m->end_ns - m->begin_ns;
	unsigned __int128 part;
	uint64_t uw;

	if (m->end_ns <= m->begin_ns)
		return 0;
	uw = (unsigned __int128)m->energy_uj * NS_PER_S / span_ns;
	if (busy_ns < (unsigned __int128)span_ns * cpus / IDLE_SHARE && uw < *idle_uw)
		*idle_uw = uw;
	if (*idle_uw == UINT64_MAX)
		return 0;
	part = (unsigned __int128)*idle_uw * span_ns / NS_PER_S;
	return part < m->energy_uj ? part : m->energy_uj;
}

static int divide_dynamic(struct interval *i, uint64_t uj)
{
	_cleanup_free_ uint64_t *parts = calloc(i->count, sizeof(*parts));
	int r;

	if (!parts)
		return -ENOMEM;
	for (size_t k = 0; k < i->count; k++)
		parts[k] = i->rows[k].ns;
	r = divide(uj, parts, i->count, parts);
	for (size_t k = 0; r == 0 && k < i->count; k++)
		i->rows[k].uj = parts[k];
	return r;
}

int interval_divide(struct interval *i, struct consumers *all, unsigned cpus, uint64_t *idle_uw)
{
	uint64_t energy = i->measure.energy_uj, busy_ns = sum_ns(i), idle;
	int r = 0;

	if (!i->measure.metered)
		return 0;
	idle = idle_part(i, busy_ns, cpus, idle_uw);
	/* Nothing ran that anybody knows of. */
	if (!busy_ns)
		idle = energy;
	if (energy > idle)
		r = divide_dynamic(i, energy - idle);
	if (r == 0 && idle)
		r = add_named(i, all, CONSUMER_IDLE, "idle", NULL, 0, idle);
	return r;
}
