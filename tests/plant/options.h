/*
 * The command line of plant.
 */
#ifndef PLANT_OPTIONS_H
#define PLANT_OPTIONS_H

#include "plant.h"

struct options {
	const char *mountpoint; /* NULL with --steps */
	const char *faults; /* a schedule, or @FILE */
	const char *load;
	const char *log;
	const char *throttles[THROTTLES_MAX];
	unsigned throttle_count;
	struct shape shape;
	enum meter_kind meters;
	bool psys, seeded;
	double scale, steps_s;
};

/* 0, 1 when help was asked for and printed, or -EINVAL after a message on standard error. */
int options_parse(int argc, char **argv, struct options *ret_options);

#endif
