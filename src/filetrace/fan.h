/*
 * Files by fanotify(7): directories under watch are marked, and what happens in them becomes events
 * of bpf/abi.h. The core of the sources "fanotify" and "tracepoint".
 *
 * Who did it is asked of /proc when the event is read (fanproc.h). An edit begins with the first
 * FAN_MODIFY of a process at an inode and ends with FAN_CLOSE_WRITE, with the process, or when the
 * process has no file left through which it could write, which is looked at now and then.
 *
 * The kernel merges events of one process at one file that were not yet read: they are told in the
 * order in which they must have happened.
 */
#ifndef FILETRACE_FAN_H
#define FILETRACE_FAN_H

#include "filetrace/fanevent.h"
#include "filetrace/fanproc.h"

/* Of a file system: by a descriptor on it, handles are opened. */
struct fan_fs {
	struct list_link link;
	uint32_t fsid[2];
	int fd;
};

struct fan_name {
	uint64_t hash; /* ft_name_hash() */
	uint32_t flags;
};

/* A directory or another inode that events may name. */
struct fan_node {
	struct hashmap_link by_handle, by_key;
	struct list_link link;
	struct fan_handle handle;
	struct ft_key key;
	/* A directory: */
	bool dir_watched;
	uint32_t dir_flags;
	struct fan_name *names; /* owned */
	size_t name_count;
	/* Anything: */
	bool watched; /* itself, as an inode */
	bool marked;
	bool told; /* that it came was told already; the kernel's event will follow */
	bool unlinked;
	bool held; /* while an event about it is being told */
	uint32_t mode, uid, gid, nlink;
	uint64_t size;
	struct list edits; /* open ones: struct fan_edit */
	struct ft_inode info;
};

struct fan_edit {
	struct list_link in_node, in_proc, in_fan;
	struct fan_node *node;
	struct fan_proc *proc; /* NULL: not known; it ends with the next close */
	uint64_t image;
	uint32_t ops, op_count;
	uint64_t last_ns;
};

struct fan {
	int fan_fd, epoll_fd, ready_fd, timer_fd, root_fd;
	struct eventqueue queue;
	struct fan_procs procs;
	struct hashmap by_handle, by_key;
	struct list nodes, systems, edits;
	struct fan_event last_rename;
	uint64_t check_ns; /* how long until edits are looked at: longer each time */
	uint64_t lost;
	/* An inode is under watch from now on; NULL: nobody asks. */
	void (*watched)(void *data, const struct ft_key *key);
	void *data;
	char buf[64 * 1024] __attribute__((aligned(8)));
};

/* -EOPNOTSUPP with *@ret_reason. The caller's memory; fan_deinit() also after a failure. */
int fan_init(struct fan *f, int root_fd, const char **ret_reason);
void fan_deinit(struct fan *f);

/* As of struct source_ops. */
int fan_read(struct fan *f, unsigned max, source_fn fn, void *data);
int fan_watch_dir(struct fan *f, int fd, uint32_t flags, struct ft_key *ret_key);
int fan_watch_name(struct fan *f, const struct ft_key *dir, const char *name, uint32_t flags);
int fan_watch_inode(struct fan *f, int fd, struct ft_key *ret_key);
int fan_unwatch_dir(struct fan *f, const struct ft_key *key);
int fan_unwatch_name(struct fan *f, const struct ft_key *dir, const char *name);
int fan_unwatch_inode(struct fan *f, const struct ft_key *key);
int fan_inode(struct fan *f, const struct ft_key *key, struct ft_inode *ret_inode);

/* ---- within fan*.c ---- */

struct fan_node *fan_find(struct fan *f, const struct fan_handle *handle);
struct fan_node *fan_find_key(struct fan *f, const struct ft_key *key);
/* The node of a handle, made when it is new; NULL without memory. What is gone by now has a key
 * that no inode has. *@ret_new: it was not known. */
struct fan_node *fan_learn(struct fan *f, const struct fan_handle *handle, bool *ret_new);
/* A descriptor of it, O_PATH or what @flags say; negative errno when it is gone. */
int fan_open_node(struct fan *f, const struct fan_node *n, int flags);
/* Reads its metadata anew. -ESTALE when it is gone. */
int fan_stat_node(struct fan *f, struct fan_node *n);
/* Forgets it, unless it is still asked for. */
void fan_forget(struct fan *f, struct fan_node *n);
int fan_mark(struct fan *f, struct fan_node *n, int fd, bool dir);
void fan_set_watched(struct fan *f, struct fan_node *n);
/* Whether the entry is under watch; *@ret_flags: FT_DIR_* of a directory of that name. */
bool fan_covers(const struct fan_node *dir, const char *name, uint32_t *ret_flags);

/* Puts what the event means into the queue. */
void fan_tell(struct fan *f, const struct fan_event *e);
void fan_end_edit(struct fan *f, struct fan_edit *e);
/* Ends those of processes that can write no more. */
void fan_check_edits(struct fan *f);

#endif
