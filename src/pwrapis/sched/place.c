/*
 * Spots: which processes they hold, and what they are given.
 *
 * What a spot had before us bounds what it is given: processors that somebody has taken from a unit
 * stay taken. What cannot be given (a user has chosen others, a list too long for the item) is not
 * given at all: the spot has what it had, and the status says why.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/def.h"
#include "base/fs.h"
#include "base/str.h"
#include "pwrapis/items.h"
#include "pwrapis/machine/cpulist.h"
#include "pwrapis/pwrapis.h"
#include "pwrapis/sched/actuator.h"

/* ---- asking ---- */

static void on_answer(void *data, int r, const struct writer_reply *reply)
{
	struct spot *spot = data;

	if (r == 0 || !reply)
		return;
	/* What was not given is asked for again with the next change; the first error is why others
	 * follow. -ENOENT: nothing was held. */
	if (r != -ENOENT && !spot->error)
		spot->error = r;
	snprintf(spot->given, sizeof(spot->given), "?");
}

int sched_ask(struct sched *s, struct spot *spot, unsigned verb, unsigned item, const char *name,
	      const struct power_value *value)
{
	struct writer_request request = {.verb = verb, .item = item};

	/* A place that is gone is known by its name to the other half. */
	machine_index(s->p->machine, power_item(item)->domain, name, &request.index);
	if (!s->lease)
		s->lease = ++s->p->lease_number;
	request.lease = s->lease;
	snprintf(request.name, sizeof(request.name), "%s", name);
	if (value)
		request.value = *value;
	return link_request(&s->p->writer, &request, on_answer, spot);
}

/* ---- zones ---- */

/* Without packing, the half that is first. */
static unsigned hot_count(const struct sched *s)
{
	return s->watt_on ? s->watt.span : (s->topology.count + 1) / 2;
}

void sched_zones(const struct sched *s, struct bitmap *hot, struct bitmap *rest)
{
	unsigned count = s->topology.count, hot_ones = hot_count(s);

	topology_set(&s->topology, 0, hot_ones, hot);
	topology_set(&s->topology, hot_ones < count ? hot_ones : count - 1, count, rest);
}

/* ---- spots ---- */

static struct spot *find_spot(struct list *spots, const char *name)
{
	struct spot *spot;

	for (list_each(spot, spots, link))
		if (str_equal(spot->at.name, name))
			return spot;
	return NULL;
}

static int get_spot(struct sched *s, const struct place *at, struct spot **ret_spot)
{
	struct spot *spot = find_spot(&s->spots, at->name);

	if (!spot) {
		if (s->spot_count == SCHED_SPOTS_MAX)
			return -ENOSPC;
		spot = calloc(1, sizeof(*spot));
		if (!spot)
			return -ENOMEM;
		*spot = (struct spot){.s = s,
				      .item = item_number(ITEM_CGROUP_CPUS),
				      .at = *at,
				      .role = SCHED_NONE};
		list_add_last(&s->spots, &spot->link);
		s->spot_count++;
	}
	*ret_spot = spot;
	return 0;
}

static void free_spot(struct sched *s, struct spot *spot)
{
	link_forget(&s->p->writer, spot);
	list_remove(&spot->link);
	free(spot);
}

/* What the unit is restricted to by itself; what is not told restricts nothing. */
static void look_at_own(struct sched *s, struct spot *spot)
{
	char path[SOURCE_PATH_BYTES + sizeof("/cpuset.cpus")];
	_cleanup_free_ char *cpus = NULL;

	if (spot->looked || spot->held)
		return;
	spot->looked = true;
	snprintf(path, sizeof(path), "%s/cpuset.cpus", spot->at.folder);
	if (*spot->at.folder && fs_read_line(s->p->daemon->root_fd, path, &cpus) == 0 &&
	    strlen(cpus) < sizeof(spot->own))
		strcpy(spot->own, cpus);
}

/* ---- processors of spots ---- */

static int bound_by_own(const struct spot *spot, struct bitmap *cpus)
{
	struct cpulist own;

	if (!*spot->own || cpulist_parse(spot->own, &own) < 0)
		return 0;
	for (size_t cpu = 0; (cpu = bitmap_find_set(cpus, cpu)) < cpus->bit_count; cpu++)
		if (!bitmap_test(&own.map, cpu))
			bitmap_clear(cpus, cpu);
	return bitmap_count(cpus) ? 0 : -EUSERS;
}

/* The list for a spot that is to have @cpus. */
static int list_for(struct sched *s, struct spot *spot, const struct bitmap *cpus,
		    char text[POWER_TEXT_BYTES])
{
	struct cpulist mine;
	int r;

	bitmap_init(&mine.map, mine.words, CPULIST_MAX);
	memcpy(mine.words, cpus->words, sizeof(mine.words));
	r = bound_by_own(spot, &mine.map);
	if (r == 0)
		r = s->actuator->allows(s, spot, &mine.map);
	if (r < 0)
		return r;
	return bitmap_format_list(&mine.map, text, POWER_TEXT_BYTES) < POWER_TEXT_BYTES ? 0
											: -E2BIG;
}

static void give(struct sched *s, struct spot *spot, const struct bitmap *cpus)
{
	char text[POWER_TEXT_BYTES] = "";
	int r = 0;

	look_at_own(s, spot);
	if (bitmap_count(cpus) < s->topology.count)
		r = list_for(s, spot, cpus, text);
	spot->error = r;
	if (r < 0)
		*text = '\0';
	if (str_equal(text, spot->given) || (!*text && !spot->held))
		return;
	snprintf(spot->given, sizeof(spot->given), "%s", text);
	spot->held = true;
	r = s->actuator->give(s, spot, *text ? text : NULL);
	if (r < 0)
		spot->error = r;
	if (!*text && !s->actuator->move)
		spot->held = false;
}

/* ---- governors ---- */

static bool is_in(const struct bitmap *zone, char *const *cpus)
{
	for (; *cpus; cpus++)
		if (!bitmap_test(zone, strtoul(*cpus, NULL, 10)))
			return false;
	return true;
}

/* The governor of the zone in which all its processors are, or NULL. */
static const char *governor_for(const struct sched *s, unsigned policy, const struct bitmap *hot,
				const struct bitmap *rest)
{
	_cleanup_(str_vector_free_p) char **cpus = NULL;

	if (!s->grid_on || !s->governors_on ||
	    machine_words(s->p->machine, item_number(ITEM_PROCESSORS), policy, &cpus) < 0 || !*cpus)
		return NULL;
	if (is_in(rest, cpus))
		return s->governors[1];
	return is_in(hot, cpus) ? s->governors[0] : NULL;
}

static struct spot *get_policy(struct sched *s, const char *name)
{
	struct spot *spot = find_spot(&s->policies, name);

	if (!spot)
		spot = calloc(1, sizeof(*spot));
	if (spot && !*spot->at.name) {
		*spot = (struct spot){.s = s, .item = item_number(ITEM_GOVERNOR)};
		snprintf(spot->at.name, sizeof(spot->at.name), "%s", name);
		list_add_last(&s->policies, &spot->link);
	}
	return spot;
}

static void govern(struct sched *s, const char *policy, const char *governor)
{
	struct spot *spot = find_spot(&s->policies, policy);
	struct power_value value = {};

	if (!governor || !*governor) {
		if (spot && spot->held)
			sched_ask(s, spot, WRITER_DROP, spot->item, policy, NULL);
		if (spot)
			free_spot(s, spot);
		return;
	}
	spot = get_policy(s, policy);
	if (!spot || str_equal(spot->given, governor))
		return;
	snprintf(spot->given, sizeof(spot->given), "%s", governor);
	snprintf(value.text, sizeof(value.text), "%s", governor);
	spot->held = true;
	spot->error = sched_ask(s, spot, WRITER_SET, spot->item, policy, &value);
}

static void govern_all(struct sched *s, const struct bitmap *hot, const struct bitmap *rest)
{
	for (unsigned i = 0; i < machine_count(s->p->machine, POWER_POLICY); i++)
		govern(s, machine_name(s->p->machine, POWER_POLICY, i),
		       governor_for(s, i, hot, rest));
}

/* ---- all ---- */

void sched_give(struct sched *s)
{
	struct cpulist hot, rest;
	struct spot *spot;

	bitmap_init(&hot.map, hot.words, CPULIST_MAX);
	bitmap_init(&rest.map, rest.words, CPULIST_MAX);
	sched_zones(s, &hot.map, &rest.map);
	for (list_each(spot, &s->spots, link))
		if (spot->use_count)
			give(s, spot, spot->role == SCHED_GRID1 ? &rest.map : &hot.map);
	govern_all(s, &hot.map, &rest.map);
}

static enum sched_role role_of(const struct sched *s, const struct sched_proc *proc)
{
	if (s->grid_on && proc->level >= 0)
		return proc->level == 0 ? SCHED_GRID0 : SCHED_GRID1;
	return s->watt_on && proc->watt ? SCHED_WATT : SCHED_NONE;
}

static int move(struct sched *s, struct sched_proc *proc, struct spot *to)
{
	if (!s->actuator->move || proc->spot == to)
		return 0;
	if (to)
		return s->actuator->move(s, to, proc->pid, proc->start, true);
	return s->actuator->move(s, proc->spot, proc->pid, proc->start, false);
}

static void place_one(struct sched *s, struct sched_proc *proc)
{
	enum sched_role role = role_of(s, proc);
	struct place at = {};
	struct spot *to = NULL;
	int r = 0;

	if (role != SCHED_NONE)
		r = s->actuator->find(s, proc->pid, role, &at);
	if (role != SCHED_NONE && r == 0)
		r = get_spot(s, &at, &to);
	if (r == 0)
		r = move(s, proc, to);
	proc->error = r;
	proc->spot = to;
	if (!to)
		return;
	to->use_count++;
	if (role < to->role)
		to->role = role;
}

static void put_back_unused(struct sched *s)
{
	struct list kept;
	struct spot *spot;

	list_init(&kept);
	while ((spot = list_first(&s->spots, struct spot, link))) {
		if (spot->use_count) {
			list_remove(&spot->link);
			list_add_last(&kept, &spot->link);
			continue;
		}
		if (spot->held)
			s->actuator->put_back(s, spot);
		free_spot(s, spot);
		s->spot_count--;
	}
	list_move_all(&s->spots, &kept);
}

void sched_place(struct sched *s)
{
	struct spot *spot;

	for (list_each(spot, &s->spots, link)) {
		spot->use_count = 0;
		spot->role = SCHED_NONE;
	}
	for (size_t i = 0; i < s->proc_count; i++)
		place_one(s, &s->procs[i]);
	sched_give(s);
	put_back_unused(s);
}

void sched_forget(struct sched *s)
{
	struct spot *spot;

	while ((spot = list_first(&s->spots, struct spot, link)))
		free_spot(s, spot);
	while ((spot = list_first(&s->policies, struct spot, link)))
		free_spot(s, spot);
	s->spot_count = 0;
	for (size_t i = 0; i < s->proc_count; i++)
		s->procs[i].spot = NULL;
}
