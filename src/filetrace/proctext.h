/*
 * What texts of /proc/PID say of a process, beyond base/proc.h: who it is to the kernel.
 *
 * The texts hold bytes that the process has chosen (its name). -EBADMSG for one that makes no
 * sense.
 */
#ifndef FILETRACE_PROCTEXT_H
#define FILETRACE_PROCTEXT_H

#include <stdint.h>

#include "filetrace/bpf/abi.h"

struct proctext {
	int32_t parent;
	uint64_t start_ticks; /* since the boot */
	uint32_t tty_major, tty_minor; /* 0, 0: none */
	char state;
	char comm[16];
};

/* /proc/PID/stat. */
int proctext_stat(const char *text, struct proctext *ret_process);
/* The process of a descriptor, in /proc/self/fdinfo/N: -1 when it is gone. */
int proctext_pid(const char *text, int32_t *ret_pid);
/* The effective user of /proc/PID/status. */
int proctext_euid(const char *text, uint32_t *ret_uid);
/* The path in the unified hierarchy of /proc/PID/cgroup, cut in front; "" when there is none. */
void proctext_cgroup(const char *text, char ret_path[FT_CGROUP_BYTES]);
/* The name of a pseudo-terminal as the kernel has it; "" for other terminals. */
void proctext_pts(uint32_t major, uint32_t minor, char ret_name[FT_TTY_BYTES]);
/* Whether a line of /proc/PID/maps is of a shared mapping of @key that can be written. */
int proctext_maps(const char *text, const struct ft_key *key);
/* Whether /proc/PID/fdinfo/N is of a file that can be written. */
int proctext_writable(const char *text);

#endif
