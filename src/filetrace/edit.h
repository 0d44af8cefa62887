/*
 * Edits: events of the kernel in, one record per edit out.
 *
 * An edit is what one process does to one path: from its first modification until nothing of it can
 * follow (FT_END), or until the path's name is given, taken or changed. What belongs together:
 *
 *  - names changed by one process at one path within 500 ms (a backup that is made, a file that is
 *    written and renamed into place) are one edit, with what is written meanwhile, and with changes
 *    of mode, owner and attributes that follow within it;
 *  - two times open, written, closed are two edits. When the content between them could not be
 * read, since the second had begun (generations tell), edits of one process become one record with
 *    op_count, and those of several each have a record with the same old and new content; all of
 *    them are "coalesced";
 *  - an execve() in the middle does not divide an edit: of "sort x >y" the shell truncates and sort
 *    writes, and sort is named;
 *  - a path that was not there before and is not there after leaves no record (temporary files);
 *    neither does an edit after which content, names and metadata are what they were and no time of
 *    change has moved: it failed.
 *
 * An edit is over, at the latest: with its process (FT_EXIT); 500 ms after its last change of a
 * name; 100 ms after FT_END, when only content was changed. Content is read at once at FT_END,
 * though. Edits that overlap for more than 2 s do not wait for each other any longer: the path is
 * looked at, and those that have ended are emitted, coalesced.
 *
 * At most EDITS_MAX edits are pending, but for those that one event begins. Beyond, the path that
 * waits longest is looked at; what has ended there is emitted, coalesced, and what goes on is
 * forgotten: its FT_END makes an edit of its own then, of which less is known (partial).
 *
 * Records are of files, links and the like; of directories, only what is in them.
 *
 * Pure logic: what the world looks like is asked through struct edits_ops. One thread.
 */
#ifndef FILETRACE_EDIT_H
#define FILETRACE_EDIT_H

#include "filetrace/record.h"
#include "filetrace/tree.h"
#include "filetrace/watchset.h"

enum { EDITS_MAX = 2048 };

struct edits;

struct edits_ops {
	/* No operation fails with -EBADMSG. */

	/* The path as it was after its last record; absent for one that is new. */
	int (*baseline)(void *data, const char *path, struct state *ret_state);
	/* The path now; its content is kept under its hash, so that a diff can be made later. */
	int (*snapshot)(void *data, const char *path, struct state *ret_state);
	/* The generation of an inode, as of source_ops. */
	int (*inode)(void *data, const struct ft_key *key, struct ft_inode *ret_inode);
	/* A finished edit: everything but id, diff and fields is set. Takes what @r owns. From now
	 * on r->new is the path's baseline. */
	int (*emit)(void *data, struct record *r);
	/* A directory came under watch by an event, and is in the tree. @moved: with what is in it;
	 * else it was empty when it came. */
	int (*directory)(void *data, const char *path, const struct ft_key *key,
			 const struct ft_actor *actor, bool moved);
	/* A directory that leads to what is under watch went away or came: watches are to be
	 * resolved again below @path. What is gone there or new, and no event tells of, is the
	 * actor's. */
	int (*resolve)(void *data, const char *path, const struct ft_actor *actor);
	/* Mounts have changed. */
	int (*mounts)(void *data, const struct ft_actor *actor);
	/* CLOCK_REALTIME of a CLOCK_BOOTTIME. */
	int64_t (*wall_ns)(void *data, uint64_t boot_ns);
	/* Whether the content of @new begins with all of @old's. NULL: it is not known, and no edit
	 * is an append. Both are hashed. */
	bool (*is_prefix)(void *data, const struct state *old, const struct state *new);
	/* What is known of an image, which is not 0, and of its ancestors. NULL: all. */
	enum attribution (*known)(void *data, uint64_t image);
};

int edits_new(struct tree *tree, const struct watchset *set, const struct edits_ops *ops,
	      void *data, struct edits **ret_edits);
void edits_free(struct edits *e);
void edits_free_p(struct edits **e);

/* Takes in an event, in their order. FT_IMAGE and FT_ARGS are none of its business. A negative
 * errno of an operation is passed on; the event counts as taken. -EBADMSG for one that is none. */
int edits_event(struct edits *e, const struct ft_event *event);
/* Events got lost: whether an edit that seems to go on does so, is asked soon. */
void edits_doubt(struct edits *e, uint64_t now_ns);
/* Ends what is over at @now_ns (CLOCK_BOOTTIME). While events are left unread it is the time of the
 * last one that was taken in: what follows in them may belong to what is pending. */
int edits_tick(struct edits *e, uint64_t now_ns);
/* When edits_tick() will have something to do; UINT64_MAX for never. */
uint64_t edits_next_ns(const struct edits *e);
/* Ends all that are closed, whatever the time is, and forgets those that are open. */
int edits_flush(struct edits *e);
/* Whether an edit of @path is going on, or not yet emitted: others do not look at it then. */
bool edits_busy(const struct edits *e, const char *path);
/* Of edits that are not yet emitted. */
size_t edits_count(const struct edits *e);
/* Whether one of those has begun with @event, one that was taken in, or has gone on with it. These
 * events can be taken in again by another struct edits. Others may not: a record could be made of
 * them again. */
bool edits_need(const struct edits *e, const struct ft_event *event);

#endif
