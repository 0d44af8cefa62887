/*
 * Processes as /proc shows them, below a root (base/fs.h).
 *
 * A process is known by its id and the time at which it started; the id alone may be another's by
 * the time it is looked at. -ESRCH when the process is gone, -EBADMSG when /proc makes no sense.
 */
#ifndef BASE_PROC_H
#define BASE_PROC_H

#include <stdint.h>
#include <sys/types.h>

struct proc {
	pid_t pid, ppid;
	uid_t uid; /* real */
	uint64_t start_ticks; /* since boot, in clock ticks: with the pid, the process's identity */
	uint64_t rss_bytes;
	uint64_t cpu_ns; /* user and system time, all its threads */
	unsigned threads;
	char state; /* proc(5): R, S, D, Z, T, … */
	char comm[64]; /* as the kernel has it: bytes, NUL-terminated */
};

int proc_read(int root_fd, pid_t pid, struct proc *ret_proc);

/* The arguments, escaped, joined by spaces; at most @max bytes of them. "" for a kernel thread. */
int proc_read_command(int root_fd, pid_t pid, size_t max, char **ret_text);

/*
 * The path of the executable, escaped (base/str.h). -EACCES for processes of others, -ENOENT for
 * threads of the kernel, which have none.
 */
int proc_read_exe(int root_fd, pid_t pid, char **ret_path);

#endif
