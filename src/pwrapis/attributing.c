/*
 * Attribution in the daemon; see attributing.h. A look begins with a beat, so that its interval is
 * that of the energy. A beat that comes while one is still going on is of the next interval.
 */
#include "pwrapis/attributing.h"

#include <errno.h>
#include <stdlib.h>

#include "base/def.h"
#include "base/time.h"
#include "pwrapis/endring.h"
#include "pwrapis/pwrapis.h"

enum { SLICE = 16, ENDS_MAX = 16384 };

static void tell_waiting(struct attributing *a, int r)
{
	struct attributing_wait *w;

	while ((w = list_first(&a->waiting, struct attributing_wait, link))) {
		list_remove(&w->link);
		w->fn(w, r);
	}
}

/* The descriptors of the probe have come or gone. */
static void on_probed(void *data)
{
	struct pwrapis *p = data;
	struct attributing *a = &p->attributing;
	uint32_t bytes;
	int fd;

	endring_close(take_ptr(a->ends));
	fd = probed_ends_fd(&p->probed, &bytes);
	if (a->attrib && fd >= 0 && endring_open(fd, bytes, &a->ends) < 0)
		a->ends = NULL;
}

static void stop(struct pwrapis *p)
{
	struct attributing *a = &p->attributing;

	if (!a->attrib)
		return;
	a->looking = false;
	attrib_free(take_ptr(a->attrib));
	endring_close(take_ptr(a->ends));
	probed_release(&p->probed);
}

static int start(struct pwrapis *p)
{
	struct attributing *a = &p->attributing;
	int r;

	if (a->attrib)
		return 0;
	r = attrib_new(p->daemon->root_fd, machine_count(p->machine, POWER_CPU), &a->attrib);
	if (r < 0)
		return r;
	a->next = (struct attrib_measure){};
	probed_hold(&p->probed);
	/* Somebody else may have it already. */
	on_probed(p);
	return 0;
}

/* ---- a look ---- */

/* Of one that was begun anew, or is of another meter, nothing is known of the energy. */
static void measure(struct pwrapis *p)
{
	struct attributing *a = &p->attributing;
	struct attrib_measure *m = &a->next;
	uint64_t now_ns = time_now_ns(CLOCK_REALTIME), uj = 0;
	enum power_part part = a->part;
	bool known = power_energy(&p->power, &part, &uj);

	/* The first beat. */
	if (!m->begin_ns) {
		*m = (struct attrib_measure){.begin_ns = now_ns, .metered = known};
		a->part = part;
	}
	m->end_ns = now_ns;
	m->metered &= known && part == a->part;
	m->energy_uj += uj;
	a->part = part;
}

static void begin_look(struct pwrapis *p)
{
	struct attributing *a = &p->attributing;
	int r = attrib_begin(a->attrib);

	if (r < 0) {
		stop(p);
		tell_waiting(a, r);
		return;
	}
	a->now = a->next;
	a->next = (struct attrib_measure){
		.begin_ns = a->now.end_ns, .end_ns = a->now.end_ns, .metered = true};
	a->looking = true;
	loop_wake(p);
}

void attributing_beat(struct pwrapis *p)
{
	struct attributing *a = &p->attributing;

	if (!a->attrib)
		return;
	if (uv_now(&p->daemon->loop) - a->wanted_ms > ATTRIBUTING_KEEP_MS &&
	    list_is_empty(&a->waiting)) {
		stop(p);
		return;
	}
	measure(p);
	if (!a->looking)
		begin_look(p);
}

static void on_end(void *data, const struct probe_end *end)
{
	attrib_ended(data, end);
}

/* What is no ring is not read again until there is another one. */
static void read_ends(struct attributing *a)
{
	if (a->ends && endring_read(a->ends, ENDS_MAX, on_end, a->attrib) < 0)
		endring_close(take_ptr(a->ends));
}

static void end_look(struct attributing *a)
{
	a->looking = false;
	/* Without memory for this one, the next one may have some. */
	if (attrib_close(a->attrib, &a->now) == 0 && attrib_count(a->attrib))
		tell_waiting(a, 0);
}

void attributing_run(struct pwrapis *p)
{
	struct attributing *a = &p->attributing;

	for (int i = 0; a->looking && i < SLICE; i++) {
		enum attrib_step step = attrib_step(a->attrib);

		if (step == ATTRIB_ENDS)
			read_ends(a);
		else if (step == ATTRIB_DONE)
			end_look(a);
	}
}

/* ---- others ---- */

bool attributing_want(struct pwrapis *p, struct attributing_wait *w)
{
	struct attributing *a = &p->attributing;
	int r = start(p);

	a->wanted_ms = uv_now(&p->daemon->loop);
	if (r < 0) {
		w->fn(w, r);
		return false;
	}
	if (attrib_count(a->attrib))
		return true;
	list_add_last(&a->waiting, &w->link);
	return false;
}

void attributing_init(struct pwrapis *p)
{
	p->attributing = (struct attributing){};
	list_init(&p->attributing.waiting);
	probed_listen(&p->probed, on_probed, p);
}

void attributing_close(struct pwrapis *p)
{
	stop(p);
}
