/*
 * What the programs of the source "tracepoint" and their user share, beyond abi.h.
 */
#ifndef FILETRACE_TRACEPOINT_H
#define FILETRACE_TRACEPOINT_H

#include "filetrace/bpf/abi.h"

enum {
	FT_TOUCHES = 8192, /* of inodes by processes, the latest */
	FT_GONE = 8192, /* processes that have ended, the latest */
	FT_KEPT = 4096, /* images that nobody is any more, the latest */
};

struct ft_touch_key {
	struct ft_key inode;
	__u32 pid;
	__u32 zero;
};

/* A process that has ended, as it was then. */
struct ft_gone {
	struct ft_actor actor;
	__u64 end_ns;
};

#endif
