/*
 * Readers of powers: cgroups and pressure.
 */
#include <string.h>

#include "base/def.h"
#include "base/str.h"
#include "node/mounts.h"
#include "node/read.h"

enum { MOUNTS_BYTES_MAX = 256 * 1024, CGROUPS_BYTES_MAX = 16 * 1024 };

static void tell_cgroup2(const struct machine *m, const struct mount *mount, struct finding *f)
{
	_cleanup_free_ char *path = NULL;
	char controllers[MACHINE_LINE_MAX];
	int r = machine_line(m, controllers, sizeof(controllers), "%s/cgroup.controllers",
			     mount->path);

	if (str_escape(mount->path, strlen(mount->path), &path) < 0)
		return;
	finding_detail(f, "%s", r == 0 && *controllers ? controllers : "no controllers");
	if (r < 0)
		finding_set(f, POWER_UNKNOWN, "/proc/mounts has it at %s, where it cannot be read",
			    path);
	else
		finding_set(f, POWER_YES, "/proc/mounts and %s/cgroup.controllers", path);
}

void read_cgroup2(const struct machine *m, const char *argument, struct finding *f)
{
	_cleanup_free_ char *text = NULL;
	struct mount mount;
	char *rest;

	if (machine_text(m, "/proc/mounts", MOUNTS_BYTES_MAX, &text) < 0) {
		finding_set(f, POWER_UNKNOWN, "/proc/mounts cannot be read");
		return;
	}
	rest = text;
	while (mounts_next(&rest, &mount))
		if (str_equal(mount.type, "cgroup2")) {
			tell_cgroup2(m, &mount, f);
			return;
		}
	finding_detail(f, "not mounted");
	finding_set(f, POWER_NO, "/proc/mounts has no cgroup2");
}

static bool is_mounted(const char *mounts, const char *controller)
{
	_cleanup_free_ char *copy = strdup(mounts);
	struct mount mount;
	char *rest = copy;

	while (rest && mounts_next(&rest, &mount))
		if (str_equal(mount.type, "cgroup") && mount_has_option(&mount, controller))
			return true;
	return false;
}

/* Adds the controllers in /proc/cgroups ("name hierarchy groups enabled") that are, or are not,
 * mounted as version 1; their number. */
static unsigned list_controllers(const char *cgroups, const char *mounts, bool mounted,
				 struct finding *f)
{
	_cleanup_free_ char *copy = strdup(cgroups);
	char *line, *rest = copy;
	unsigned count = 0;

	while (rest && (line = strsep(&rest, "\n"))) {
		_cleanup_free_ char *name = NULL;
		size_t len = strcspn(line, "\t ");

		if (*line == '#' || !len || !str_ends(line, "\t1") ||
		    str_escape(line, len, &name) < 0 || is_mounted(mounts, name) != mounted)
			continue;
		finding_list(f, " ", name);
		count++;
	}
	return count;
}

void read_cgroup1(const struct machine *m, const char *argument, struct finding *f)
{
	_cleanup_free_ char *mounts = NULL, *cgroups = NULL;

	if (machine_text(m, "/proc/mounts", MOUNTS_BYTES_MAX, &mounts) < 0 ||
	    machine_text(m, "/proc/cgroups", CGROUPS_BYTES_MAX, &cgroups) < 0) {
		finding_set(f, POWER_UNKNOWN, "/proc/mounts or /proc/cgroups cannot be read");
		return;
	}
	if (list_controllers(cgroups, mounts, true, f)) {
		finding_set(f, POWER_YES, "/proc/mounts has these controllers of /proc/cgroups");
		return;
	}
	finding_detail(f, "not mounted;");
	if (!list_controllers(cgroups, mounts, false, f))
		finding_detail(f, " no controllers");
	finding_set(f, POWER_NO, "/proc/mounts has no controller of /proc/cgroups in a cgroup");
}

void read_pressure(const struct machine *m, const char *argument, struct finding *f)
{
	static const char *const names[] = {"cpu", "io", "memory", "irq"};
	char line[MACHINE_LINE_MAX];

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (machine_line(m, line, sizeof(line), "/proc/pressure/%s", names[i]) == 0 &&
		    *line)
			finding_list(f, " ", names[i]);
	if (f->detail[0])
		finding_set(f, POWER_YES, "files in /proc/pressure can be read");
	else if (machine_has(m, "/proc/pressure"))
		finding_set(f, POWER_NO, "/proc/pressure is there, but says nothing (psi=0?)");
	else
		finding_set(f, POWER_NO, "/proc/pressure is not there");
}
