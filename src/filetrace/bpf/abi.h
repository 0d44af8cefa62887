/*
 * What the programs in the kernel and the capturing daemon share: keys and values of the maps, and
 * the events in the ring. Sources that do not use BPF make the same events.
 *
 * Every structure has the same layout for both; sizes are asserted. Times are nanoseconds of
 * CLOCK_BOOTTIME, user ids those of the first user namespace, devices the kernel's own encoding
 * (sb->s_dev: major << 20 | minor). Texts end with a NUL byte. Bytes behind an event's used part
 * are not sent.
 *
 * The order of events. For one inode they come in the order in which things happened, and an image
 * comes before the first event that names it, its ancestors before it. An event for which the ring
 * has no room is counted (struct ft_counts); the generation of the inode shows where.
 *
 * Generations. Each inode under watch has a number that grows *before* each modification begins.
 * Who reads the number, the content, and the same number again, has the content as it was at that
 * number, provided that no edit was going on (struct ft_inode, edits).
 */
#ifndef FILETRACE_ABI_H
#define FILETRACE_ABI_H

#ifndef __bpf__
#include <linux/types.h>
#endif

/* Raised with every change of this file: pinned maps of another layout are not adopted. */
#define FT_ABI 1

enum {
	FT_NAME_BYTES = 256, /* a name in a directory, with its NUL */
	FT_EXE_BYTES = 1024, /* cut in front when longer (FT_IMAGE_EXE_CUT) */
	FT_TTY_BYTES = 32,
	FT_CGROUP_BYTES = 256, /* cut in front when longer: the last parts tell the unit */
	FT_ARGS_CHUNK = 1024,
	FT_ARGS_BYTES = 32 * 1024, /* arguments beyond are left out (FT_IMAGE_ARGS_CUT) */
	FT_ANCESTRY = 32,
	FT_WRITERS = 8,
};

#define FT_UNSET 0xffffffffU /* a login uid or an audit session that there is not */

struct ft_key {
	__u64 ino;
	__u32 dev;
	__u32 zero;
};

/* ---- maps that the daemon fills ---- */

/* Of a directory: which of its entries are under watch. */
enum {
	FT_DIR_ALL = 1, /* every entry; else those in the map of names */
	FT_DIR_DEEP = 2, /* directories that are made in it, or moved into it, are like it */
};

struct ft_dir {
	__u32 flags;
};

/* Of a single entry of a directory, there or not. The hash is ft_name_hash(). */
struct ft_name_key {
	struct ft_key dir;
	__u64 hash;
};

struct ft_name {
	__u32 flags; /* FT_DIR_*, of a directory that is made or moved under this name */
};

/* FNV-1a, 64 bits. A name that collides with one under watch costs an event and no more: the daemon
 * compares names. */
static inline __u64 ft_name_hash(const char *name, __u32 len)
{
	__u64 hash = 0xcbf29ce484222325ULL;

	for (__u32 i = 0; i < len && i < FT_NAME_BYTES; i++)
		hash = (hash ^ (__u8)name[i]) * 0x100000001b3ULL;
	return hash;
}

/*
 * Of an inode under watch: added by the daemon for what is there, by the kernel for what is made,
 * moved or found under a name under watch; removed by the kernel with the inode's last name and
 * the last file that could write to it.
 */
struct ft_inode {
	__u64 generation;
	__u32 igeneration; /* of the inode: another one means that the number was used again */
	__u32 edits; /* going on: modified, and by a process that still can */
	__u32 writer_count; /* ever; the last ones are writers[(writer_count - 1) % FT_WRITERS] … */
	__u32 zero;
	__u64 writers[FT_WRITERS]; /* images */
};

/* ---- process images ---- */

enum {
	FT_IMAGE_ARGS_CUT = 1,
	FT_IMAGE_EXE_CUT = 2,
	FT_IMAGE_LATE = 4, /* was running when capture began: read from it then */
	FT_IMAGE_KERNEL = 8, /* a thread of the kernel */
	FT_IMAGE_NO_ARGS = 16, /* its memory could not be read */
	FT_IMAGE_ORPHAN = 32, /* it has a parent that is not known */
};

/*
 * A program in a process: a new one for each execve() and each fork(). The id is never used twice
 * in a boot. It lives in its map while the process or a descendant does.
 */
struct ft_image {
	__u64 id;
	__u64 parent; /* the image that forked the process; 0 for none */
	__u64 start_ns; /* of the process */
	__u64 exec_ns; /* of the program */
	__u32 pid; /* the process (tgid) in the first pid namespace */
	__u32 uid; /* effective */
	__u32 flags;
	__u32 args_bytes; /* NUL-terminated strings, one behind the other, in chunks */
	char comm[16];
	char exe[FT_EXE_BYTES]; /* as seen from the root of the mount namespace; "" for none */
};

/* ---- events ---- */

enum ft_type {
	FT_IMAGE = 1, /* struct ft_image_event */
	FT_ARGS, /* struct ft_args_event: as many as the image's args_bytes need */
	FT_BEGIN, /* struct ft_begin_event: the first modification of an edit */
	FT_END, /* struct ft_end_event: nothing of this edit can follow */
	FT_META, /* struct ft_meta_event: mode, owner, attributes or times were changed */
	FT_NAME, /* struct ft_name_event: a name came, went, or leads elsewhere */
	FT_EXIT, /* struct ft_exit_event: a process with a recent edit ended or became another image
		  */
	FT_MOUNT, /* struct ft_mount_event: the mounts of the first namespace are others */
	FT_TYPE_END,
};

struct ft_event {
	__u32 type;
	__u32 size; /* of the whole */
	__u64 time_ns;
};

struct ft_image_event {
	struct ft_event event;
	struct ft_image image;
};

struct ft_args_event {
	struct ft_event event;
	__u64 image;
	__u32 offset, len;
	char bytes[FT_ARGS_CHUNK];
};

/* Who does it, as of now: what may differ from its image. */
struct ft_actor {
	__u64 image; /* 0: not known */
	__u32 pid, tid;
	__u32 uid; /* effective */
	__u32 login_uid, session; /* FT_UNSET */
	__u32 zero;
	char tty[FT_TTY_BYTES]; /* "pts0" as the kernel has it; "" for none */
	char cgroup[FT_CGROUP_BYTES]; /* path in the unified hierarchy: "/system.slice/ssh.service"
				       */
};

/* An entry of a directory. The directory need not be one under watch: of a file with two names, the
 * other may be used. */
struct ft_place {
	struct ft_key dir;
	char name[FT_NAME_BYTES];
};

enum {
	FT_OP_WRITE = 1,
	FT_OP_TRUNCATE = 2,
	FT_OP_MMAP = 4, /* shared and writable: stores cannot be seen, and may follow */
	FT_OP_ALLOCATE = 8, /* fallocate, clone or copy into it */
};

struct ft_begin_event {
	struct ft_event event;
	struct ft_actor actor;
	struct ft_key inode;
	__u64 generation; /* before it */
	__u64 size; /* before it, bytes */
	__u32 ops; /* FT_OP_*, the first */
	__u32 zero;
	struct ft_place place;
};

/* There is one FT_END for each FT_BEGIN, unless a process was cut off from its file by the end of
 * capture. */
struct ft_end_event {
	struct ft_event event;
	__u64 image; /* of the FT_BEGIN */
	__u64 last_image; /* of the same process, when it has executed something since */
	struct ft_key inode;
	__u64 generation; /* now */
	__u32 ops; /* FT_OP_*, all */
	__u32 op_count; /* system calls, about: mmap is one */
	__u32 others; /* edits of the inode that go on */
	__u32 zero;
};

enum {
	FT_META_MODE = 1,
	FT_META_OWNER = 2,
	FT_META_TIMES = 4, /* set, not just touched by a write */
	FT_META_XATTR = 8,
	FT_META_ACL = 16,
	FT_META_FLAGS = 32, /* chattr(1) */
};

struct ft_meta_event {
	struct ft_event event;
	struct ft_actor actor;
	struct ft_key inode;
	__u64 generation; /* after it */
	__u32 what;
	__u32 zero;
	struct ft_place place;
};

enum ft_name_op {
	FT_NAME_CREATE = 1, /* open(O_CREAT), mknod: a new inode */
	FT_NAME_UNLINK,
	FT_NAME_RENAME, /* from place to to; victim is what was there */
	FT_NAME_EXCHANGE,
	FT_NAME_LINK, /* another name, to, for an inode that has one */
	FT_NAME_SYMLINK,
	FT_NAME_MKDIR,
	FT_NAME_RMDIR,
};

struct ft_name_event {
	struct ft_event event;
	struct ft_actor actor;
	__u32 op;
	__u32 mode; /* of the inode: its kind and bits */
	struct ft_key inode;
	struct ft_key victim; /* zeroes for none */
	__u64 generation; /* of the inode, after it; 0 when it is not under watch */
	struct ft_place place;
	struct ft_place to; /* of rename, exchange and link; else not sent */
};

struct ft_exit_event {
	struct ft_event event;
	__u64 image;
	__u64 next; /* of the same process, when it was an execve(); 0 when the process ended */
};

struct ft_mount_event {
	struct ft_event event;
	struct ft_actor actor;
	__u32 unmount; /* 1: something was taken away */
	__u32 zero;
};

/* Room for any of them. */
union ft_any_event {
	struct ft_event event;
	struct ft_image_event image;
	struct ft_args_event args;
	struct ft_begin_event begin;
	struct ft_end_event end;
	struct ft_meta_event meta;
	struct ft_name_event name;
	struct ft_exit_event exit;
	struct ft_mount_event mount;
};

/* The number of events for which the ring had no room, and of things for which a map had none. */
struct ft_counts {
	__u64 lost_events;
	__u64 lost_images;
	__u64 lost_inodes;
	__u64 lost_edits;
};

_Static_assert(sizeof(struct ft_key) == 16, "no padding");
_Static_assert(sizeof(struct ft_name_key) == 24, "no padding");
_Static_assert(sizeof(struct ft_inode) == 88, "no padding");
_Static_assert(sizeof(struct ft_image) == 48 + 16 + FT_EXE_BYTES, "no padding");
_Static_assert(sizeof(struct ft_actor) == 32 + FT_TTY_BYTES + FT_CGROUP_BYTES, "no padding");
_Static_assert(sizeof(struct ft_begin_event) == 16 + 320 + 16 + 24 + 272, "no padding");
_Static_assert(sizeof(struct ft_end_event) == 16 + 16 + 16 + 24, "no padding");
_Static_assert(sizeof(struct ft_name_event) == 16 + 320 + 48 + 2 * 272, "no padding");

#endif
