/*
 * A machine to play edits on: a file system in memory, processes, and a kernel that tells events as
 * bpf/abi.h has them. User space may be late: events wait then, while the files go on changing.
 *
 * What fails in the machine itself ends the test. Under watch: /etc, but for what ends in ~, .swp
 * and .tmp; directories there are DEEP. /srv is not under watch.
 */
#ifndef FILETRACE_TESTWORLD_H
#define FILETRACE_TESTWORLD_H

#include "filetrace/edit.h"

enum {
	WORLD_INODES = 4096,
	WORLD_NAMES = 4096,
	WORLD_FILES = 64,
	WORLD_RECORDS = 8192,
	WORLD_PATH = 128,
};

struct world_inode {
	struct ft_inode ft;
	bool watched, dir;
	unsigned links;
	struct state state; /* kind ABSENT: free */
	char *text; /* owned */
};

struct world_name {
	char path[WORLD_PATH]; /* "": free */
	uint64_t ino;
};

/* A process; a value of the test's. */
struct proc {
	uint64_t image;
	uint32_t pid;
};

struct world_file {
	bool used, append, begun, mapped;
	uint64_t ino;
	uint64_t begun_by;
	uint32_t pid, ops;
};

struct world_event {
	struct world_event *next;
	union ft_any_event any;
};

struct world_baseline {
	char path[WORLD_PATH];
	struct state state;
};

struct world {
	struct tree *tree;
	struct watchset *set;
	struct edits *edits;
	uint64_t now_ns, next_image;
	bool late, watch_srv, keep; /* keep: events, for world_again() */
	unsigned drop; /* as many of the next events are lost */
	struct world_event *events, **events_end, *kept, **kept_end;
	struct world_inode inodes[WORLD_INODES];
	struct world_name names[WORLD_NAMES];
	struct world_file files[WORLD_FILES];
	struct world_baseline baselines[WORLD_NAMES];
	struct record records[WORLD_RECORDS];
	size_t record_count, checked;
	unsigned snapshots, directories, resolves, mounts;
	char resolved[WORLD_PATH], directory[WORLD_PATH];
	bool directory_moved;
	int fail_snapshot, fail_baseline, fail_emit; /* errno, once */
	bool late_snapshot; /* the file is written to while it is read */
	enum attribution known;
	bool cannot_tell; /* ops without the optional ones */
};

/* For cmocka's tests: *state is the struct world, with /etc/hosts ("one\n") in it. */
int world_setup(void **state);
int world_teardown(void **state);

/* A file that is there from the start, and has its baseline. */
void world_file(struct world *w, const char *path, const char *text);
void world_link(struct world *w, const char *path, const char *old);

struct proc world_fork(struct world *w);
void world_exec(struct world *w, struct proc *p);
void world_exit(struct world *w, const struct proc *p);

/* Open for writing; a negative errno, or a descriptor of all processes. */
enum { W_CREATE = 1, W_TRUNC = 2, W_APPEND = 4, W_EXCL = 8 };
int world_open(struct world *w, const struct proc *p, const char *path, unsigned flags);
/* @p writes: another one than who opened it has inherited it. At @at, or at the end. */
enum { W_END = -1 };
void world_write(struct world *w, const struct proc *p, int fd, const char *text);
void world_pwrite(struct world *w, const struct proc *p, int fd, const char *text, long at);
/* Fails in the kernel, after it was begun. */
void world_write_fails(struct world *w, const struct proc *p, int fd);
void world_truncate(struct world *w, const struct proc *p, int fd, size_t size);
/* Maps it for stores; it stays so after close, until world_unmap(). */
void world_map(struct world *w, const struct proc *p, int fd);
void world_unmap(struct world *w, const struct proc *p, int fd);
void world_close(struct world *w, const struct proc *p, int fd);

int world_rename(struct world *w, const struct proc *p, const char *from, const char *to);
void world_exchange(struct world *w, const struct proc *p, const char *from, const char *to);
int world_unlink(struct world *w, const struct proc *p, const char *path);
void world_hardlink(struct world *w, const struct proc *p, const char *from, const char *to);
void world_symlink(struct world *w, const struct proc *p, const char *target, const char *path);
void world_mkdir(struct world *w, const struct proc *p, const char *path);
void world_rmdir(struct world *w, const struct proc *p, const char *path);
void world_chmod(struct world *w, const struct proc *p, const char *path, unsigned mode);
void world_chown(struct world *w, const struct proc *p, const char *path, unsigned uid);
void world_times(struct world *w, const struct proc *p, const char *path);
void world_xattr(struct world *w, const struct proc *p, const char *path, unsigned what);
void world_mount(struct world *w, const struct proc *p);

/* open, write, close. */
void world_put(struct world *w, const struct proc *p, const char *path, unsigned flags,
	       const char *text);

/* Time passes; user space looks at it, unless it is late. */
void world_sleep(struct world *w, unsigned ms);
/* User space takes in what has waited. */
void world_catch_up(struct world *w);
/* User space begins anew, and takes in again what was kept. */
void world_again(struct world *w);
/* Everything that can end has ended. */
void world_settle(struct world *w);
struct state world_state(struct world *w, const char *path);

/*
 * The next record that was not checked yet. @old, @new: contents; NULL for absent. Checks that it
 * is made by @p (NULL: not known), exact unless @count is negative: -1 for coalesced.
 */
void world_expect(struct world *w, const char *path, enum method method, const struct proc *p,
		  const char *old, const char *new, int count);
#define COALESCED(count) (-(count))
/* There are no others, nothing is pending, and what paths are is what records say. */
void world_expect_end(struct world *w);

#endif
