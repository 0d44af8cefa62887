/*
 * Operations on which processors processes are given: packing, and the smart grid.
 */
#include <errno.h>
#include <string.h>

#include "base/time.h"
#include "pwrapis/ops.h"
#include "pwrapis/pwrapis.h"
#include "pwrapis/read.h"

static const struct call_code codes[] = {
	{ESRCH, PWR_ERR_INVALIDE_PARAM},
	{ENODATA, PWR_ERR_NOT_SUPPORTED},
	{EBUSY, PWR_ERR_WATT_NEED_DISABLE_TO_SET_DOMAIN},
	{},
};

static struct sched *sched_of(const struct call *c)
{
	return c->session->p->sched;
}

/* A code. @missing is the one for a machine without cpuset. */
static int may_look(struct call *c, int missing)
{
	c->codes = codes;
	return sched_of(c)->actuator ? PWR_SUCCESS : missing;
}

/* Who was only granted controls has nothing here: none of them is a control of the table. */
static int may_set(struct call *c, int missing)
{
	int code = may_look(c, missing);

	if (code == PWR_SUCCESS && c->granted_only)
		return PWR_ERR_NOT_AUTHED;
	if (code == PWR_SUCCESS)
		sched_own(sched_of(c), c->session);
	return code;
}

static int may_look_watt(struct call *c)
{
	return may_look(c, PWR_ERR_WATT_SCHED_NOT_SURPPORTED);
}

static int may_set_watt(struct call *c)
{
	return may_set(c, PWR_ERR_WATT_SCHED_NOT_SURPPORTED);
}

static int may_look_grid(struct call *c)
{
	return may_look(c, PWR_ERR_SMART_GRID_NOT_SURPPORTED);
}

static int may_set_grid(struct call *c)
{
	return may_set(c, PWR_ERR_SMART_GRID_NOT_SURPPORTED);
}

static int result(const struct call *c, int r)
{
	return r < 0 ? call_code(c, r) : PWR_SUCCESS;
}

static int reply_number(struct call *c, int number)
{
	int *reply = call_reply(c, sizeof(*reply));

	if (!reply)
		return PWR_ERR_SYS_EXCEPTION;
	*reply = number;
	return PWR_SUCCESS;
}

static bool is_state(int state)
{
	return state == PWR_ENABLE || state == PWR_DISABLE;
}

/* ---- packing ---- */

int op_watt_state(struct call *c)
{
	int code = may_look_watt(c);

	return code == PWR_SUCCESS ? reply_number(c, sched_of(c)->watt_on) : code;
}

int op_watt_set_state(struct call *c)
{
	const int *state = c->data;
	int code = may_set_watt(c);

	if (code != PWR_SUCCESS)
		return code;
	return is_state(*state) ? result(c, sched_set_watt(sched_of(c), *state == PWR_ENABLE))
				: PWR_ERR_INVALIDE_PARAM;
}

int op_watt_set_first_domain(struct call *c)
{
	const int *cpu = c->data;
	int code = may_set_watt(c);

	return code == PWR_SUCCESS ? result(c, sched_set_first_domain(sched_of(c), *cpu)) : code;
}

int op_watt_attrs(struct call *c)
{
	const struct watt_attrs *attrs = &sched_of(c)->attrs;
	PWR_PROC_WattAttrs *reply;
	int code = may_look_watt(c);

	if (code != PWR_SUCCESS)
		return code;
	reply = call_reply(c, sizeof(*reply));
	if (!reply)
		return PWR_ERR_SYS_EXCEPTION;
	reply->scaleThreshold = attrs->threshold_percent;
	reply->domainMask = attrs->mask;
	reply->scaleInterval = attrs->interval_ns / NS_PER_MS;
	return PWR_SUCCESS;
}

int op_watt_set_attrs(struct call *c)
{
	int code = may_set_watt(c);

	return code == PWR_SUCCESS ? result(c, sched_set_attrs(sched_of(c), c->data)) : code;
}

/* Whether the process is one that is asked for. */
typedef bool (*choose_fn)(const struct sched_proc *proc, int level);

static bool is_watt(const struct sched_proc *proc, int level)
{
	return proc->watt;
}

static bool is_of_level(const struct sched_proc *proc, int level)
{
	return proc->level == level;
}

/* Behind @head bytes. */
static int reply_procs(struct call *c, size_t head, choose_fn choose, int level, size_t *ret_count)
{
	const struct sched *s = sched_of(c);
	char *reply = call_reply(c, head + s->proc_count * sizeof(pid_t));
	pid_t *pids = reply ? (pid_t *)(reply + head) : NULL;
	size_t count = 0;

	if (!reply)
		return PWR_ERR_SYS_EXCEPTION;
	for (size_t i = 0; i < s->proc_count; i++)
		if (choose(&s->procs[i], level))
			pids[count++] = s->procs[i].pid;
	call_reply_cut(c, head + count * sizeof(pid_t));
	*ret_count = count;
	return PWR_SUCCESS;
}

int op_watt_procs(struct call *c)
{
	int code = may_look_watt(c);
	size_t count;

	return code == PWR_SUCCESS ? reply_procs(c, 0, is_watt, 0, &count) : code;
}

static int set_procs(struct call *c, bool on)
{
	size_t count = c->head.data_bytes / sizeof(pid_t);
	int code = may_set_watt(c);

	return code == PWR_SUCCESS
		       ? result(c, sched_set_watt_procs(sched_of(c), c->data, count, on))
		       : code;
}

int op_watt_add_procs(struct call *c)
{
	return set_procs(c, true);
}

int op_watt_delete_procs(struct call *c)
{
	return set_procs(c, false);
}

/* ---- the smart grid ---- */

int op_grid_state(struct call *c)
{
	int code = may_look_grid(c);

	return code == PWR_SUCCESS ? reply_number(c, sched_of(c)->grid_on) : code;
}

int op_grid_set_state(struct call *c)
{
	const int *state = c->data;
	int code = may_set_grid(c);

	if (code != PWR_SUCCESS)
		return code;
	return is_state(*state) ? result(c, sched_set_grid(sched_of(c), *state == PWR_ENABLE))
				: PWR_ERR_INVALIDE_PARAM;
}

int op_grid_procs(struct call *c)
{
	const PWR_PROC_SMART_GRID_LEVEL *asked = c->data;
	int code = may_look_grid(c), level = *asked;
	PWR_PROC_SmartGridProcs *reply;
	size_t count;

	if (code != PWR_SUCCESS)
		return code;
	if (level != PWR_PROC_SG_LEVEL_0 && level != PWR_PROC_SG_LEVEL_1)
		return PWR_ERR_INVALIDE_PARAM;
	code = reply_procs(c, sizeof(*reply), is_of_level, level, &count);
	if (code != PWR_SUCCESS)
		return code;
	reply = c->reply;
	reply->level = level;
	reply->procNum = count;
	return PWR_SUCCESS;
}

int op_grid_set_level(struct call *c)
{
	const PWR_PROC_SmartGridProcs *asked = c->data;
	size_t count = (c->head.data_bytes - sizeof(*asked)) / sizeof(pid_t);
	int code = may_set_grid(c);

	if (code != PWR_SUCCESS)
		return code;
	if (asked->procNum < 0 || (size_t)asked->procNum != count)
		return PWR_ERR_INVALIDE_PARAM;
	return result(c, sched_set_level(sched_of(c), asked->procs, count, asked->level));
}

int op_grid_governors(struct call *c)
{
	const struct sched *s = sched_of(c);
	PWR_PROC_SmartGridGov *reply;
	int code = may_look_grid(c);

	if (code != PWR_SUCCESS)
		return code;
	reply = call_reply(c, sizeof(*reply));
	if (!reply)
		return PWR_ERR_SYS_EXCEPTION;
	reply->sgAgentState = s->governors_on ? PWR_ENABLE : PWR_DISABLE;
	name_copy(reply->sgLevel0Gov, s->governors[0]);
	name_copy(reply->sgLevel1Gov, s->governors[1]);
	return PWR_SUCCESS;
}

static const struct call_code governor_codes[] = {
	{EINVAL, PWR_ERR_GOVERNOR_INVALIDE},
	{},
};

int op_grid_set_governors(struct call *c)
{
	int code = may_set_grid(c);

	c->codes = governor_codes;
	return code == PWR_SUCCESS ? result(c, sched_set_governors(sched_of(c), c->data)) : code;
}
