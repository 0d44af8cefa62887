/*
 * Groups and processors of processes; see procgroup.h.
 */
#include "pwrapis/machine/procgroup.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/def.h"
#include "base/fs.h"

enum { TEXT_BYTES = 16384 };

/* Whether @controller is one of those between @list and @end: "cpu,cpuacct". */
static bool has_controller(const char *list, const char *end, const char *controller)
{
	size_t len = strlen(controller);

	while (list < end) {
		const char *comma = memchr(list, ',', end - list);
		size_t n = (comma ? comma : end) - list;

		if (n == len && memcmp(list, controller, n) == 0)
			return true;
		list += n + 1;
	}
	return false;
}

/* Of "ID:CONTROLLERS:PATH", the path when the line is of that hierarchy, or NULL. */
static const char *path_of(const char *line, const char *end, const char *controller)
{
	const char *list = memchr(line, ':', end - line), *path;

	path = list ? memchr(list + 1, ':', end - list - 1) : NULL;
	if (!path)
		return NULL;
	if (controller)
		return has_controller(list + 1, path, controller) ? path + 1 : NULL;
	return list == line + 1 && *line == '0' && path == list + 1 ? path + 1 : NULL;
}

static int take_path(const char *from, const char *end, char path[PROCGROUP_PATH_BYTES])
{
	size_t len = end - from;

	if (len >= PROCGROUP_PATH_BYTES)
		return -ENAMETOOLONG;
	if (!len || *from != '/')
		return -EBADMSG;
	/* A space is also in " (deleted)". */
	for (size_t i = 0; i < len; i++)
		if (from[i] <= ' ' || from[i] > '~')
			return -EBADMSG;
	memcpy(path, from, len);
	path[len] = '\0';
	return 0;
}

int procgroup_parse(const char *text, const char *controller, char path[PROCGROUP_PATH_BYTES])
{
	while (*text) {
		const char *end = text + strcspn(text, "\n");
		const char *from = path_of(text, end, controller);

		if (from)
			return take_path(from, end, path);
		text = end + (*end == '\n');
	}
	return -ENOENT;
}

static int read_file(int root_fd, pid_t pid, const char *name, char **ret_text)
{
	char file[64];
	size_t len;
	int r;

	snprintf(file, sizeof(file), "/proc/%d/%s", pid, name);
	r = fs_read(root_fd, file, TEXT_BYTES, ret_text, &len);
	return r == -ENOENT ? -ESRCH : r;
}

int procgroup_read(int root_fd, pid_t pid, const char *controller, char path[PROCGROUP_PATH_BYTES])
{
	_cleanup_free_ char *text = NULL;
	int r = read_file(root_fd, pid, "cgroup", &text);

	return r < 0 ? r : procgroup_parse(text, controller, path);
}

int procgroup_parse_allowed(const char *text, struct cpulist *ret_list)
{
	static const char key[] = "\nCpus_allowed_list:\t";
	const char *found = strstr(text, key);

	bitmap_init(&ret_list->map, ret_list->words, CPULIST_MAX);
	if (!found)
		return -EBADMSG;
	found += sizeof(key) - 1;
	return bitmap_parse_list(&ret_list->map, found, strcspn(found, "\n")) < 0 ? -EBADMSG : 0;
}

int procgroup_read_allowed(int root_fd, pid_t tid, struct cpulist *ret_list)
{
	_cleanup_free_ char *text = NULL;
	int r = read_file(root_fd, tid, "status", &text);

	return r < 0 ? r : procgroup_parse_allowed(text, ret_list);
}
