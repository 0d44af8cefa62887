/*
 * Processors by control groups; see actuator.h.
 *
 * v2: the spot is a unit, and all its processes with it. v1: the spot is a group of our own beside
 * the processes, which are moved into it.
 */
#include "pwrapis/sched/actuator.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/def.h"
#include "base/fs.h"
#include "base/str.h"
#include "pwrapis/items.h"
#include "pwrapis/pwrapis.h"
#include "pwrapis/sched/affinity.h"

/* ---- v2 ---- */

static int v2_find(struct sched *s, pid_t pid, enum sched_role role, struct place *ret_place)
{
	char path[PROCGROUP_PATH_BYTES];
	size_t len;
	int r = procgroup_read(s->p->daemon->root_fd, pid, NULL, path);

	if (r == 0)
		r = cgroup_unit_of(path, ret_place->name, &len);
	if (r == 0)
		snprintf(ret_place->folder, sizeof(ret_place->folder), CGROUP_V2_DIR "%.*s",
			 (int)len, path);
	return r == -ENOENT || r == -EBADMSG ? -EOPNOTSUPP : r;
}

static int v2_allows(struct sched *s, const struct spot *spot, const struct bitmap *cpus)
{
	return affinity_check_group(s->p->daemon->root_fd, spot->at.folder, cpus);
}

static int v2_give(struct sched *s, struct spot *spot, const char *cpus)
{
	struct power_value value = {};

	/* All: what the unit had, by itself. */
	if (!cpus)
		return sched_ask(s, spot, WRITER_DROP, spot->item, spot->at.name, NULL);
	snprintf(value.text, sizeof(value.text), "%s", cpus);
	return sched_ask(s, spot, WRITER_SET, spot->item, spot->at.name, &value);
}

static int v2_put_back(struct sched *s, struct spot *spot)
{
	return sched_ask(s, spot, WRITER_DROP, spot->item, spot->at.name, NULL);
}

const struct actuator actuator_cgroup_v2 = {
	.name = "cgroup-v2",
	.find = v2_find,
	.allows = v2_allows,
	.give = v2_give,
	.put_back = v2_put_back,
};

/* ---- v1 ---- */

static const enum cgroup_kind kinds[] = {
	[SCHED_GRID0] = CGROUP_GRID0,
	[SCHED_GRID1] = CGROUP_GRID1,
	[SCHED_WATT] = CGROUP_WATT,
};

static int v1_find(struct sched *s, pid_t pid, enum sched_role role, struct place *ret_place)
{
	char path[PROCGROUP_PATH_BYTES];
	int r = procgroup_read(s->p->daemon->root_fd, pid, "cpuset", path);

	if (r == 0)
		r = cgroup_own_of(path, kinds[role], ret_place->name);
	/* In ours already, it has what we gave. */
	if (r == 0 && !strstr(path, "/leonhard."))
		r = affinity_check_process(s->p->daemon->root_fd, pid);
	return r == -ENOENT || r == -EBADMSG ? -EOPNOTSUPP : r;
}

static int v1_allows(struct sched *s, const struct spot *spot, const struct bitmap *cpus)
{
	return 0;
}

/* The group is made with the first that is asked for it. */
static int v1_make(struct sched *s, struct spot *spot)
{
	const struct power_value one = {.number = 1};

	if (spot->held)
		return 0;
	return sched_ask(s, spot, WRITER_SET, item_number(ITEM_CGROUP_OWN), spot->at.name, &one);
}

static int v1_give(struct sched *s, struct spot *spot, const char *cpus)
{
	struct power_value value = {};
	int r = v1_make(s, spot);

	if (r < 0)
		return r;
	spot->held = true;
	snprintf(value.text, sizeof(value.text), "%s", cpus ? cpus : s->online);
	return sched_ask(s, spot, WRITER_SET, item_number(ITEM_CGROUP_OWN_CPUS), spot->at.name,
			 &value);
}

static int v1_move(struct sched *s, struct spot *spot, pid_t pid, uint64_t start, bool in)
{
	struct power_value value = {};
	int r = in ? v1_make(s, spot) : 0;

	if (r < 0)
		return r;
	spot->held = true;
	snprintf(value.text, sizeof(value.text), "%s %d %llu", in ? "in" : "out", pid,
		 (unsigned long long)start);
	return sched_ask(s, spot, WRITER_SET, item_number(ITEM_CGROUP_OWN_MEMBER), spot->at.name,
			 &value);
}

static int v1_put_back(struct sched *s, struct spot *spot)
{
	return sched_ask(s, spot, WRITER_DROP, item_number(ITEM_CGROUP_OWN), spot->at.name, NULL);
}

const struct actuator actuator_cgroup_v1 = {
	.name = "cgroup-v1",
	.find = v1_find,
	.allows = v1_allows,
	.give = v1_give,
	.move = v1_move,
	.put_back = v1_put_back,
};
