/*
 * What users have chosen; see affinity.h.
 */
#include "pwrapis/sched/affinity.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/def.h"
#include "base/fs.h"
#include "base/parse.h"
#include "base/str.h"
#include "pwrapis/machine/backend.h"
#include "pwrapis/machine/procgroup.h"
#include "pwrapis/machine/source.h"

enum { THREADS_BYTES = 1 << 20, DEPTH_MAX = 5 };

/* What a look at a group has in mind. */
struct look {
	int root_fd;
	const struct bitmap *cpus; /* that it is to be given; NULL: none would do */
	struct cpulist all; /* that its tasks have when nobody has chosen */
	unsigned count; /* of tasks and groups that were looked at */
};

static bool contains(const struct bitmap *all, const struct bitmap *some)
{
	for (size_t cpu = 0; (cpu = bitmap_find_set(some, cpu)) < some->bit_count; cpu++)
		if (!bitmap_test(all, cpu))
			return false;
	return true;
}

/* A task that is gone has chosen nothing. */
static int check_task(struct look *l, pid_t tid)
{
	struct cpulist own;

	if (++l->count > AFFINITY_TASKS_MAX)
		return -EUSERS;
	if (procgroup_read_allowed(l->root_fd, tid, &own) < 0 || contains(&own.map, &l->all.map))
		return 0;
	return l->cpus && contains(l->cpus, &own.map) ? 0 : -EUSERS;
}

static int check_tasks(struct look *l, const char *path)
{
	_cleanup_free_ char *text = NULL;
	const char *p;
	size_t len;
	uint64_t tid;

	if (fs_read(l->root_fd, path, THREADS_BYTES, &text, &len) < 0)
		return 0;
	for (p = text; parse_digits(&p, &tid) == 0; p += *p == '\n') {
		int r = tid <= INT32_MAX ? check_task(l, tid) : 0;

		if (r < 0)
			return r;
	}
	return 0;
}

/* Files of the kernel's are named by their controller. */
static bool may_be_group(const char *name)
{
	static const char *const prefixes[] = {"cgroup.", "cpu.",  "cpuset.", "hugetlb.",
					       "io.",	  "irq.",  "memory.", "misc.",
					       "pids.",	  "rdma.", "dmem.",   "pressure"};

	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++)
		if (str_starts(name, prefixes[i]))
			return false;
	return true;
}

static int check_below(struct look *l, const char *path, unsigned depth)
{
	_cleanup_(str_vector_free_p) char **names = NULL;
	char file[SOURCE_PATH_BYTES];
	int r;

	/* Who owns the group may have made any number below it. */
	if (++l->count > AFFINITY_TASKS_MAX ||
	    snprintf(file, sizeof(file), "%s/cgroup.threads", path) >= (int)sizeof(file))
		return -EUSERS;
	r = check_tasks(l, file);
	if (r < 0 || depth == DEPTH_MAX || fs_list(l->root_fd, path, &names) < 0)
		return r;
	for (char **name = names; r == 0 && *name; name++) {
		if (!may_be_group(*name))
			continue;
		if (snprintf(file, sizeof(file), "%s/%s", path, *name) >= (int)sizeof(file))
			return -EUSERS;
		r = check_below(l, file, depth + 1);
	}
	return r;
}

/* Of the group, or of the next one above that has any. */
static int effective(int root_fd, const char *path, struct cpulist *ret_list)
{
	_cleanup_free_ char *folder = strdup(path);

	while (folder && *folder) {
		char file[SOURCE_PATH_BYTES];

		snprintf(file, sizeof(file), "%s/cpuset.cpus.effective", folder);
		if (cpulist_read(root_fd, file, ret_list) == 0 && bitmap_count(&ret_list->map))
			return 0;
		*strrchr(folder, '/') = '\0';
	}
	return -ENOENT;
}

static bool keeps(int root_fd)
{
	_cleanup_free_ char *release = NULL;

	return fs_read_line(root_fd, "/proc/sys/kernel/osrelease", &release) == 0 &&
	       affinity_is_kept(release);
}

bool affinity_is_kept(const char *release)
{
	uint64_t major, minor;

	return parse_digits(&release, &major) == 0 && *release++ == '.' &&
	       parse_digits(&release, &minor) == 0 && (major > 6 || (major == 6 && minor >= 2));
}

int affinity_check_group(int root_fd, const char *path, const struct bitmap *cpus)
{
	struct look l = {.root_fd = root_fd, .cpus = keeps(root_fd) ? cpus : NULL};

	if (effective(root_fd, path, &l.all) < 0)
		return 0;
	return check_below(&l, path, 0);
}

int affinity_check_process(int root_fd, pid_t pid)
{
	_cleanup_(str_vector_free_p) char **tids = NULL;
	struct look l = {.root_fd = root_fd};
	char path[64];
	int r;

	if (cpulist_read(root_fd, MACHINE_CPU_DIR "/online", &l.all) < 0)
		return 0;
	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	r = fs_list(root_fd, path, &tids);
	if (r < 0)
		return r == -ENOENT ? -ESRCH : r;
	for (char **tid = tids; r == 0 && *tid; tid++)
		r = check_task(&l, atoi(*tid));
	return r;
}
