/*
 * Where a process belongs: its group, and the processors that it may use.
 *
 * -ESRCH when it is gone, -EBADMSG when what the kernel wrote makes no sense here: a path with
 * other than printable ASCII, for one, which no group of ours and no unit has.
 */
#ifndef PWRAPIS_MACHINE_PROCGROUP_H
#define PWRAPIS_MACHINE_PROCGROUP_H

#include <sys/types.h>

#include "pwrapis/machine/cpulist.h"

enum { PROCGROUP_PATH_BYTES = 192 };

/*
 * Of the text of /proc/PID/cgroup, the path in the hierarchy of @controller ("cpuset"), or in that
 * of v2 when it is NULL: "/system.slice/cron.service"; "/" at the top. -ENOENT when there is no
 * such hierarchy, -ENAMETOOLONG.
 */
int procgroup_parse(const char *text, const char *controller, char path[PROCGROUP_PATH_BYTES]);
int procgroup_read(int root_fd, pid_t pid, const char *controller, char path[PROCGROUP_PATH_BYTES]);

/* Of the text of a "status", the processors that the task may use. */
int procgroup_parse_allowed(const char *text, struct cpulist *ret_list);
/* Of the task @tid, which any process's may be. */
int procgroup_read_allowed(int root_fd, pid_t tid, struct cpulist *ret_list);

#endif
