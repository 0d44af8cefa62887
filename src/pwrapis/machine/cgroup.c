/*
 * Places that processors can be given to, and units of systemd; see cgroup.h. Our own groups of v1
 * are cgroupown.c.
 */
#include "pwrapis/machine/cgroup.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/def.h"
#include "base/fs.h"
#include "base/str.h"
#include "pwrapis/machine/source.h"

#define POSSIBLE MACHINE_CPU_DIR "/possible"
#define ONLINE MACHINE_CPU_DIR "/online"
#define OWN_PREFIX "leonhard."

/* Bounds of the look: deeper ones, and those beyond, are left out. */
enum { DEPTH_MAX = 6, UNITS_MAX = 768, PARENTS_MAX = 64 };

static const char *const kinds[CGROUP_KINDS] = {
	[CGROUP_WATT] = "watt",
	[CGROUP_GRID0] = "grid0",
	[CGROUP_GRID1] = "grid1",
};

/* ---- names ---- */

static bool is_slice(const char *name)
{
	return str_ends(name, ".slice");
}

bool cgroup_is_unit(const char *name)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789:-_.\\@";
	size_t len = strlen(name);

	return len < POWER_NAME_BYTES && *name != '.' && name[strspn(name, plain)] == '\0' &&
	       ((is_slice(name) && len > 6) || (str_ends(name, ".service") && len > 8) ||
		(str_ends(name, ".scope") && len > 6));
}

/* From the top: slices, and what is in the last of them. */
int cgroup_unit_of(const char *path, char ret_name[POWER_NAME_BYTES], size_t *ret_len)
{
	char name[POWER_NAME_BYTES], last[POWER_NAME_BYTES] = "";
	const char *p = path, *end = path;

	while (*p == '/' && p[1]) {
		size_t len = strcspn(++p, "/");

		if (len >= sizeof(name))
			break;
		memcpy(name, p, len);
		name[len] = '\0';
		p += len;
		if (!cgroup_is_unit(name))
			break;
		strcpy(last, name);
		end = p;
		if (!is_slice(name))
			break;
	}
	if (!*last)
		return -EOPNOTSUPP;
	strcpy(ret_name, last);
	*ret_len = end - path;
	return 0;
}

/* Of the name of one of our own groups, which it is; or none. */
static enum cgroup_kind kind_of(const char *name, const char *prefix)
{
	for (enum cgroup_kind kind = CGROUP_WATT; kind < CGROUP_KINDS; kind++)
		if (str_starts(name, prefix) && str_equal(name + strlen(prefix), kinds[kind]))
			return kind;
	return CGROUP_UNIT;
}

int cgroup_own_of(const char *path, enum cgroup_kind kind, char ret_name[POWER_NAME_BYTES])
{
	const char *last = strrchr(path, '/');
	size_t len = strlen(path);
	int n;

	if (last && str_starts(last + 1, OWN_PREFIX))
		len = last - path;
	while (len && *path == '/')
		path++, len--;
	n = snprintf(ret_name, POWER_NAME_BYTES, "%.*s%s%s", (int)len, path, len ? "/" : "",
		     kinds[kind]);
	return n < POWER_NAME_BYTES ? 0 : -ENAMETOOLONG;
}

int cgroup_own_folder(const struct machine *m, unsigned index, char ret_path[SOURCE_PATH_BYTES])
{
	const struct instance *place = machine_instance(m, POWER_CGROUP, index);

	if (place->number[0] == CGROUP_UNIT)
		return -EOPNOTSUPP;
	snprintf(ret_path, SOURCE_PATH_BYTES, "%s/" OWN_PREFIX "%s", place->path,
		 kinds[place->number[0]]);
	return 0;
}

/* ---- looking ---- */

enum cgroup_version cgroup_version(int root_fd)
{
	_cleanup_free_ char *line = NULL;
	_cleanup_(str_vector_free_p) char **words = NULL;

	if (fs_exists(root_fd, CGROUP_V1_DIR "/cpuset.cpus") > 0)
		return CGROUP_V1;
	if (fs_read_line(root_fd, CGROUP_V2_DIR "/cgroup.controllers", &line) < 0 ||
	    str_split(line, &words) < 0)
		return CGROUP_NONE;
	return str_vector_contains(words, "cpuset") ? CGROUP_V2 : CGROUP_NONE;
}

static int add_place(struct machine *m, const char *name, const char *path, enum cgroup_kind kind)
{
	unsigned index;
	struct instance *place;
	int r;

	/* Units have one name each; what has the same elsewhere is none of systemd's. */
	if (machine_index(m, POWER_CGROUP, name, &index) == 0)
		return 0;
	r = machine_add(m, POWER_CGROUP, name, path, &place);
	if (r == 0 && place)
		place->number[0] = kind;
	return r;
}

static int look_units(struct machine *m, const char *path, unsigned depth)
{
	_cleanup_(str_vector_free_p) char **names = NULL;
	int r = machine_list(m, path, &names);

	for (char **name = names; r == 0 && *name; name++) {
		char below[INSTANCE_PATH_BYTES];
		int n = snprintf(below, sizeof(below), "%s/%s", path, *name);

		if (!cgroup_is_unit(*name) || n >= (int)sizeof(below) ||
		    machine_count(m, POWER_CGROUP) >= UNITS_MAX)
			continue;
		r = add_place(m, *name, below, CGROUP_UNIT);
		if (r == 0 && is_slice(*name) && depth < DEPTH_MAX)
			r = look_units(m, below, depth + 1);
	}
	return r;
}

static int add_own(struct machine *m, const char *path)
{
	char name[POWER_NAME_BYTES];
	int r = 0;

	for (enum cgroup_kind kind = CGROUP_WATT; r == 0 && kind < CGROUP_KINDS; kind++)
		if (cgroup_own_of(path + strlen(CGROUP_V1_DIR), kind, name) == 0)
			r = add_place(m, name, path, kind);
	return r;
}

static int look_parents(struct machine *m, const char *path, unsigned depth)
{
	_cleanup_(str_vector_free_p) char **names = NULL;
	int r = add_own(m, path);

	if (r == 0)
		r = machine_list(m, path, &names);
	for (char **name = names; r == 0 && names && *name; name++) {
		char below[INSTANCE_PATH_BYTES], file[INSTANCE_PATH_BYTES];
		int n = snprintf(below, sizeof(below), "%s/%s", path, *name);

		if (n >= (int)sizeof(below) || str_starts(*name, OWN_PREFIX) ||
		    snprintf(file, sizeof(file), "%s/cpuset.cpus", below) >= (int)sizeof(file) ||
		    machine_count(m, POWER_CGROUP) >= 3 * PARENTS_MAX ||
		    fs_exists(m->root_fd, file) <= 0)
			continue;
		if (depth < DEPTH_MAX)
			r = look_parents(m, below, depth + 1);
	}
	return r;
}

static int look(struct machine *m)
{
	switch (cgroup_version(m->root_fd)) {
	case CGROUP_V1:
		return look_parents(m, CGROUP_V1_DIR, 0);
	case CGROUP_V2:
		return look_units(m, CGROUP_V2_DIR, 0);
	default:
		return 0;
	}
}

int cgroup_add(struct machine *m, const char *name)
{
	unsigned count = machine_count(m, POWER_CGROUP);
	int r;

	if (cgroup_version(m->root_fd) == CGROUP_V1) {
		const char *last = strrchr(name, '/');
		char path[INSTANCE_PATH_BYTES];
		enum cgroup_kind kind = kind_of(last ? last + 1 : name, "");

		if (!kind || strstr(name, ".."))
			return -EINVAL;
		snprintf(path, sizeof(path), CGROUP_V1_DIR "%s%.*s", last ? "/" : "",
			 last ? (int)(last - name) : 0, name);
		r = add_place(m, name, path, kind);
	} else {
		r = cgroup_is_unit(name) ? add_place(m, name, "", CGROUP_UNIT) : -EINVAL;
	}
	return r == 0 && machine_count(m, POWER_CGROUP) == count ? -ENOSPC : r;
}

/* ---- units ---- */

void cgroup_use_units(struct machine *m, const struct cgroup_units *units)
{
	m->units = units;
}

static const struct instance *unit_at(struct machine *m, unsigned index)
{
	const struct instance *place = machine_instance(m, POWER_CGROUP, index);

	return place->number[0] == CGROUP_UNIT ? place : NULL;
}

/* Where systemd can be asked, what it says holds: it outlives the group. */
static int read_cpus(struct machine *m, const struct power_item *item, unsigned index,
		     struct power_value *ret_value)
{
	const struct instance *unit = unit_at(m, index);
	char line[SOURCE_BYTES];
	int r;

	if (!unit)
		return -EOPNOTSUPP;
	if (m->units)
		return m->units->get(m->units->data, unit->name, ret_value->text);
	r = *unit->path ? source_line(m, unit, "cpuset.cpus", line) : -ENODEV;
	if (r == -EOPNOTSUPP)
		return 0;
	if (r == 0 && strlen(line) >= POWER_TEXT_BYTES)
		return -EFBIG;
	if (r == 0)
		strcpy(ret_value->text, line);
	return r;
}

int cgroup_check_list(const struct machine *m, const char *text)
{
	struct cpulist asked, there;
	char again[POWER_TEXT_BYTES];
	bool online = false;

	if (cpulist_parse(text, &asked) < 0)
		return -EINVAL;
	bitmap_format_list(&asked.map, again, sizeof(again));
	if (!str_equal(again, text) || cpulist_read(m->root_fd, POSSIBLE, &there) < 0)
		return -EINVAL;
	for (size_t cpu = 0; (cpu = bitmap_find_set(&asked.map, cpu)) < CPULIST_MAX; cpu++)
		if (!bitmap_test(&there.map, cpu))
			return -ERANGE;
	if (cpulist_read(m->root_fd, ONLINE, &there) < 0)
		return -EINVAL;
	for (size_t cpu = 0; (cpu = bitmap_find_set(&asked.map, cpu)) < CPULIST_MAX; cpu++)
		online |= bitmap_test(&there.map, cpu);
	return online ? 0 : -ERANGE;
}

static int check_cpus(struct machine *m, const struct power_item *item, unsigned index,
		      const struct power_value *value)
{
	if (!unit_at(m, index))
		return -EOPNOTSUPP;
	return *value->text ? cgroup_check_list(m, value->text) : 0;
}

static int write_cpus(struct machine *m, const struct power_item *item, unsigned index,
		      const struct power_value *value)
{
	const struct instance *unit = unit_at(m, index);

	if (!unit || !m->units)
		return -EOPNOTSUPP;
	return m->units->set(m->units->data, unit->name, value->text);
}

/* ---- services of energy policy ---- */

static bool may_run(const char *unit)
{
	return str_equal(unit, "eagle.service") || str_equal(unit, "mpctool.service");
}

/* A service that runs has a group. */
static int read_run(struct machine *m, const struct power_item *item, unsigned index,
		    struct power_value *ret_value)
{
	const struct instance *unit = unit_at(m, index);

	if (!unit || !may_run(unit->name))
		return -EOPNOTSUPP;
	ret_value->number = *unit->path && fs_exists(m->root_fd, unit->path) > 0;
	return 0;
}

static int check_run(struct machine *m, const struct power_item *item, unsigned index,
		     const struct power_value *value)
{
	const struct instance *unit = unit_at(m, index);

	if (!unit || !may_run(unit->name))
		return -EOPNOTSUPP;
	return value->number == 0 || value->number == 1 ? 0 : -EINVAL;
}

static int write_run(struct machine *m, const struct power_item *item, unsigned index,
		     const struct power_value *value)
{
	const struct instance *unit = unit_at(m, index);

	if (!unit || !m->units)
		return -EOPNOTSUPP;
	return m->units->run(m->units->data, unit->name, value->number != 0);
}

static const struct power_item items[] = {
	{.name = "cgroup.cpus",
	 .help = "Processors that a unit of systemd may use; empty: all (v2).",
	 .domain = POWER_CGROUP,
	 .unit = POWER_TEXT,
	 .flags = POWER_SIGNAL | POWER_CONTROL,
	 .read = read_cpus,
	 .check = check_cpus,
	 .write = write_cpus},
	{.name = "cgroup.own",
	 .help = "Whether there is a group of our own, for processes that are moved (v1).",
	 .domain = POWER_CGROUP,
	 .unit = POWER_BOOLEAN,
	 .flags = POWER_SIGNAL | POWER_CONTROL,
	 .read = cgroup_own_read,
	 .check = cgroup_own_check,
	 .write = cgroup_own_write},
	{.name = "cgroup.own-cpus",
	 .help = "Processors of our own group (v1); they go with the group.",
	 .domain = POWER_CGROUP,
	 .unit = POWER_TEXT,
	 .flags = POWER_SIGNAL | POWER_CONTROL | POWER_ACT,
	 .read = cgroup_own_read_cpus,
	 .check = cgroup_own_check_cpus,
	 .write = cgroup_own_write_cpus},
	{.name = "cgroup.own-member",
	 .help = "How many processes are in our own group (v1). Set: in or out, the id of one, its "
		 "start.",
	 .domain = POWER_CGROUP,
	 .unit = POWER_TEXT,
	 .flags = POWER_SIGNAL | POWER_CONTROL | POWER_ACT,
	 .read = cgroup_own_read_member,
	 .check = cgroup_own_check_member,
	 .write = cgroup_own_write_member},
	{.name = "cgroup.run",
	 .help = "Whether a service of energy policy runs: eagle.service, mpctool.service (v2).",
	 .domain = POWER_CGROUP,
	 .unit = POWER_BOOLEAN,
	 .flags = POWER_SIGNAL | POWER_CONTROL | POWER_ACT,
	 .read = read_run,
	 .check = check_run,
	 .write = write_run},
};

const struct backend backend_cgroup = {items, ARRAY_SIZE(items), look};
