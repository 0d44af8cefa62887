/*
 * Whether users have chosen processors themselves: a task whose own processors are fewer than those
 * of its group is left alone.
 *
 * From Linux 6.2 on the kernel keeps what a user has chosen, and gives the task what both have in
 * common; such a task may be where all it has chosen stays. Before, the kernel forgets the choice
 * when the group's processors change: then a group with such a task is not touched.
 */
#ifndef PWRAPIS_SCHED_AFFINITY_H
#define PWRAPIS_SCHED_AFFINITY_H

#include <sys/types.h>

#include "core/bitmap.h"

/* So many tasks are looked at, of one group; one with more is left alone. */
enum { AFFINITY_TASKS_MAX = 4096 };

/*
 * Whether a group of v2, the folder @path, and those below it may be given @cpus: 0, or -EUSERS. It
 * may when the machine does not tell.
 */
int affinity_check_group(int root_fd, const char *path, const struct bitmap *cpus);

/* Whether all tasks of a process may use all that are on line: 0, -EUSERS, -ESRCH. */
int affinity_check_process(int root_fd, pid_t pid);

/* Whether a text of /proc/sys/kernel/osrelease is of a kernel that keeps choices. */
bool affinity_is_kept(const char *release);

#endif
