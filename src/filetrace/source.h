/*
 * Where events come from: one of several ways to see modifications, chosen by trial.
 *
 *	lsm		BPF programs on LSM hooks and on functions of the VFS: sees all, and by whom
 *	tracepoint	BPF tracepoints for processes and writers, fanotify for files
 *	fanotify	fanotify for files, /proc for processes
 *
 * All give the events of bpf/abi.h. What a way cannot see or tell, its table says, and users are
 * told. A source belongs to one thread. Functions return 0 or a negative errno.
 */
#ifndef FILETRACE_SOURCE_H
#define FILETRACE_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "filetrace/bpf/abi.h"

struct source;

struct source_config {
	int root_fd; /* base/fs.h; borrowed */
	const char *boot_id; /* of this boot, for what is pinned */
	const char *pin_dir; /* in a BPF file system; NULL: nothing is pinned, for tests */
	uint32_t ring_bytes; /* a power of two, at least a page */
};

/* What a source could not take; an event for a person. */
struct source_counts {
	uint64_t lost; /* events since the source was first opened in this boot */
};

/* @event is valid for the call. A non-zero result ends the reading after this event. */
typedef int (*source_fn)(void *data, const struct ft_event *event);

struct source_ops {
	const char *name;
	/* Sentences, NULL-terminated: what this way cannot see or tell. */
	const char *const *cannot_see;

	/*
	 * -EOPNOTSUPP when this machine lacks what it needs: *@ret_reason is a static text then.
	 * *@ret_adopted: whether a pinned one, of a daemon that was killed, goes on: its ring and
	 * watches are as that one left them.
	 */
	int (*open)(const struct source_config *config, struct source **ret_source,
		    bool *ret_adopted, const char **ret_reason);
	/* @keep: what is pinned stays and goes on. Else nothing of it is left. */
	void (*close)(struct source *s, bool keep);

	/* Readable when there are events. */
	int (*fd)(const struct source *s);
	/* Hands out up to @max events. The number of them, or a negative errno. */
	int (*read)(struct source *s, unsigned max, source_fn fn, void *data);
	/*
	 * Everything read so far is stored: it will not be handed out again. Before that a new
	 * daemon gets it again; so that it can tell, *@ret_position of position() grows with each
	 * event, and is the same for the same event throughout a boot (0 where it is not pinned).
	 * skip() goes on behind a position that was stored and not committed.
	 */
	void (*commit)(struct source *s);
	uint64_t (*position)(const struct source *s);
	int (*skip)(struct source *s, uint64_t position);

	/*
	 * Watches. A descriptor is of the file or directory itself (O_RDONLY, or O_PATH for what
	 * should not be opened); the key is what events name it by. For an inode that is under
	 * watch already, its generation stays.
	 */
	int (*watch_dir)(struct source *s, int fd, uint32_t flags, struct ft_key *ret_key);
	int (*watch_name)(struct source *s, const struct ft_key *dir, const char *name,
			  uint32_t flags);
	int (*watch_inode)(struct source *s, int fd, struct ft_key *ret_key);
	int (*unwatch_dir)(struct source *s, const struct ft_key *key);
	int (*unwatch_name)(struct source *s, const struct ft_key *dir, const char *name);
	int (*unwatch_inode)(struct source *s, const struct ft_key *key);

	/* Whether an image may still be named by an event to come. NULL: that is not known. */
	bool (*image_lives)(struct source *s, uint64_t image);

	/* Its generation and edits. -ENOENT when it is not under watch. */
	int (*inode)(struct source *s, const struct ft_key *key, struct ft_inode *ret_inode);
	void (*counts)(const struct source *s, struct source_counts *ret_counts);
};

/* From the best to the last; NULL-terminated. */
extern const struct source_ops *const sources[];

/* Removes what a source has pinned in @pin_dir, whichever it was; for uninstalling. 0 when there is
 * nothing. */
int source_unpin(const char *pin_dir);

#endif
