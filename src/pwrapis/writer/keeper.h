/*
 * The machine, the book of what is set on it, and the journal, together: what answers a record.
 * Without socket, loop or clock, so that a test can stop it at every step.
 *
 * The journal is tidied after every answer: emptied when nothing is set, written anew when it is
 * large, or when a note that it lacks is missing (the disk was full).
 */
#ifndef PWRAPIS_WRITER_KEEPER_H
#define PWRAPIS_WRITER_KEEPER_H

#include <stdbool.h>
#include <stddef.h>

#include "pwrapis/writerproto.h"

struct keeper;

struct keeper_world {
	struct machine *machine; /* borrowed, as is the folder of the journal */
	int journal_dir_fd;
	const char *boot_id;
	uint64_t journal_bytes; /* over this it is written anew */
	/* Somebody else has set it to @found, which stays. May be NULL. */
	void (*conflict)(void *data, const char *item, const char *name,
			 const struct power_value *last, const struct power_value *found);
	void *data;
};

/* What was found at the start. */
struct keeper_start {
	unsigned restored, conflicts;
	unsigned unknown; /* things that this build has no item for: they cannot be put back */
	bool damaged; /* the journal was, or a part of it */
	int error; /* the first of what is still owed */
};

/* Puts back what a killed one has left. Fails when the journal cannot be read or begun. */
int keeper_open(const struct keeper_world *world, struct keeper **ret_keeper,
		struct keeper_start *ret_start);
void keeper_close(struct keeper *k);

/* Whether these are the bytes of a request; else their sender is not one of ours. */
bool keeper_is_request(const struct writer_request *request, size_t len);
/*
 * Carries it out. Texts and numbers are checked here, and their sense by the machine. @ret_fd goes
 * with the answer; -1: none does.
 */
void keeper_answer(struct keeper *k, const struct writer_request *request,
		   struct writer_reply *ret_reply, int *ret_fd);
/* The connection has ended, or we do: all leases are over. */
int keeper_end_all(struct keeper *k, unsigned *ret_restored, unsigned *ret_conflicts);

/* Whether something could not be put back or noted, and keeper_retry() should try it again. */
bool keeper_is_behind(const struct keeper *k);
int keeper_retry(struct keeper *k);

#endif
