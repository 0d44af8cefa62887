/*
 * Operations on the session itself, and those that nothing here answers but by a code.
 */
#include "pwrapis/ops.h"
#include "pwrapis/perfdata.h"
#include "pwrapis/pwrapis.h"
#include "pwrapis/task.h"

static int create(struct call *c)
{
	const PWR_COM_BasicDcTaskInfo *info = c->data;

	return task_create(c->session, info->dataType, info->interval) < 0
		       ? PWR_ERR_CREATE_TASK_FAILED
		       : PWR_SUCCESS;
}

static int create_perf(struct call *c, int r)
{
	return r < 0 ? perf_code(c, r) : create(c);
}

int op_create_task(struct call *c)
{
	const PWR_COM_BasicDcTaskInfo *info = c->data;

	if (info->interval < PWR_MIN_DC_INTERVAL || info->interval > PWR_MAX_DC_INTERVAL)
		return PWR_ERR_INVALIDE_PARAM;
	if (info->dataType == PWR_COM_DATATYPE_CPU_PERF)
		return perf_when_known(c, create_perf);
	if (info->dataType != PWR_COM_DATATYPE_CPU_USAGE)
		return PWR_ERR_NOT_SUPPORT_TASK_TYPE;
	return create(c);
}

int op_delete_task(struct call *c)
{
	const PWR_COM_COL_DATATYPE *type = c->data;

	return task_delete(c->session, *type) < 0 ? PWR_ERR_TASK_NOT_EXISTS : PWR_SUCCESS;
}

int op_request_control(struct call *c)
{
	return control_request(c->session);
}

int op_release_control(struct call *c)
{
	return control_release(c->session);
}
