/*
 * The life of the controller; see sched.h.
 */
#include "pwrapis/sched/sched.h"

#include <errno.h>
#include <stdlib.h>

#include "base/def.h"
#include "base/time.h"
#include "pwrapis/pwrapis.h"
#include "pwrapis/sched/actuator.h"
#include "pwrapis/sched/control.h"

/* ---- what is asked for ---- */

static void set_defaults(struct sched *s)
{
	s->owner = NULL;
	s->watt_on = s->grid_on = s->governors_on = false;
	s->attrs = (struct watt_attrs){.threshold_percent = WATT_THRESHOLD_PERCENT,
				       .interval_ns = WATT_INTERVAL_MS * NS_PER_MS};
	s->first_cpu = 0;
	s->governors[0][0] = s->governors[1][0] = '\0';
	s->proc_count = 0;
	s->lease = 0;
	if (s->topology.count)
		topology_order(&s->topology, s->first_cpu);
}

static void reset(struct sched *s)
{
	sched_forget(s);
	set_defaults(s);
	control_arm(s);
	control_hold_probe(s);
}

static void on_ended(void *data, int r, const struct writer_reply *reply)
{
	control_note_end(data, r, reply);
}

void sched_token_gone(struct sched *s, const struct session *session)
{
	struct pwrapis *p = s->p;
	const struct writer_request end = {.verb = WRITER_END, .lease = s->lease};

	if (s->owner != session)
		return;
	if (s->lease && p->writer.fd >= 0 && link_request(&p->writer, &end, on_ended, p) < 0)
		link_drop(&p->writer);
	reset(s);
}

void sched_lost(struct sched *s)
{
	reset(s);
}

/* ---- pressure ---- */

/* One descriptor that is watched; freed when libuv has let go of it. */
struct watch {
	uv_poll_t poll;
	struct sched *s;
};

static void on_watch_closed(uv_handle_t *handle)
{
	free(handle->data);
}

static void unwatch(struct sched *s)
{
	if (!s->watch)
		return;
	uv_poll_stop(&s->watch->poll);
	uv_close((uv_handle_t *)&s->watch->poll, on_watch_closed);
	s->watch = NULL;
	s->pressure_fd = -1;
}

static void on_pressure(uv_poll_t *poll, int status, int events)
{
	struct watch *w = poll->data;
	struct sched *s = w->s;

	if (status < 0) {
		unwatch(s);
		control_arm(s);
		return;
	}
	if (events & UV_PRIORITIZED)
		control_pressed(s);
}

static int watch(struct sched *s, int fd)
{
	struct watch *w = calloc(1, sizeof(*w));
	int r = w ? uv_poll_init(&s->p->daemon->loop, &w->poll, fd) : -ENOMEM;

	if (r < 0) {
		free(w);
		return r;
	}
	w->s = s;
	w->poll.data = w;
	s->watch = w;
	s->pressure_fd = fd;
	return uv_poll_start(&w->poll, UV_PRIORITIZED, on_pressure);
}

void sched_watch(struct sched *s, int fd)
{
	unwatch(s);
	if (fd >= 0 && s->opened && watch(s, fd) < 0)
		unwatch(s);
	control_arm(s);
}

/* What the probe has opened has come, or goes. */
static void on_probed(void *data)
{
	struct sched *s = data;

	sched_watch(s, probed_pressure_fd(&s->p->probed));
}

/* ---- the whole ---- */

static const struct actuator *find_actuator(int root_fd)
{
	switch (cgroup_version(root_fd)) {
	case CGROUP_V1:
		return &actuator_cgroup_v1;
	case CGROUP_V2:
		return &actuator_cgroup_v2;
	default:
		return NULL;
	}
}

int sched_new(struct pwrapis *p, struct sched **ret_sched)
{
	struct sched *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->p = p;
	s->pressure_fd = -1;
	list_init(&s->spots);
	list_init(&s->policies);
	s->actuator = find_actuator(p->daemon->root_fd);
	set_defaults(s);
	/* Without processors there is nothing to pack. */
	if (s->actuator && control_look(s) < 0)
		s->actuator = NULL;
	uv_timer_init(&p->daemon->loop, &s->look);
	s->look.data = s;
	s->opened = true;
	probed_listen(&p->probed, on_probed, s);
	*ret_sched = s;
	return 0;
}

void sched_beat(struct sched *s)
{
	if (!s->watt_on && !s->grid_on)
		return;
	control_drop_ended(s);
	control_look(s);
	control_slow(s);
}

void sched_close(struct sched *s)
{
	if (!s || !s->opened)
		return;
	unwatch(s);
	s->opened = false;
	uv_close((uv_handle_t *)&s->look, NULL);
}

void sched_free(struct sched *s)
{
	if (!s)
		return;
	sched_forget(s);
	topology_deinit(&s->topology);
	free(s->online);
	free(s->procs);
	free(s);
}
