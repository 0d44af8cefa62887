/*
 * The controller from within: looks at the machine, and what they lead to. For sched/ only.
 */
#ifndef PWRAPIS_SCHED_CONTROL_H
#define PWRAPIS_SCHED_CONTROL_H

#include "pwrapis/sched/sched.h"

/* Looks processors over again, where they are others than before. -ENODATA. */
int control_look(struct sched *s);
/* Packing begins: all are active. */
void control_start(struct sched *s);
/* The timer runs while it is needed, and no longer. */
void control_arm(struct sched *s);
/* The probe is wanted while load is packed, and no longer. */
void control_hold_probe(struct sched *s);
/* The slow look, when it is due. */
void control_slow(struct sched *s);
/* A sign of pressure. */
void control_pressed(struct sched *s);
/* Processes that have ended are nobody's any more: some of them are looked at. */
void control_drop_ended(struct sched *s);

#endif
