/*
 * A look at power. Counters of energy are root's own on usual kernels, since they tell what others
 * compute: the privileged half opens those for us, once. Descriptors stay until the machine is
 * looked over again, the link is lost, or one cannot be read; while they are here nobody is asked.
 * Where some are missing they are asked for first, and with the last answer the look is complete.
 * Nobody waits for it.
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
	int fd; /* of its energy, where only the privileged half may open it; -1: none */
	uint64_t not_before_ns; /* after a failure; monotonic */
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
/* Closes what was opened: not while a look is under way, but for the end of the link or ours. */
void powerlook_forget(struct powerlook *l);

#endif
