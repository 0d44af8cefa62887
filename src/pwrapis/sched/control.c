/*
 * The looks of the controller; see control.h.
 */
#include "pwrapis/sched/control.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/def.h"
#include "base/fs.h"
#include "base/proc.h"
#include "base/str.h"
#include "base/time.h"
#include "pwrapis/machine/backend.h"
#include "pwrapis/machine/cpulist.h"
#include "pwrapis/pwrapis.h"

/* Of processes that may have ended so many are looked at in a second. */
enum { ENDED_SLICE = 256 };

static uint64_t now(void)
{
	return time_now_ns(CLOCK_MONOTONIC);
}

/* ---- samples ---- */

/* Of the active processors; a machine that does not tell is not busy. */
static void sample(const struct sched *s, struct load *ret_load)
{
	struct cpulist hot;

	bitmap_init(&hot.map, hot.words, CPULIST_MAX);
	topology_set(&s->topology, 0, s->watt.span, &hot.map);
	if (load_read(s->p->daemon->root_fd, &hot.map, ret_load) < 0)
		*ret_load = (struct load){};
}

/* The active ones are others: what was counted was of those before. */
static void changed(struct sched *s)
{
	sched_give(s);
	sample(s, &s->slow);
	s->fast = s->slow;
	s->watt.looked_ns = now();
}

/* ---- processors ---- */

int control_look(struct sched *s)
{
	_cleanup_free_ char *online = NULL;
	struct topology t = {};
	int r = fs_read_line(s->p->daemon->root_fd, MACHINE_CPU_DIR "/online", &online);

	if (r < 0)
		return -ENODATA;
	if (s->online && str_equal(s->online, online))
		return 0;
	r = topology_read(s->p->daemon->root_fd, &t);
	if (r < 0)
		return r;
	topology_order(&t, s->first_cpu);
	topology_deinit(&s->topology);
	s->topology = t;
	free(s->online);
	s->online = take_ptr(online);
	if (s->watt_on) {
		watt_move(&s->watt, &s->topology);
		changed(s);
	} else if (s->grid_on) {
		sched_give(s);
	}
	return 0;
}

void control_start(struct sched *s)
{
	watt_start(&s->watt, &s->topology, &s->attrs, now());
	sample(s, &s->slow);
	s->fast = s->slow;
}

/* ---- looks ---- */

void control_slow(struct sched *s)
{
	struct load load;
	double usage;

	if (!s->watt_on || !watt_is_due(&s->watt, now()))
		return;
	sample(s, &load);
	usage = load_usage(&s->slow, &load);
	s->slow = load;
	if (usage >= 0 && watt_slow(&s->watt, now(), usage))
		changed(s);
	control_arm(s);
}

static void on_look(uv_timer_t *timer)
{
	struct sched *s = timer->data;
	struct load load;
	double usage;

	sample(s, &load);
	usage = load_usage(&s->fast, &load);
	s->fast = load;
	if (usage >= 0 && watt_fast(&s->watt, now(), usage, load.runnable))
		changed(s);
	control_arm(s);
}

void control_pressed(struct sched *s)
{
	struct load load;

	s->pressed_ns = now();
	if (!s->watt_on || !watt_is_packed(&s->watt))
		return;
	sample(s, &load);
	s->fast = load;
	if (watt_pressed(&s->watt, now(), load.runnable))
		changed(s);
	control_arm(s);
}

/* Who is told of pressure looks while there is any; who is not looks all the time. */
void control_arm(struct sched *s)
{
	bool wanted = s->watt_on && watt_is_packed(&s->watt) && s->spot_count &&
		      (s->pressure_fd < 0 || watt_is_busy(&s->watt, now()));

	if (!s->opened || wanted == (bool)uv_is_active((uv_handle_t *)&s->look))
		return;
	if (!wanted) {
		uv_timer_stop(&s->look);
		return;
	}
	sample(s, &s->fast);
	uv_timer_start(&s->look, on_look, WATT_LOOK_MS, WATT_LOOK_MS);
}

void control_hold_probe(struct sched *s)
{
	if (s->watt_on == s->probing)
		return;
	s->probing = s->watt_on;
	if (s->probing)
		probed_hold(&s->p->probed);
	else
		probed_release(&s->p->probed);
}

/* ---- ends ---- */

static bool has_ended(const struct sched *s, const struct sched_proc *known)
{
	struct proc proc;
	int r = proc_read(s->p->daemon->root_fd, known->pid, &proc);

	return r == -ESRCH || (r == 0 && proc.start_ticks != known->start);
}

void control_drop_ended(struct sched *s)
{
	size_t count = s->proc_count, kept = 0, slice = count < ENDED_SLICE ? count : ENDED_SLICE;

	for (size_t i = 0; i < count; i++) {
		size_t turn = (i + count - s->ended_at % count) % count;

		if (turn < slice && has_ended(s, &s->procs[i]))
			continue;
		s->procs[kept++] = s->procs[i];
	}
	s->ended_at = count ? (s->ended_at + slice) % count : 0;
	if (kept == count)
		return;
	s->proc_count = kept;
	sched_place(s);
}
