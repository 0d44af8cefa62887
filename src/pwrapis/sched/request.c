/*
 * What is asked of the controller; see sched.h.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/def.h"
#include "base/proc.h"
#include "base/str.h"
#include "base/time.h"
#include "pwrapis/items.h"
#include "pwrapis/pwrapis.h"
#include "pwrapis/sched/actuator.h"
#include "pwrapis/sched/control.h"

void sched_own(struct sched *s, struct session *session)
{
	s->owner = session;
}

/* The other half is there, and what is to be packed can be. */
static int ready(struct sched *s)
{
	int r = link_open(&s->p->writer);

	return r < 0 ? r : control_look(s);
}

int sched_set_watt(struct sched *s, bool on)
{
	int r = on ? ready(s) : 0;

	if (r < 0 || on == s->watt_on)
		return r;
	s->watt_on = on;
	if (on)
		control_start(s);
	sched_place(s);
	control_arm(s);
	control_hold_probe(s);
	return 0;
}

int sched_set_first_domain(struct sched *s, int cpu)
{
	struct topology t = {};
	bool online = false;
	int r;

	if (s->watt_on)
		return -EBUSY;
	r = topology_read(s->p->daemon->root_fd, &t);
	if (r < 0)
		return r;
	for (unsigned i = 0; i < t.count; i++)
		online |= cpu >= 0 && t.cpus[i].cpu == (unsigned)cpu;
	topology_deinit(&t);
	if (!online)
		return -EINVAL;
	s->first_cpu = cpu;
	topology_order(&s->topology, s->first_cpu);
	return 0;
}

int sched_set_attrs(struct sched *s, const PWR_PROC_WattAttrs *attrs)
{
	unsigned known = (1 << TOPOLOGY_LEVELS) - 1, mask = attrs->domainMask & known;

	if (attrs->scaleThreshold < 0 || attrs->scaleThreshold > 100 || attrs->scaleInterval < 0 ||
	    attrs->scaleInterval > PWR_MAX_WATT_SCALE_INTERVAL || attrs->domainMask < 0 ||
	    (attrs->domainMask && !mask))
		return -EINVAL;
	if (attrs->scaleThreshold)
		s->attrs.threshold_percent = attrs->scaleThreshold;
	if (attrs->scaleInterval)
		s->attrs.interval_ns = attrs->scaleInterval * NS_PER_MS;
	if (mask)
		s->attrs.mask = mask;
	s->watt.attrs = s->attrs;
	return 0;
}

/* ---- processes ---- */

static int by_pid(const void *a, const void *b)
{
	const struct sched_proc *x = a, *y = b;

	return (x->pid > y->pid) - (x->pid < y->pid);
}

static struct sched_proc *find(struct sched *s, pid_t pid)
{
	const struct sched_proc key = {.pid = pid};

	return s->proc_count ? bsearch(&key, s->procs, s->proc_count, sizeof(key), by_pid) : NULL;
}

static int make_room(struct sched *s, size_t count)
{
	size_t room = s->proc_count + count;
	struct sched_proc *grown;

	if (room <= s->proc_room)
		return 0;
	grown = reallocarray(s->procs, room, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	s->procs = grown;
	s->proc_room = room;
	return 0;
}

/* Of processes that are known: whether each is the one that it was; others start anew. */
static int read_procs(struct sched *s, const pid_t *pids, size_t count, struct sched_proc *ret)
{
	for (size_t i = 0; i < count; i++) {
		struct proc proc;
		struct place at;
		int r = pids[i] > 0 ? proc_read(s->p->daemon->root_fd, pids[i], &proc) : -ESRCH;

		if (r == 0)
			r = s->actuator->find(s, pids[i], SCHED_WATT, &at);
		/* Its user may choose otherwise later: it is told, and left alone until then. */
		if (r < 0 && r != -EUSERS)
			return r;
		ret[i] =
			(struct sched_proc){.pid = pids[i], .start = proc.start_ticks, .level = -1};
	}
	return 0;
}

/* Each once, in their order; those that are known are as they are. */
static size_t merge(struct sched *s, const struct sched_proc *fresh, size_t count)
{
	size_t before = s->proc_count, added = 0;

	for (size_t i = 0; i < count; i++) {
		const struct sched_proc key = {.pid = fresh[i].pid};
		struct sched_proc *known =
			before ? bsearch(&key, s->procs, before, sizeof(key), by_pid) : NULL;

		if (known && known->start != fresh[i].start)
			*known = fresh[i];
		else if (!known && (!i || fresh[i].pid != fresh[i - 1].pid))
			s->procs[before + added++] = fresh[i];
	}
	s->proc_count += added;
	qsort(s->procs, s->proc_count, sizeof(*s->procs), by_pid);
	return added;
}

static int know(struct sched *s, const pid_t *pids, size_t count)
{
	_cleanup_free_ struct sched_proc *fresh = calloc(count, sizeof(*fresh));
	int r = fresh ? read_procs(s, pids, count, fresh) : -ENOMEM;
	size_t more = 0;

	if (r < 0)
		return r;
	qsort(fresh, count, sizeof(*fresh), by_pid);
	for (size_t i = 0; i < count; i++)
		more += !find(s, fresh[i].pid) && (!i || fresh[i].pid != fresh[i - 1].pid);
	if (s->proc_count + more > SCHED_PROCS_MAX)
		return -ENOSPC;
	r = make_room(s, more);
	if (r == 0)
		merge(s, fresh, count);
	return r;
}

/* Those of neither list are not known any more, once they are where they were. */
static void unknow(struct sched *s)
{
	size_t kept = 0;

	sched_place(s);
	for (size_t i = 0; i < s->proc_count; i++)
		if (s->procs[i].watt || s->procs[i].level >= 0)
			s->procs[kept++] = s->procs[i];
	s->proc_count = kept;
}

int sched_set_watt_procs(struct sched *s, const pid_t *pids, size_t count, bool on)
{
	int r = on ? know(s, pids, count) : 0;

	if (r < 0)
		return r;
	for (size_t i = 0; i < count; i++) {
		struct sched_proc *proc = find(s, pids[i]);

		if (proc)
			proc->watt = on;
	}
	unknow(s);
	control_arm(s);
	return 0;
}

/* ---- the smart grid ---- */

int sched_set_grid(struct sched *s, bool on)
{
	int r = on ? ready(s) : 0;

	if (r < 0)
		return r;
	s->grid_on = on;
	sched_place(s);
	return 0;
}

int sched_set_level(struct sched *s, const pid_t *pids, size_t count, int level)
{
	int r = level == 0 || level == 1 ? know(s, pids, count) : -EINVAL;

	if (r < 0)
		return r;
	for (size_t i = 0; i < count; i++)
		find(s, pids[i])->level = level;
	sched_place(s);
	return 0;
}

static bool is_governor(struct sched *s, const char *name)
{
	for (unsigned i = 0; i < machine_count(s->p->machine, POWER_POLICY); i++) {
		_cleanup_(str_vector_free_p) char **words = NULL;

		if (machine_words(s->p->machine, item_number(ITEM_GOVERNORS), i, &words) == 0 &&
		    str_vector_contains(words, name))
			return true;
	}
	return false;
}

int sched_set_governors(struct sched *s, const PWR_PROC_SmartGridGov *governors)
{
	const char *asked[2] = {governors->sgLevel0Gov, governors->sgLevel1Gov};
	char names[2][PWR_MAX_ELEMENT_NAME_LEN + 1];

	if (governors->sgAgentState != PWR_ENABLE && governors->sgAgentState != PWR_DISABLE)
		return -EINVAL;
	for (int i = 0; i < 2; i++) {
		snprintf(names[i], sizeof(names[i]), "%.*s", PWR_MAX_ELEMENT_NAME_LEN, asked[i]);
		if (*names[i] &&
		    (strlen(names[i]) >= PWR_MAX_ELEMENT_NAME_LEN || !is_governor(s, names[i])))
			return -EINVAL;
	}
	for (int i = 0; i < 2; i++)
		if (*names[i])
			memcpy(s->governors[i], names[i], PWR_MAX_ELEMENT_NAME_LEN);
	s->governors_on = governors->sgAgentState == PWR_ENABLE;
	sched_give(s);
	return 0;
}
