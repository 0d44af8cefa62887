/*
 * The maps of processes, images and programs, for those who read them beside the programs that keep
 * them.
 */
#ifndef FILETRACE_IMAGE_H
#define FILETRACE_IMAGE_H

#include "filetrace/bpf/abi.h"

/* By its number, in the map procs. */
struct process {
	__u64 image;
	__u64 recent_ns; /* its last edit or name event */
	__u32 edits; /* entries it has in the map of edits */
	__u32 zero;
};

/* By its id, in the map images: the beginning of a struct ft_image, and what nobody is told. */
struct image {
	__u64 id, parent, start_ns, exec_ns;
	__u32 pid, uid, flags, args_bytes;
	char comm[16];
	__u64 program;
	__u32 refs; /* its process, and images it has forked */
	__u32 sent;
	__u32 depth; /* ancestors, about */
	__u32 zero;
};

enum { IMAGE_HEAD = offsetof(struct ft_image, exe) };

_Static_assert(offsetof(struct image, program) == IMAGE_HEAD, "an image begins like its event");

/* By the id of the image that began it, in the map programs: what is the same for all images that
 * run it. Flags, arguments and path are its alone. */
struct program {
	char exe[FT_EXE_BYTES];
	char room[FT_NAME_BYTES]; /* bpf/path.bpf.h; nothing is ever in it */
	__u32 exe_len; /* with the NUL */
	__u32 args_bytes;
	__u32 flags; /* FT_IMAGE_* */
	__u32 refs; /* images */
};

/* In the map args. */
struct args_key {
	__u64 program;
	__u64 chunk;
};

struct args_chunk {
	char bytes[FT_ARGS_CHUNK];
};

#endif
