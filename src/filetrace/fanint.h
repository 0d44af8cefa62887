/*
 * An event of fanotify while it is told: shared by fantell.c and fanedit.c.
 */
#ifndef FILETRACE_FANINT_H
#define FILETRACE_FANINT_H

#include "filetrace/fan.h"

/* An event that is being told: where, what, and by whom. */
struct fan_telling {
	struct fan *fan;
	const struct fan_event *event;
	struct fan_node *dir, *node; /* NULL: not known */
	struct fan_proc *proc; /* NULL: nothing is known of it */
	struct ft_actor actor;
	uint32_t flags; /* of a directory of that name */
};

/* The head of an event of now. */
struct ft_event fan_head(enum ft_type type, size_t size);
/* The bytes of a place that are used. */
size_t fan_place_size(const struct ft_place *p);
/* All zeroes where the directory is not known, and for a directory itself. */
void fan_fill_place(struct fan *f, const struct fan_place *from, struct ft_place *ret_place);

/* The process modifies the inode; its edit, NULL without memory. */
struct fan_edit *fan_tell_modify(struct fan_telling *t, uint32_t op);
/* A file that could be written was closed. */
void fan_tell_close(struct fan_telling *t);

#endif
