/*
 * Operations on the services that the published API knows: whether they run, and running them. What
 * is not installed does not exist. systemd does it, asked by the privileged half; that a service
 * has come up is told by its group.
 */
#include <errno.h>

#include <stdio.h>

#include "base/def.h"
#include "base/fs.h"
#include "pwrapis/machine/cgroup.h"
#include "pwrapis/ops.h"
#include "pwrapis/read.h"

static const char *const units[] = {
	[PWR_PROC_SERVICE_MPCTOOL] = "mpctool.service",
	[PWR_PROC_SERVICE_EAGLE] = "eagle.service",
};

static bool is_installed(int root_fd, const char *unit)
{
	static const char *const folders[] = {"/etc/systemd/system", "/run/systemd/system",
					      "/usr/lib/systemd/system", "/lib/systemd/system"};
	char path[128];

	for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
		snprintf(path, sizeof(path), "%s/%s", folders[i], unit);
		if (fs_exists(root_fd, path) > 0)
			return true;
	}
	return false;
}

/* A code; the place of the unit, which has one also while it does not run. */
static int find_service(struct call *c, int name, unsigned *ret_index)
{
	struct machine *m = call_machine(c);

	if (name < PWR_PROC_SERVICE_MPCTOOL || name > PWR_PROC_SERVICE_EAGLE)
		return PWR_ERR_INVALIDE_PARAM;
	if (!is_installed(machine_root(m), units[name]))
		return PWR_ERR_SERVICE_NOT_EXIST;
	return machine_recall(m, POWER_CGROUP, units[name], ret_index) < 0 ? PWR_ERR_SERVICE_UNABLE
									   : PWR_SUCCESS;
}

int op_service(struct call *c)
{
	const PWR_PROC_ServiceStatus *asked = c->data;
	PWR_PROC_ServiceStatus *reply;
	double runs;
	unsigned index;
	int code = find_service(c, asked->name, &index);

	if (code != PWR_SUCCESS)
		return code;
	reply = call_reply(c, sizeof(*reply));
	if (!reply)
		return PWR_ERR_SYS_EXCEPTION;
	reply->name = asked->name;
	if (call_read(c, ITEM_CGROUP_RUN, index, &runs) < 0)
		reply->status = PWR_PROC_SRV_ST_UNKNOWN;
	else
		reply->status = runs ? PWR_PROC_SRV_ST_RUNNING : PWR_PROC_SRV_ST_INACTIVE;
	return PWR_SUCCESS;
}

static const struct call_code codes[] = {
	{ENOENT, PWR_ERR_SERVICE_NOT_EXIST}, {EOPNOTSUPP, PWR_ERR_SERVICE_UNABLE},
	{EACCES, PWR_ERR_SERVICE_UNABLE},    {ENOTCONN, PWR_ERR_SERVICE_UNABLE},
	{ETIMEDOUT, PWR_ERR_SERVICE_UNABLE}, {},
};

int op_service_set(struct call *c)
{
	const PWR_PROC_ServiceState *asked = c->data;
	const struct power_value value = {.number = asked->state == PWR_SERVICE_START};
	unsigned index;
	int code = find_service(c, asked->name, &index);

	c->codes = codes;
	if (code == PWR_SUCCESS && asked->state != PWR_SERVICE_START &&
	    asked->state != PWR_SERVICE_STOP)
		code = PWR_ERR_INVALIDE_PARAM;
	if (code == PWR_SUCCESS)
		code = call_set(c, item_number(ITEM_CGROUP_RUN), index, &value);
	return code == PWR_SUCCESS ? call_commit(c) : code;
}
