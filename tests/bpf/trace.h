/*
 * The event that trace.bpf.c sends through its ring buffer, for both sides.
 */
#ifndef TESTS_BPF_TRACE_H
#define TESTS_BPF_TRACE_H

enum unlink_event_kind { UNLINK_ENTRY = 1, UNLINK_EXIT = 2 };

struct unlink_event {
	unsigned kind; /* enum unlink_event_kind */
	unsigned pid;
	/* The function's result; 0 at its entry. */
	int result;
	/* The name of the file, cut where it is too long. */
	char name[36];
};

_Static_assert(sizeof(struct unlink_event) == 48, "the event has one layout on both sides");

#endif
