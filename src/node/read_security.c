/*
 * Readers of powers: what the kernel allows, refuses and records.
 */
#include <string.h>

#include "base/def.h"
#include "base/str.h"
#include "node/read.h"

#define LSM_PATH "/sys/kernel/security/lsm"

/* The list of active modules; false with the finding set when it cannot be read. */
static bool read_modules_list(const struct machine *m, char list[MACHINE_LINE_MAX],
			      struct finding *f)
{
	if (machine_line(m, list, MACHINE_LINE_MAX, LSM_PATH) == 0)
		return true;
	finding_set(f, POWER_UNKNOWN, LSM_PATH " cannot be read: securityfs is not mounted there");
	return false;
}

void read_lsm_list(const struct machine *m, const char *argument, struct finding *f)
{
	char list[MACHINE_LINE_MAX];

	if (!read_modules_list(m, list, f))
		return;
	finding_detail(f, "%s", list);
	finding_set(f, *list ? POWER_YES : POWER_NO, LSM_PATH " says %s", *list ? list : "nothing");
}

static bool has_item(const char *list, const char *item)
{
	size_t len = strlen(item);

	for (const char *p = list; p; p = strchr(p, ',')) {
		p += *p == ',';
		if (strncmp(p, item, len) == 0 && (p[len] == ',' || !p[len]))
			return true;
	}
	return false;
}

void read_lsm_has(const struct machine *m, const char *argument, struct finding *f)
{
	char list[MACHINE_LINE_MAX];

	if (read_modules_list(m, list, f))
		finding_set(f, has_item(list, argument) ? POWER_YES : POWER_NO, LSM_PATH " says %s",
			    *list ? list : "nothing");
}

void read_bpf_unprivileged(const struct machine *m, const char *argument, struct finding *f)
{
	static const char path[] = "/proc/sys/kernel/unprivileged_bpf_disabled";
	static const char *const meanings[] = {
		"everybody may load programs of some kinds",
		"only the privileged may load programs, until the next boot",
		"only the privileged may load programs",
	};
	uint64_t value;

	if (machine_number(m, &value, "%s", path) < 0 || value >= ARRAY_SIZE(meanings)) {
		finding_set(f, POWER_UNKNOWN, "%s cannot be read as 0, 1 or 2", path);
		return;
	}
	finding_detail(f, "%s", meanings[value]);
	finding_set(f, value ? POWER_NO : POWER_YES, "%s says %u", path, (unsigned)value);
}

static bool has_word(const char *words, const char *word)
{
	size_t len = strlen(word);

	for (const char *p = strstr(words, word); p; p = strstr(p + 1, word))
		if ((p == words || p[-1] == ' ') && (p[len] == ' ' || !p[len]))
			return true;
	return false;
}

void read_audit(const struct machine *m, const char *argument, struct finding *f)
{
	char words[4 * MACHINE_LINE_MAX];

	machine_line(m, words, sizeof(words), "/proc/cmdline");
	if (!machine_has(m, "/proc/self/loginuid") || !machine_has(m, "/proc/self/sessionid"))
		finding_set(f, POWER_NO, "no loginuid and sessionid in /proc/self");
	else if (has_word(words, "audit=0") || has_word(words, "audit=off"))
		finding_set(f, POWER_NO, "/proc/cmdline switches it off");
	else
		finding_set(f, POWER_YES, "loginuid and sessionid in /proc/self");
	finding_detail(f, "login uids and sessions of processes");
}

void read_seccomp(const struct machine *m, const char *argument, struct finding *f)
{
	char actions[MACHINE_LINE_MAX];
	int r = machine_line(m, actions, sizeof(actions), "/proc/sys/kernel/seccomp/actions_avail");

	finding_detail(f, "%s", actions);
	finding_set(f, r == 0 && *actions ? POWER_YES : POWER_NO,
		    "/proc/sys/kernel/seccomp/actions_avail %s",
		    r < 0      ? "is not there"
		    : *actions ? "names actions"
			       : "names nothing");
}

void read_selinux(const struct machine *m, const char *argument, struct finding *f)
{
	uint64_t enforce;

	if (machine_number(m, &enforce, "/sys/fs/selinux/enforce") < 0) {
		finding_set(f, POWER_NO, "no number in /sys/fs/selinux/enforce");
		return;
	}
	finding_detail(f, enforce ? "enforcing" : "permissive");
	finding_set(f, POWER_YES, "/sys/fs/selinux/enforce says %u", enforce != 0);
}

void read_apparmor(const struct machine *m, const char *argument, struct finding *f)
{
	static const char path[] = "/sys/module/apparmor/parameters/enabled";
	char value[MACHINE_LINE_MAX];

	machine_line(m, value, sizeof(value), "%s", path);
	finding_set(f, str_equal(value, "Y") ? POWER_YES : POWER_NO, "%s says %s", path,
		    *value ? value : "nothing");
}

void read_modules(const struct machine *m, const char *argument, struct finding *f)
{
	uint64_t disabled = 0;

	finding_detail(f, "modules that are loaded when they are needed");
	if (!machine_has(m, "/proc/modules"))
		finding_set(f, POWER_NO, "/proc/modules is not there");
	else if (machine_number(m, &disabled, "/proc/sys/kernel/modules_disabled") == 0 && disabled)
		finding_set(f, POWER_NO, "/proc/sys/kernel/modules_disabled says 1");
	else
		finding_set(f, POWER_YES, "/proc/modules is there");
}
