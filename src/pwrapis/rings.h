/*
 * The two rings that readers at a high rate share (ring.h), and who is attached to them.
 *
 * Class control and above gets the fresh ring: a sample every 10 ms, or as seldom as it takes for
 * it to cost no more than one percent of a processor. Class observe gets the coarse one: a sample
 * with each beat, rounded as all that is private is. Nothing is sampled while nobody is attached,
 * and who is attached is whose connection is open (attach.c).
 *
 * Rings stay while the daemon runs, so that who attaches again and again and keeps what it was
 * given holds no more memory than one ring. When access.conf has changed both are made anew, and
 * everybody attaches again: who may read no more has a ring then that nobody writes.
 */
#ifndef PWRAPIS_RINGS_H
#define PWRAPIS_RINGS_H

#include <stdbool.h>
#include <sys/types.h>

#include "rpc/idl.h"

#define RINGS_SOCKET "pwrapis-ring" /* in /run/leonhard */

enum { RINGS_ATTACHED_MAX = 256, RINGS_PER_USER_MAX = 16 };

struct pwrapis;
struct rings;
struct ring;

/* attach.c. Logs its failures. */
int rings_open(struct pwrapis *p);
void rings_close(struct pwrapis *p); /* the loop must run on */
void rings_free(struct pwrapis *p); /* when the loop has ended */

/* rings.c */
/* After power was looked at; and after the machine was. NULL p->rings: nothing. */
void rings_beat(struct pwrapis *p);
void rings_look(struct pwrapis *p);
/* The link to the privileged half is. */
void rings_lost(struct pwrapis *p);
/* Whether indexes of zones must stay what they are. */
bool rings_are_looking(const struct pwrapis *p);

#endif
