/*
 * The journal: what was there before anything was changed, on the disk
 * (docs/format/power-journal.md).
 *
 * A file of records of one size, each of which says all that matters of one thing: its item and
 * name, what was there first, what we have last seen there, and what is being tried. The newest of
 * a thing holds. It is the journal of one boot: what is in /sys does not survive another, so that a
 * journal of another boot says nothing.
 *
 * A record that was cut off is none, and spoils no other. An append that fails changes nothing: the
 * next one takes its place.
 */
#ifndef PWRAPIS_WRITER_JOURNAL_H
#define PWRAPIS_WRITER_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pwrapis/machine.h"

enum {
	JOURNAL_HEADER_BYTES = 64,
	JOURNAL_RECORD_BYTES = 1064,
	JOURNAL_BOOT_BYTES = 40,
	JOURNAL_BYTES_MAX = 64 * 1024 * 1024, /* of a file that is read */
};

enum journal_kind {
	JOURNAL_TRIED = 1, /* last is or was there; tried may be there by now */
	JOURNAL_HELD, /* last is there, by us */
	JOURNAL_FREE, /* nothing is to be put back */
	JOURNAL_KINDS,
};

struct journal_entry {
	uint32_t kind;
	char item[POWER_NAME_BYTES]; /* by its name: another build may number it otherwise */
	char name[POWER_NAME_BYTES];
	struct power_value original, last, tried;
};

/* What was found in a file. */
struct journal_found {
	unsigned records, damaged;
	uint64_t sequence; /* the highest */
};

/* A negative errno of it ends the reading. */
typedef int (*journal_fn)(void *data, const struct journal_entry *entry);

/*
 * Reads what a file holds; texts end, numbers are finite. -EBADMSG for what is no journal, or one
 * of another version; -ESTALE for one of another boot. No bytes at all are an empty journal.
 */
int journal_parse(const void *bytes, size_t len, const char *boot_id, journal_fn fn, void *data,
		  struct journal_found *ret_found);

struct journal;

/*
 * Opens the journal in the folder @dir_fd, which is borrowed and has to be our own and no one
 * else's to write (-EPERM), and calls @fn for what it holds. What is no journal is set aside as
 * "damaged-journal" and told by *@ret_damaged, as are damaged records.
 */
int journal_open(int dir_fd, const char *boot_id, journal_fn fn, void *data,
		 struct journal **ret_journal, bool *ret_damaged);
void journal_close(struct journal *j);
void journal_close_p(struct journal **j);

/* @sync: it is on the disk before this returns. */
int journal_append(struct journal *j, const struct journal_entry *entry, bool sync);
/* Nothing is noted any more. Needs no room on the disk. */
int journal_clear(struct journal *j);
/* Nothing but these is noted any more: the file is replaced, at once or not at all. */
int journal_replace(struct journal *j, const struct journal_entry *entries, size_t count);
uint64_t journal_bytes(const struct journal *j);

#endif
