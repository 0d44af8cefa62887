/*
 * The keeper of a test, over the machine of a test, with a journal in a folder of its own.
 */
#ifndef PWRAPIS_WRITER_TESTKEEPER_H
#define PWRAPIS_WRITER_TESTKEEPER_H

#include "pwrapis/writer/keeper.h"
#include "pwrapis/writer/testmachine.h"

enum { TESTKEEPER_JOURNAL_BYTES = 4096 };

extern struct keeper *testkeeper;
extern int testkeeper_dir_fd;
extern unsigned testkeeper_conflicts; /* that were told */

/* For cmocka: of the group, and before each test. */
int testkeeper_setup_group(void **state);
int testkeeper_teardown_group(void **state);
int testkeeper_setup(void **state);

/* A fresh machine without a journal. */
void testkeeper_reset(void);
struct keeper_start testkeeper_open(void);
void testkeeper_close(void);

struct writer_request testkeeper_request(unsigned verb, uint64_t lease, unsigned item,
					 unsigned place);
/* The error of the answer. A text is always "two". */
int testkeeper_set(uint64_t lease, unsigned item, unsigned place, double number);
struct writer_reply testkeeper_end(uint64_t lease);
struct writer_reply testkeeper_drop(uint64_t lease, unsigned item, unsigned place);
int testkeeper_end_all(void);

#endif
