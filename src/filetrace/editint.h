/*
 * What the assembly of edits is made of; for edit*.c only.
 *
 * A slot is a path at which something goes on. It has the state that was known before (old), and
 * the edits since, one for each process. It is settled when the state after them is known (new);
 * several edits that are settled together are coalesced. Edits are closed, or open: between
 * FT_BEGIN and FT_END. A settled slot has closed edits only, and can go on only with the last of
 * them.
 */
#ifndef FILETRACE_EDITINT_H
#define FILETRACE_EDITINT_H

#include "base/time.h"
#include "core/list.h"
#include "filetrace/edit.h"
#include "filetrace/hashmap.h"

#define EDIT_NAME_NS (500 * NS_PER_MS) /* names changed within it are one edit */
#define EDIT_END_NS (100 * NS_PER_MS) /* and so is what follows the end of writing */
#define EDIT_RUN_NS (2 * NS_PER_S) /* so long do edits wait for those that overlap */
#define EDIT_CHECK_NS (10 * NS_PER_S) /* so often is it asked whether an open one still is */
#define EDIT_DOUBT_NS (100 * NS_PER_MS) /* and so soon when events got lost */

enum { EDIT_PATHS_MAX = 1024 }; /* names of one inode that an event is told of */

enum edit_flag {
	EDIT_REMOVED = 1, /* the name was taken away */
	EDIT_PLACED = 2, /* the name was given to an inode */
	EDIT_LINKED = 4, /* and that was one with another name, or a new link */
	EDIT_CONTENT = 8,
	EDIT_CUT = 16, /* first of all, the content was cut */
	EDIT_META = 32,
	EDIT_PARTIAL = 64, /* its beginning was not seen */
	EDIT_ENDED = 128, /* it was open, and is not any more */
	EDIT_EXITED = 256,
	EDIT_NEW = 512, /* an inode was made; its number may be that of the one before */
};

struct slot;

struct edit {
	struct list_link link; /* in its slot, by the last event */
	struct hashmap_link by_image;
	struct slot *slot;
	struct ft_actor actor; /* to be named */
	uint64_t image; /* what its process is now */
	uint64_t begun_by; /* the image of the last FT_BEGIN */
	uint64_t first_ns, last_ns, named_ns; /* 0: no name was changed */
	uint32_t open, count, ops, flags;
};

struct slot {
	struct list_link link; /* from the one that waits longest on */
	struct hashmap_link by_path;
	struct list edits;
	struct state old, new;
	bool settled, coalesced;
	uint64_t generation; /* of the inode when new was read; 0: not known */
	uint64_t wait_ns; /* since when closed edits wait for content; 0: none do */
	uint64_t check_ns; /* when open ones are to be doubted */
	char path[];
};

struct edits {
	struct tree *tree;
	const struct watchset *set;
	const struct edits_ops *ops;
	void *data;
	struct hashmap by_path, by_image;
	struct list slots;
	size_t edit_count;
	uint64_t due_ns; /* nothing is to be done before; UINT64_MAX: ever */
	int error; /* of the call that is running */
};

/* An operation's failure is passed on at the end of the call; the first of them. */
static inline void edit_note(struct edits *e, int r)
{
	if (r < 0 && e->error == 0)
		e->error = r;
}

static inline bool edit_key_equal(const struct ft_key *a, const struct ft_key *b)
{
	return a->ino == b->ino && a->dev == b->dev;
}

/* ---- edit_slot.c ---- */

struct slot *edit_slot_find(const struct edits *e, const char *path);
void edit_slot_free(struct edits *e, struct slot *s);
bool edit_slot_open(struct slot *s);
/* What was open cannot touch the path any more. */
void edit_slot_close(struct slot *s);
/* It cannot be settled yet: from now on it waits, if anything in it has ended. */
void edit_slot_wait(struct edits *e, struct slot *s, uint64_t now_ns);

struct edit *edit_last(struct slot *s);
void edit_to_last(struct edit *edit);
void edit_free(struct edits *e, struct edit *edit);
/* Until when something can belong to it. */
uint64_t edit_over_ns(const struct edit *edit);
/*
 * The edit at @path to which an event of @type by @actor belongs, a new one if need be; what is
 * over by that is emitted. @generation: the inode's after the event, 0 when it does not matter. The
 * slot is not settled then. NULL on failure, which is noted.
 */
struct edit *edit_join(struct edits *e, const char *path, const struct ft_actor *actor,
		       enum ft_type type, uint64_t generation, uint64_t now_ns);
/* Whether one is pending whose process is this image now. */
bool edit_has_image(const struct edits *e, uint64_t image);
/* It is this one to be named: the process executes another program now. */
void edit_name(struct edits *e, struct edit *edit, const struct ft_actor *actor);
void edit_set_image(struct edits *e, struct edit *edit, uint64_t image);

/* ---- edit_run.c ---- */

/* The state after its edits is known. Emits what is over, and may free the slot. */
void edit_slot_settle(struct edits *e, struct slot *s, const struct state *state,
		      uint64_t generation, uint64_t now_ns);
/* Something follows: ends its edits but for @keep, the last one or NULL. */
void edit_slot_unsettle(struct edits *e, struct slot *s, const struct edit *keep);
/* Emits what is over at @now_ns, and may free the slot. */
void edit_slot_ripen(struct edits *e, struct slot *s, uint64_t now_ns);
/* Emits the closed ones, settled or not, and may free the slot. @forget: drops those that are open,
 * and the slot. */
void edit_slot_force(struct edits *e, struct slot *s, bool forget, uint64_t now_ns);
uint64_t edit_slot_due_ns(struct slot *s);
/* Its time has come closer. */
void edit_slot_hurry(struct edits *e, struct slot *s);
/* May free the slot. */
void edit_slot_tick(struct edits *e, struct slot *s, uint64_t now_ns);
/* Keeps to the bound. Slots and edits that were had before are not valid any more. */
void edit_make_room(struct edits *e, uint64_t now_ns);

/* ---- edit_method.c ---- */

/* Hands the edit to ops->emit as a record, unless nothing has changed. */
int edit_emit(struct edits *e, const struct slot *s, const struct edit *edit);

/* ---- edit_content.c, edit_name.c, edit_dir.c: the events, whole and checked ---- */

/*
 * Settles the slot when its content can be known: nothing in it is open, and the generation of
 * @key, which is there, is @generation (0: any) before and after reading. Else it waits. May free
 * the slot.
 */
void edit_look(struct edits *e, struct slot *s, const struct ft_key *key, uint64_t generation,
	       uint64_t now_ns);
/* The path as it is, with the key that events name it by. */
int edit_snapshot(struct edits *e, const char *path, struct state *ret_state);
/* The path of an entry that is under watch. -ENOENT when it is not. */
int edit_place_path(struct edits *e, const struct ft_place *place, char **ret_path);

void edit_on_begin(struct edits *e, const struct ft_begin_event *event);
void edit_on_end(struct edits *e, const struct ft_end_event *event);
void edit_on_meta(struct edits *e, const struct ft_meta_event *event);
void edit_on_exit(struct edits *e, const struct ft_exit_event *event);
void edit_on_name(struct edits *e, const struct ft_name_event *event);
/* Of directories: made, removed, moved, exchanged. */
void edit_on_dir(struct edits *e, const struct ft_name_event *event);

/* A name was given to an inode (@flags EDIT_PLACED, EDIT_LINKED), or taken away. */
void edit_appear(struct edits *e, const char *path, const struct ft_name_event *event,
		 const struct ft_key *key, unsigned flags, uint64_t generation);
void edit_vanish(struct edits *e, const char *path, const struct ft_name_event *event);

#endif
