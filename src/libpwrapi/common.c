/*
 * Functions of the API: registration, control, callbacks and tasks.
 */
#include <unistd.h>

#include "libpwrapi/call.h"
#include "libpwrapi/delivery.h"
#include "libpwrapi/powerapi.h"
#include "libpwrapi/registry.h"
#include "libpwrapi/tell.h"
#include "libpwrapi/wire.h"

int PWR_SetLogCallback(void (*callback)(int level, const char *format, va_list args))
{
	if (!callback)
		return PWR_ERR_NULL_POINTER;
	tell_set(callback);
	return PWR_SUCCESS;
}

int PWR_SetServerInfo(const char *path)
{
	return path ? registry_set_path(path) : PWR_ERR_NULL_POINTER;
}

/* The published library binds its end of the connection there. Ours has no name. */
int PWR_SetClientSockPath(const char *folder)
{
	if (!folder)
		return PWR_ERR_NULL_POINTER;
	return access(folder, W_OK) == 0 ? PWR_SUCCESS : PWR_ERR_PATH_VERIFY;
}

int PWR_Register(void)
{
	return registry_begin();
}

int PWR_UnRegister(void)
{
	return registry_end();
}

int PWR_RequestControlAuth(void)
{
	return call_set(WIRE_COM_REQUEST_CONTROL, CALL_NOTHING);
}

int PWR_ReleaseControlAuth(void)
{
	return call_set(WIRE_COM_RELEASE_CONTROL, CALL_NOTHING);
}

int PWR_SetEventCallback(void (*callback)(const PWR_COM_EventInfo *event))
{
	if (!callback)
		return PWR_ERR_NULL_POINTER;
	delivery_set_event(callback);
	return PWR_SUCCESS;
}

int PWR_SetMetaDataCallback(void (*callback)(const PWR_COM_CallbackData *data))
{
	if (!callback)
		return PWR_ERR_NULL_POINTER;
	delivery_set_data(callback);
	return PWR_SUCCESS;
}

static bool valid_task(const PWR_COM_BasicDcTaskInfo *task)
{
	return task->interval >= PWR_MIN_DC_INTERVAL && task->interval <= PWR_MAX_DC_INTERVAL &&
	       (task->dataType == PWR_COM_DATATYPE_CPU_PERF ||
		task->dataType == PWR_COM_DATATYPE_CPU_USAGE);
}

int PWR_CreateDcTask(const PWR_COM_BasicDcTaskInfo *task)
{
	int result = call_check(task, task && valid_task(task));

	if (result != PWR_SUCCESS)
		return result;
	if (!delivery_has_data())
		return PWR_ERR_CALLBACK_FUNCTION_SHOULD_BE_SET_FIRST;
	return call_set(WIRE_COM_CREATE_TASK, CALL_WITH(task));
}

int PWR_DeleteDcTask(PWR_COM_COL_DATATYPE type)
{
	return call_set(WIRE_COM_DELETE_TASK, CALL_WITH(&type));
}
