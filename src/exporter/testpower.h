/*
 * A power service that is played, for the exporter's tests: it takes calls on the socket in a
 * folder that plays a machine, and answers as its mood is. It knows no interface, and checks
 * nothing but that it is asked to read.
 */
#ifndef EXPORTER_TESTPOWER_H
#define EXPORTER_TESTPOWER_H

#include "base/testroot.h"

enum power_mood {
	POWER_GOOD, /* a machine with a meter */
	POWER_DENIES, /* PermissionDenied */
	POWER_SILENT, /* reads and does not answer */
	POWER_HALF, /* the first call is good, the others are errors */
	POWER_LEAVES, /* closes with the first call */
	POWER_BABBLES, /* bytes that are no JSON */
	POWER_SLOW, /* good, after half a second */
};

void power_start(const struct testroot *t, enum power_mood mood);
void power_stop(void);
/* How many connections it has had. */
int power_connections(void);

#endif
