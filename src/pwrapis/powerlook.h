/*
 * A look at power. Counters of energy are root's own on usual kernels, since they tell what others
 * compute: the privileged half is asked for those first, and with its last answer the look is
 * complete. Nobody waits for it.
 */
#ifndef PWRAPIS_POWERLOOK_H
#define PWRAPIS_POWERLOOK_H

#include "pwrapis/power.h"

struct pwrapis;
struct powerlook;
struct writer_reply;

struct powerlook_zone {
	struct powerlook *look;
	unsigned zone;
};

struct powerlook {
	struct pwrapis *p;
	struct power *power;
	void (*done)(struct pwrapis *p); /* it is sampled; may be NULL */
	unsigned waiting; /* for so many answers; indexes of zones must stay what they are */
	struct powerlook_zone zones[POWER_ZONES_MAX];
};

void powerlook_init(struct powerlook *l, struct pwrapis *p, struct power *power,
		    void (*done)(struct pwrapis *p));
/* Nothing while a look is under way: answers that are late are waited for. */
void powerlook_begin(struct powerlook *l);

#endif
