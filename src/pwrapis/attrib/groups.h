/*
 * The control groups of the machine, and the time that was used in each.
 *
 * Of the unified hierarchy that is usage_usec in cpu.stat, else cpuacct.usage of version 1: exact,
 * readable by everybody, and of everything that ever ran in the group, however short it lived. It
 * includes the groups below; what a group used itself is what is left without them. Of the root of
 * the unified hierarchy nothing is known: the kernel counts that one by ticks.
 *
 * A group is known by its path, "/" for the root. One that is gone stays in the table as long as
 * somebody holds it.
 */
#ifndef PWRAPIS_ATTRIB_GROUPS_H
#define PWRAPIS_ATTRIB_GROUPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { GROUPS_MAX = 1024 };

struct group {
	char *path; /* bytes; owned */
	uint64_t id; /* of the unified hierarchy: the inode of its folder */
	struct group *parent; /* NULL: the root */
	unsigned refs; /* of whoever holds it */
	bool there; /* in the last look */
	bool counted; /* used_ns is known in the last look */
	bool fresh; /* was not there in the look before */
	uint64_t total_ns; /* as the kernel tells it */
	uint64_t used_ns; /* between the last two looks, with the groups below */
	/* Of whoever divides what was used (window.c), between two of its steps. */
	uint64_t members_ns, below_ns, own_ns;
	bool own_known;
};

struct groups;

/* Without control groups there is the root alone, of which nothing is known. */
int groups_new(int root_fd, struct groups **ret_groups);
void groups_free(struct groups *g);

/* A look: first all groups are listed, and then read, in steps: each is one folder or file. True as
 * long as there are more. */
void groups_begin(struct groups *g);
bool groups_list(struct groups *g);
bool groups_read(struct groups *g);

/* Those of the last look and those that are held, parents before their children. */
size_t groups_count(const struct groups *g);
struct group *groups_at(const struct groups *g, size_t at);

/* NULL when there is none. */
struct group *groups_by_path(const struct groups *g, const char *path);
struct group *groups_by_id(const struct groups *g, uint64_t id);
struct group *groups_root(const struct groups *g);

/* The path of a process' group in the hierarchy that is looked at, of the text of /proc/PID/cgroup:
 * borrowed from @text, which is changed. NULL when there is none. */
char *groups_path_in(const struct groups *g, char *text);

/* The unit of systemd that a path is of, as a piece of it: the service, scope or other unit below
 * the outer slices, or else the last slice. 0: it is of none. */
size_t groups_unit(const char *path, const char **ret_unit);

#endif
