/*
 * Who uses the energy: each second's is divided among what ran in it, and the last minute of that
 * is kept. The parts of a second are whole microjoules, and together are what the meter said.
 *
 * The model. Of the energy of an interval as much is idling as the machine took at the lowest power
 * that was seen while its processors were used less than a fiftieth; until it was seen idle,
 * nothing is. The rest is divided by the time that each ran on a processor. So a second on a fast
 * core or with many misses counts as one on a slow core that computes nothing, and what disks,
 * networks and fans took counts as of those who ran meanwhile. README.md has more about it.
 *
 * Time. Of a group the kernel's count is exact; of its processes, those that live and those of
 * whose end the kernel has told, no more is told than the group has used; what they leave is the
 * rest of the group. A process looked at a moment before its group may seem to have run longer than
 * that: all of them are cut then, in proportion.
 */
#ifndef PWRAPIS_ATTRIB_ATTRIB_H
#define PWRAPIS_ATTRIB_ATTRIB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pwrapis/attrib/consumer.h"
#include "pwrapis/endrecord.h"

enum { ATTRIB_INTERVALS = 60 };

struct attrib;

/* @cpus: how many there are. */
int attrib_new(int root_fd, unsigned cpus, struct attrib **ret_attrib);
void attrib_free(struct attrib *a);

enum attrib_step {
	ATTRIB_MORE,
	ATTRIB_ENDS, /* now those that have ended, by attrib_ended(); then more */
	ATTRIB_DONE, /* now attrib_close() */
};

/* A look, in small steps. -ENOENT without /proc. */
int attrib_begin(struct attrib *a);
enum attrib_step attrib_step(struct attrib *a);
void attrib_ended(struct attrib *a, const struct probe_end *end);

/* What was measured between the last look and this one. */
struct attrib_measure {
	uint64_t begin_ns, end_ns; /* since 1970 */
	bool metered;
	uint64_t energy_uj;
};

/* The end of a look; the first one makes no interval. -ENOMEM: there is none of this look. */
int attrib_close(struct attrib *a, const struct attrib_measure *measure);
/* So many intervals are kept. */
size_t attrib_count(const struct attrib *a);

enum attrib_by { ATTRIB_BY_PROCESS, ATTRIB_BY_UNIT, ATTRIB_BY_CGROUP };

/* Borrowed until the next look. */
struct attrib_row {
	const struct consumer *consumer; /* one of those that are added up here */
	uint64_t ns, uj;
};

struct attrib_answer {
	uint64_t from_ns, to_ns; /* since 1970 */
	uint64_t metered_ns; /* of that, while there was a meter; 0: uj is unknown */
	uint64_t uj, ns; /* of all rows */
	struct attrib_row *rows; /* those that used most first; owned */
	size_t count;
};

/* Of the intervals of the last @window_ns, at least one. -ENODATA when there is none. */
int attrib_answer(struct attrib *a, uint64_t window_ns, enum attrib_by by,
		  struct attrib_answer *ret_answer);

#endif
