/*
 * A machine for tests, which stands in for pwrapis/machine.h: its values are in memory that a child
 * shares, so that they are there when the child is killed. And the system calls by which files are
 * changed, counted as the writes to the machine are: the program can be ended at each step of both,
 * or the disk be full from one on.
 */
#ifndef PWRAPIS_WRITER_TESTMACHINE_H
#define PWRAPIS_WRITER_TESTMACHINE_H

#include <stdbool.h>

#include "pwrapis/machine.h"

enum testmachine_item {
	TEST_NUMBER,
	TEST_TEXT, /* one, two, three */
	TEST_MIN, /* what is over the maximum is read as the maximum, until that rises */
	TEST_MAX,
	TEST_COARSE, /* rounds to eighths */
	TEST_WILD, /* takes half of what is over 65 */
	TEST_SIGNAL, /* cannot be set */
	TEST_LATENCY, /* per client */
	TEST_GUARDED, /* only root may read it */
	TEST_ACT, /* stays as it was */
	TEST_ITEMS,
};

enum { TEST_PLACES = 2, TEST_KILLED = 77 };

struct testmachine_state {
	struct power_value values[TEST_ITEMS][TEST_PLACES];
	unsigned writes; /* to the machine */
	bool swapped; /* the indexes of policy0 and policy1 */
	bool gone; /* policy1 is not there */
	int read_error, write_error; /* what the next ones say; 0: none */
	bool write_lies; /* it is written although it fails */
	/* Steps since they were set to 0, and the one at which the process ends; 0: none. */
	unsigned steps, kill_at;
	/* Calls that need room on the disk, the one that has none; 0: none; and whether it stays
	 * full. */
	unsigned calls, full_at;
	bool stays_full;
};

extern struct testmachine_state *testmachine;

/* Once. Values are those of a fresh machine after each reset. */
int testmachine_init(void);
void testmachine_reset(void);
/* The value of a place as it is read. */
struct power_value testmachine_get(unsigned item, unsigned place);
void testmachine_put(unsigned item, unsigned place, double number, const char *text);
/* Whether the values are those of a fresh machine. */
bool testmachine_is_fresh(void);
/* Descriptors that hold a latency and are not closed. */
unsigned testmachine_holds(void);

#endif
