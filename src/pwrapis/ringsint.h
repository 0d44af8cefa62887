/*
 * What rings.c and attach.c share.
 */
#ifndef PWRAPIS_RINGSINT_H
#define PWRAPIS_RINGSINT_H

#include <uv.h>

#include "base/namedsocket.h"
#include "core/list.h"
#include "pwrapis/machine/usage.h"
#include "pwrapis/powerlook.h"
#include "pwrapis/ring.h"
#include "pwrapis/rings.h"
#include "rpc/accepting.h"

enum ring_kind { RING_FRESH, RING_COARSE, RING_KINDS };

struct rings {
	struct pwrapis *p;
	/* attach.c */
	struct accepting accepting;
	struct namedsocket socket; /* that was made here */
	struct list attached;
	unsigned attached_count;
	/* rings.c */
	struct ring *rings[RING_KINDS]; /* NULL: not made yet */
	unsigned readers[RING_KINDS];
	unsigned load_count; /* of access.conf, when they were made */
	uv_timer_t timer; /* runs while the fresh one has readers */
	uint64_t period_ms;
	double cost_ns; /* of a sample, on average */
	unsigned warm_up; /* so many samples more are not counted */
	struct usage *usage; /* fresh; NULL: the machine does not tell */
	struct power power; /* fresh */
	struct powerlook look;
	uint64_t looked_ns;
};

/* rings.c: a reader comes and goes. Making the ring may fail. */
int rings_attach(struct rings *r, enum ring_kind kind);
void rings_detach(struct rings *r, enum ring_kind kind);
/* attach.c: all connections end. */
void rings_drop_all(struct rings *r);
/* rings.c: made anew with the next reader, if classes may be others now. */
void rings_check_access(struct rings *r);
void rings_deinit(struct rings *r);

#endif
