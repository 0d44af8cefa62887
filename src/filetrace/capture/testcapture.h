/*
 * What tests of the capturing daemon share: the daemon itself, on a root of the test and with the
 * source that it plays (testplayed.h), and what the store tells. What fails here fails the test.
 */
#ifndef FILETRACE_CAPTURE_TESTCAPTURE_H
#define FILETRACE_CAPTURE_TESTCAPTURE_H

#include "filetrace/capture/capture.h"
#include "filetrace/capture/testplayed.h"
#include "filetrace/teststore.h"

struct running {
	const struct testroot *root;
	struct daemon daemon;
	struct capture capture;
	char boot_id[CAPTURE_BOOT_ID_BYTES];
};

/* Setup and teardown of a test, whose state is a struct running; the group's state is the root. */
int testcapture_setup(void **state);
int testcapture_teardown(void **state);

void testcapture_start(struct running *r);
/* @keep: as if it were killed, but that its memory is looked at. */
void testcapture_end(struct running *r, bool keep);
/* The daemon takes another configuration, as at SIGHUP. */
void testcapture_configure(struct running *r, const char *text);

/* After which it is certain that nobody has done what no event tells of. */
void testcapture_moment(struct running *r);

/* How many records there are, and the newest. */
struct told {
	unsigned count, full; /* full: of those, how many name somebody wholly */
	int64_t id;
	char path[64];
	enum method method;
	enum attribution attribution;
};
struct told testcapture_tell(struct running *r);
void assert_newest(struct running *r, unsigned count, const char *path, enum method method,
		   enum attribution attribution);
/* The same, without an author: that is certain a moment later. */
void assert_unseen(struct running *r, unsigned count, const char *path, enum method method);
void free_ledger(struct ledger **l);

/* Puts a request there, as the half that answers does; NULL behind the last pattern. */
void testcapture_ask(struct running *r, uint64_t number, char **patterns);
/* How many files the store says @pattern covers: UINT64_MAX when it has no such pattern, one less
 * when the pattern has a problem. */
uint64_t testcapture_files(struct running *r, const char *pattern, uint64_t *ret_request);

#endif
