/*
 * A folder that plays a machine with processes and control groups, for tests of attribution; and
 * looks at it, a second each. What fails here fails the test.
 */
#ifndef PWRAPIS_ATTRIB_TESTATTRIB_H
#define PWRAPIS_ATTRIB_TESTATTRIB_H

#include "base/testroot.h"
#include "pwrapis/attrib/attrib.h"

#define TICK_NS (NS_PER_S / sysconf(_SC_CLK_TCK))
#define FAR_NS (UINT64_C(1) << 60) /* after any boot */

enum { TESTATTRIB_CPUS = 4 };

struct play {
	int pid;
	const char *name, *group;
	uint64_t ns;
	uint64_t start; /* ticks */
	unsigned threads;
	int ppid;
};

void testattrib_group(const struct testroot *t, const char *path, uint64_t us);
void testattrib_remove_group(const struct testroot *t, const char *path);
uint64_t testattrib_id(const struct testroot *t, const char *path);
void testattrib_process(const struct testroot *t, const struct play *p);
void testattrib_remove_process(const struct testroot *t, int pid);

/* An empty machine of the unified hierarchy. */
void testattrib_begin(const struct testroot *t, struct attrib **a);
/* @energy_uj NULL: there is no meter. */
void testattrib_look(struct attrib *a, const struct probe_end *ends, size_t count,
		     const uint64_t *energy_uj);
/* The last second; and what is told of it adds up. */
void testattrib_ask(struct attrib *a, enum attrib_by by, struct attrib_answer *ret_answer);

/* @name, @group NULL: any. NULL: there is none. */
const struct attrib_row *testattrib_row(const struct attrib_answer *answer, enum consumer_kind kind,
					const char *name, const char *group);
uint64_t testattrib_ns(const struct attrib_answer *answer, enum consumer_kind kind,
		       const char *name, const char *group);

#endif
