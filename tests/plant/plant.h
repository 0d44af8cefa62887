/*
 * The plant: the model with its load, its faults, its clock, what is told of it, and its log.
 */
#ifndef PLANT_PLANT_H
#define PLANT_PLANT_H

#include <stdio.h>

#include "faults.h"
#include "load.h"
#include "model.h"
#include "throttle.h"

enum meter_kind { METERS_CAP, METERS_PLAIN, METERS_BOTH, METERS_NONE };

struct plant {
	struct model model;
	struct load *load; /* owned; NULL: idle */
	struct faults faults;
	struct throttle throttle;
	enum meter_kind meters;
	bool psys;
	/* Time of the plant goes @scale times as fast as the clock. */
	double scale;
	uint64_t start_ns, slipped_ns;
	FILE *log; /* owned; NULL: none */
	uint64_t log_next_ns, log_every_ns;
};

void plant_deinit(struct plant *p);
/* Goes on to the time of the clock; what it cannot make up for in one go is let slip. */
void plant_catch_up(struct plant *p, uint64_t clock_ns);
/* Goes on by so much, whatever the clock says: the same every time. */
void plant_run(struct plant *p, uint64_t ns);

/* ---- the log: truth, for tests to read when all is over (truth.c) ---- */

/* A head with all that the seed has drawn. */
void truth_begin(struct plant *p);
void truth_write(struct plant *p, uint64_t clock_ns);
void truth_end(struct plant *p, uint64_t clock_ns);

#endif
