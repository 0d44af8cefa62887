/*
 * A source that a test plays, for the capturing daemon: events that wait, as those of a ring that
 * is pinned, until they are committed, also over the end of a daemon. The only one in sources[].
 * What fails here fails the test.
 */
#ifndef FILETRACE_CAPTURE_TESTPLAYED_H
#define FILETRACE_CAPTURE_TESTPLAYED_H

#include "filetrace/source.h"

enum { EVENTS = 64, INODES = 16, EDITOR = 11, SHELL = 10 };

struct source {
	union ft_any_event events[EVENTS];
	unsigned made, read, committed;
	uint64_t lost;
	struct {
		uint64_t ino, number;
	} generations[INODES];
	bool pinned;
	void (*meanwhile)(void); /* happens once, behind the next reading that finds nothing */
	int never_readable; /* a descriptor: the test says when it is read */
};

extern struct source *played; /* shared with children */

/* As after a boot: nothing is pinned, and nothing has happened. */
void played_reset(void);

/* An event of @size bytes, zero behind its head. */
void *played_push(uint32_t type, size_t size);
void played_image(uint64_t id, uint64_t parent, const char *exe, const char *args, size_t len);
/* A shell, and an editor that it has started. */
void played_people(void);
struct ft_actor played_editor(void);
struct ft_key played_inode_of(const char *path);
/* The editor begins to write etc/NAME, and ends with it. */
void played_begin(const char *name);
void played_end(const char *name);

#endif
