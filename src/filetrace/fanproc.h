/*
 * Who does something, read from /proc at the moment: for sources that are told no more than a
 * process id.
 *
 * Each process that had an event has an entry, and so have its ancestors. A program that it
 * executes later is noticed with its next event. Of a process that is gone by then, what was read
 * before is told for a short while; else nothing is known of it. Images have ids of their own.
 */
#ifndef FILETRACE_FANPROC_H
#define FILETRACE_FANPROC_H

#include "core/list.h"
#include "filetrace/eventqueue.h"
#include "filetrace/hashmap.h"

enum { FAN_PROCS_MAX = 1024, FAN_PROCS_WATCHED = 256 };

struct fan_proc {
	struct hashmap_link by_pid;
	struct list_link link; /* from the one that is used longest ago on */
	struct list edits; /* that are open; source_fanotify.c */
	int32_t pid;
	uint64_t start_ticks;
	uint64_t program; /* a hash of what it executes */
	struct ft_actor actor; /* as it was last */
	uint64_t parent_image;
	int pidfd; /* -1: nobody waits for its end */
	bool ended; /* its descriptor says so; fan_procs_ended() is to be called */
	uint64_t dead_ns; /* 0: not that we know */
};

struct fan_procs {
	int root_fd; /* base/fs.h; borrowed */
	int epoll_fd; /* tells the ends of processes, by struct fan_proc; borrowed */
	struct eventqueue *queue; /* borrowed */
	struct hashmap by_pid;
	struct list all;
	size_t count, watched;
	uint64_t last_image;
	/*
	 * Who knows better than /proc: NULL for nobody. @actor is what /proc says of the process,
	 * its image 0; all of it unset when it is gone. Puts the image into it, and what else is
	 * known, and the image into the queue before; *@ret_start_ns is of the process. -ESRCH.
	 */
	int (*identify)(void *data, const struct ft_key *inode, struct ft_actor *actor,
			uint64_t *ret_start_ns);
	void *data;
};

int fan_procs_init(struct fan_procs *p, int root_fd, int epoll_fd, struct eventqueue *queue);
void fan_procs_deinit(struct fan_procs *p);

/*
 * The process @pid, which did something to @inode, of the event's descriptor @pidfd (negative: it
 * was gone then), which is the caller's. Images that were not sent are put into the queue. NULL
 * when nothing is known of it.
 */
struct fan_proc *fan_procs_get(struct fan_procs *p, int32_t pid, int pidfd,
			       const struct ft_key *inode);

/* Puts an image and its arguments into the queue. */
void fan_procs_send(struct fan_procs *p, const struct ft_image *image, const char *args);

/* The process has ended: FT_EXIT. Its edits have been ended before. */
void fan_procs_ended(struct fan_procs *p, struct fan_proc *proc);

/* Whether the process holds a file or a mapping through which it could write to @key; true when
 * that cannot be read, and it lives. */
bool fan_proc_holds(int root_fd, const struct fan_proc *proc, const struct ft_key *key);

#endif
