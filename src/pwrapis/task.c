/*
 * Tasks of sessions; see task.h. Each has a timer.
 */
#include "pwrapis/task.h"

#include <errno.h>
#include <stdlib.h>

#include "base/def.h"
#include "pwrapis/perfdata.h"
#include "pwrapis/pwrapis.h"
#include "pwrapis/stamp.h"
#include "pwrapis/usagedata.h"

struct task {
	uv_timer_t timer;
	struct session *session;
	int type;
};

/* What a task of a type sends. */
static int (*const sources[TASK_TYPES + 1])(struct pwrapis *p, size_t before, void **ret_data,
					    size_t *ret_len) = {
	[PWR_COM_DATATYPE_CPU_PERF] = perf_data,
	[PWR_COM_DATATYPE_CPU_USAGE] = usage_data,
};

static void on_closed(uv_handle_t *handle)
{
	free(handle->data);
}

static void on_timer(uv_timer_t *timer)
{
	struct task *t = timer->data;
	struct session *s = t->session;
	_cleanup_free_ PWR_COM_CallbackData *data = NULL;
	struct wire_head head;
	size_t len;

	if (sources[t->type](s->p, sizeof(*data), (void **)&data, &len) < 0)
		return;
	clock_stamp(data->ctime);
	data->dataType = t->type;
	data->dataLen = len - sizeof(*data);
	head = (struct wire_head){
		.major = WIRE_MAJOR,
		.minor = WIRE_MINOR,
		.operation = WIRE_COM_DATA,
		.type = WIRE_DATA,
		.sequence = ++s->p->sequence,
		.system = s->said_pid,
		.data_bytes = len,
	};
	session_send(s, &head, data, len);
}

static bool is_type(int type)
{
	return type >= 1 && type <= TASK_TYPES;
}

int task_delete(struct session *s, int type)
{
	struct task *t = is_type(type) ? s->tasks[type - 1] : NULL;

	if (!t)
		return -ENOENT;
	s->tasks[type - 1] = NULL;
	uv_close((uv_handle_t *)&t->timer, on_closed);
	return 0;
}

int task_create(struct session *s, int type, unsigned interval_ms)
{
	struct task *t;

	if (!is_type(type))
		return -EINVAL;
	t = calloc(1, sizeof(*t));
	if (!t)
		return -ENOMEM;
	task_delete(s, type);
	uv_timer_init(&s->p->daemon->loop, &t->timer);
	t->timer.data = t;
	t->session = s;
	t->type = type;
	s->tasks[type - 1] = t;
	return uv_timer_start(&t->timer, on_timer, interval_ms, interval_ms);
}

void tasks_leave(struct session *s)
{
	for (int type = 1; type <= TASK_TYPES; type++)
		task_delete(s, type);
}
