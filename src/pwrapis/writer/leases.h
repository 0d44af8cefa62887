/*
 * The book of what is set, by whom, and what was there before. Does nothing by itself: it reads,
 * writes and notes by way of its operations, and knows neither files nor sockets.
 *
 * A spot is one thing that can be set: an item and the name of its place ("cpufreq.max", "policy0";
 * names, since indexes change when a processor goes). It has an original, what was there first, and
 * a stack of settings, one of each lease that has set it. The youngest holds. When it ends, the
 *next older one's is put back; after the last, the original.
 *
 *	set	check, read, note what was there, write, read back, note what is there
 *	back	read; what is ours is replaced by what belongs there; read back; note
 *
 * What is not what we have last seen there was set by somebody else: it stays, and all settings of
 * the spot are lost. A spot that cannot be put back now (the file is gone, busy, or the disk full
 * where an older lease's value has to be noted) stays owed, and leases_settle() tries it again.
 *
 * Spots are put back in the reverse order of their setting, so that what depended on another (the
 * frequency on its governor, one end of a range on the other) finds the state in which it was set;
 * and in rounds, as long as one of them succeeds, those first that the machine would take now.
 *
 * A control that the kernel keeps per client (PM QoS) is no spot: a descriptor holds it, and its
 *end is the end of the descriptor, with or without us.
 */
#ifndef PWRAPIS_WRITER_LEASES_H
#define PWRAPIS_WRITER_LEASES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pwrapis/machine.h"

enum leases_state {
	LEASES_TRIED = 1, /* last was there; tried is being written */
	LEASES_HELD, /* last is there, by us */
	LEASES_FREE, /* nothing is to be put back */
};

struct leases_note {
	enum leases_state state;
	unsigned item;
	const char *name;
	const struct power_value *original, *last, *tried;
};

/* All return 0 or a negative errno. Names are those of the item's domain. */
struct leases_ops {
	int (*read)(void *data, unsigned item, const char *name, struct power_value *ret_value);
	int (*check)(void *data, unsigned item, const char *name, const struct power_value *value);
	int (*write)(void *data, unsigned item, const char *name, const struct power_value *value);
	int (*hold)(void *data, unsigned item, const char *name, const struct power_value *value,
		    int *ret_fd);
	/* TRIED is on the disk when it returns 0; else nothing is written to the machine. */
	int (*note)(void *data, const struct leases_note *note);
	/* The share by which a number that is read back may be another than the one written. */
	double (*rounding)(void *data, unsigned item);
	/* Somebody else has set this to @found, where we had left @last. */
	void (*conflict)(void *data, unsigned item, const char *name,
			 const struct power_value *last, const struct power_value *found);
};

/* What an end did. */
struct leases_count {
	unsigned restored, conflicts;
};

struct leases;

int leases_new(const struct leases_ops *ops, void *data, struct leases **ret_leases);
/* Forgets all, and puts nothing back. */
void leases_free(struct leases *l);

/*
 * The whole or nothing. -EBUSY over the bounds of writerproto.h; what check, read and note say;
 * what the kernel says when it is written; -EIO when something else is read back. After a failure,
 * what was there is put back.
 */
int leases_set(struct leases *l, uint64_t lease, unsigned item, const char *name,
	       const struct power_value *value);
/* The same of a control per client. */
int leases_hold(struct leases *l, uint64_t lease, unsigned item, const char *name,
		const struct power_value *value);

/*
 * One setting of a lease (-ENOENT when there is none), a lease, or all of them. The first error of
 * what could not be put back; the setting has ended nevertheless, and is owed.
 */
int leases_drop(struct leases *l, uint64_t lease, unsigned item, const char *name,
		struct leases_count *ret_count);
int leases_end(struct leases *l, uint64_t lease, struct leases_count *ret_count);
int leases_end_all(struct leases *l, struct leases_count *ret_count);

/* A note of before: its spot is owed, unless it is free. Its newest one holds. */
int leases_recall(struct leases *l, const struct leases_note *note);
/* Puts back what is owed. */
int leases_settle(struct leases *l, struct leases_count *ret_count);

/* Calls @fn with a note of each spot that is not free. */
void leases_notes(const struct leases *l, void (*fn)(void *data, const struct leases_note *note),
		  void *data);
unsigned leases_spot_count(const struct leases *l);
unsigned leases_owed_count(struct leases *l);
unsigned leases_setting_count(const struct leases *l);

#endif
