/*
 * Groups of processes that processors can be given to, as the machine has them.
 *
 * With control groups v2 that is systemd's tree, and systemd's alone to write: a place is a unit,
 * and its processors are set by asking systemd (AllowedCPUs=, until the next boot). "Below" a slice
 * are units; what is below a service or scope is its own business.
 *
 * With v1 nobody uses the hierarchy of cpuset for itself. A place is a group that we may make in
 * one that is there, its parent: "watt", "grid0" or "grid1" behind the parent's name. What is in
 * ours can be set at will; when it is put back, all that is in it moves to the parent, and the
 * group is gone.
 */
#ifndef PWRAPIS_MACHINE_CGROUP_H
#define PWRAPIS_MACHINE_CGROUP_H

#include "pwrapis/machine/backend.h"
#include "pwrapis/machine/procgroup.h"
#include "pwrapis/machine/source.h"

#define CGROUP_V1_DIR "/sys/fs/cgroup/cpuset"
#define CGROUP_V2_DIR "/sys/fs/cgroup"

enum cgroup_version { CGROUP_NONE, CGROUP_V1, CGROUP_V2 };

/* Our own groups of v1, and what a place of v2 is. */
enum cgroup_kind { CGROUP_UNIT, CGROUP_WATT, CGROUP_GRID0, CGROUP_GRID1, CGROUP_KINDS };

/* How systemd is asked. 0 or a negative errno: -ENOENT when there is no such unit. */
struct cgroup_units {
	/* "" when it is not restricted. */
	int (*get)(void *data, const char *unit, char ret_cpus[POWER_TEXT_BYTES]);
	int (*set)(void *data, const char *unit, const char *cpus);
	/* Starts or stops it; it may take longer than the call. */
	int (*run)(void *data, const char *unit, bool on);
	void *data;
};

/* What can be used here. */
enum cgroup_version cgroup_version(int root_fd);

/* @units is borrowed, and used from now on; NULL: none. */
void cgroup_use_units(struct machine *m, const struct cgroup_units *units);

/* Whether it is a name that a unit can have, and of a kind that has processes. */
bool cgroup_is_unit(const char *name);

/*
 * The place that a process belongs to, by the path of its group (procgroup.h): its unit, whose own
 * group is the first @ret_len bytes of the path, -EOPNOTSUPP when it is in none; or with v1 the
 * name of our own group @kind whose parent it is in, also when it is in ours already.
 */
int cgroup_unit_of(const char *path, char ret_name[POWER_NAME_BYTES], size_t *ret_len);
int cgroup_own_of(const char *path, enum cgroup_kind kind, char ret_name[POWER_NAME_BYTES]);

/* The folder of our own group at a place, which may not be there; -EOPNOTSUPP for a unit. */
int cgroup_own_folder(const struct machine *m, unsigned index, char ret_path[SOURCE_PATH_BYTES]);

/* Adds a place by its name alone, -EINVAL when it is none, -ENOSPC. */
int cgroup_add(struct machine *m, const char *name);

/* ---- for cgroup*.c ---- */

/* Rows of the table about our own groups of v1. */
int cgroup_own_read(struct machine *m, const struct power_item *item, unsigned index,
		    struct power_value *ret_value);
int cgroup_own_check(struct machine *m, const struct power_item *item, unsigned index,
		     const struct power_value *value);
int cgroup_own_write(struct machine *m, const struct power_item *item, unsigned index,
		     const struct power_value *value);
int cgroup_own_read_cpus(struct machine *m, const struct power_item *item, unsigned index,
			 struct power_value *ret_value);
int cgroup_own_check_cpus(struct machine *m, const struct power_item *item, unsigned index,
			  const struct power_value *value);
int cgroup_own_write_cpus(struct machine *m, const struct power_item *item, unsigned index,
			  const struct power_value *value);
int cgroup_own_read_member(struct machine *m, const struct power_item *item, unsigned index,
			   struct power_value *ret_value);
int cgroup_own_check_member(struct machine *m, const struct power_item *item, unsigned index,
			    const struct power_value *value);
int cgroup_own_write_member(struct machine *m, const struct power_item *item, unsigned index,
			    const struct power_value *value);
/* A list as the kernel writes it, of processors that there are, one of them on line. */
int cgroup_check_list(const struct machine *m, const char *text);

#endif
