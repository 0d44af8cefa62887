/*
 * Power: what the meter and the zones of this machine say, once a second; and statistics of it.
 *
 * Clients are told what was measured last: whole watts, never fresher than that second. What is not
 * measured is unknown, and not 0. Energy is followed from second to second, so that a counter that
 * starts anew in between is counted right.
 */
#ifndef PWRAPIS_POWER_H
#define PWRAPIS_POWER_H

#include <stdbool.h>
#include <stdint.h>

#include "pwrapis/machine.h"
#include "pwrapis/machine/energy.h"

enum power_part {
	POWER_PART_BOARD, /* the first meter of hwmon, or a zone that is the whole board */
	POWER_PART_CPU, /* zones of packages */
	POWER_PART_MEMORY, /* zones of memory */
	POWER_PARTS,
};

enum { POWER_ZONES_MAX = 64 };

struct power_zone {
	char name[POWER_NAME_BYTES];
	enum power_part part;
	struct energy *energy; /* owned; NULL: no memory, then it is unknown */
	bool fed; /* fed_energy is what the privileged half has read for the next look */
	double fed_energy;
};

struct power {
	bool looked;
	unsigned zone_count; /* those beyond the bound are not measured */
	struct power_zone zones[POWER_ZONES_MAX];
	uint64_t at_ns; /* of the last look, monotonic; 0: none yet */
	double watts[POWER_PARTS]; /* NAN: unknown */
	/* Used since the look before, as far as it is known; and since the first one. A counter is
	 * followed over looks in which it could not be read. */
	uint64_t used_uj[POWER_PARTS], total_uj[POWER_PARTS];
	struct energy *meter; /* owned; of the first meter of hwmon */
	/* of the board */
	double max_watts, joules, seconds;
	uint64_t start_ns, max_ns; /* real time */
};

/* Zeroes are a power that has not looked yet. */
void power_deinit(struct power *p);

/* Looks the zones over. Again after the machine was looked over: where they are others than they
 * were, power is unknown for a second; statistics go on. */
void power_look(struct power *p, const struct machine *m);
/* Whether only the privileged half may open the energy of the zone; and what was read of it. */
bool power_is_guarded(const struct power *p, struct machine *m, unsigned zone);
void power_feed(struct power *p, unsigned zone, double energy);
/* A look. @now_ns is monotonic, @real_ns the time of day. */
void power_sample(struct power *p, struct machine *m, uint64_t now_ns, uint64_t real_ns);
/*
 * What was used between the last two looks, in whole microjoules: of the board, or of the
 * processors where nothing tells of the board. Of a counter it is what the counter took. False: it
 * is unknown.
 */
bool power_energy(const struct power *p, enum power_part *ret_part, uint64_t *ret_uj);

#endif
