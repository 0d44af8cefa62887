/*
 * Operations on processors: what they are, how busy, how they sleep.
 */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/def.h"
#include "base/str.h"
#include "pwrapis/machine/cpuinfo.h"
#include "pwrapis/ops.h"
#include "pwrapis/perfdata.h"
#include "pwrapis/pwrapis.h"
#include "pwrapis/read.h"
#include "pwrapis/usagedata.h"

enum { US_PER_S = 1000000 };

/* ---- what they are ---- */

/* A list that does not fit is cut between two parts of it. */
static void copy_list(char out[PWR_MAX_CPU_LIST_LEN], const char *list)
{
	char *comma;

	snprintf(out, PWR_MAX_CPU_LIST_LEN, "%.*s", PWR_MAX_CPU_LIST_LEN - 1, list);
	if (strlen(list) < PWR_MAX_CPU_LIST_LEN)
		return;
	comma = strrchr(out, ',');
	if (comma)
		*comma = '\0';
}

static void copy_info(const struct cpuinfo *from, PWR_CPU_Info *info)
{
	name_copy(info->arch, from->arch);
	snprintf(info->modelName, sizeof(info->modelName), "%s", from->model);
	info->byteOrder = from->big_endian;
	info->coreNum = from->cpus;
	copy_list(info->onlineList, from->online);
	info->threadsPerCore = from->threads_per_core;
	info->coresperSocket = from->cores_per_socket;
	info->maxFreq = from->max_hz / MHZ;
	info->minFreq = from->min_hz / MHZ;
	for (unsigned i = 0; i < from->node_count && i < PWR_MAX_NUMA_NODE_NUM; i++) {
		info->numa[i].nodeNo = from->nodes[i].number;
		copy_list(info->numa[i].cpuList, from->nodes[i].cpus);
		info->numaNum++;
	}
}

/* What the machine does not tell is empty or 0, as the published structure has it. */
int op_cpu_info(struct call *c)
{
	_cleanup_(cpuinfo_deinit) struct cpuinfo from = {};
	int r = cpuinfo_read(machine_root(call_machine(c)), &from);
	PWR_CPU_Info *info;

	if (r < 0)
		return call_code(c, r);
	info = call_reply(c, sizeof(*info));
	if (!info)
		return PWR_ERR_SYS_EXCEPTION;
	copy_info(&from, info);
	return PWR_SUCCESS;
}

int op_cpu_usage(struct call *c)
{
	void *reply = NULL;
	size_t len;
	int r = usage_data(c->session->p, 0, &reply, &len);

	if (r < 0)
		return call_code(c, r);
	c->reply = reply;
	c->reply_len = len;
	return PWR_SUCCESS;
}

static int finish_perf(struct call *c, int r)
{
	void *reply = NULL;
	size_t len;

	if (r == 0)
		r = perf_data(c->session->p, 0, &reply, &len);
	if (r < 0)
		return perf_code(c, r);
	free(c->reply);
	c->reply = reply;
	c->reply_len = len;
	return PWR_SUCCESS;
}

int op_cpu_perf(struct call *c)
{
	return perf_when_known(c, finish_perf);
}

/* ---- idle ---- */

static const struct call_code idle_codes[] = {
	{EOPNOTSUPP, PWR_ERR_NOT_SUPPORT_CPUIDLE},
	{},
};
static const struct call_code idle_set_codes[] = {
	{EOPNOTSUPP, PWR_ERR_NOT_SUPPORT_CPUIDLE},
	{EINVAL, PWR_ERR_GOVERNOR_INVALIDE},
	{},
};

static int read_state(const struct call *c, unsigned index, PWR_CPU_Cstate *state)
{
	double disabled, latency;
	int r = call_read(c, ITEM_IDLE_DISABLED, index, &disabled);

	/* Disabled for some processors only: it is used. */
	if (r == -ENOTUNIQ)
		r = disabled = 0;
	if (r == 0)
		r = call_read(c, ITEM_IDLE_LATENCY, index, &latency);
	if (r == 0)
		r = call_read_text(c, ITEM_IDLE_NAME, index, state->name);
	if (r < 0)
		return r;
	state->id = name_number(machine_name(call_machine(c), POWER_IDLE, index));
	state->disable = disabled != 0;
	state->latency = lround(latency * US_PER_S);
	return 0;
}

static int read_idle(const struct call *c, PWR_CPU_IdleInfo *info, unsigned states)
{
	_cleanup_(str_vector_free_p) char **governors = NULL;
	int r = call_read_text(c, ITEM_IDLE_DRIVER, 0, info->currDrv), n = 0;

	if (r == 0)
		r = call_read_text(c, ITEM_IDLE_GOVERNOR, 0, info->currGov);
	if (r == 0)
		r = call_words(c, ITEM_IDLE_GOVERNORS, 0, &governors);
	for (char **g = governors; r == 0 && *g && n < PWR_MAX_IDLE_GOV_NUM; g++)
		name_copy(info->avGovs[n++], *g);
	for (unsigned i = 0; r == 0 && i < states; i++)
		r = read_state(c, i, &info->cstates[i]);
	info->cstateNum = states;
	return r;
}

int op_cpu_idle_info(struct call *c)
{
	unsigned states = call_count(c, POWER_IDLE);
	PWR_CPU_IdleInfo *info;
	int r;

	c->codes = idle_codes;
	if (states > PWR_MAX_CPU_CSTATE_NUM)
		states = PWR_MAX_CPU_CSTATE_NUM;
	if (!states)
		return PWR_ERR_NOT_SUPPORT_CPUIDLE;
	info = call_reply(c, sizeof(*info) + states * sizeof(info->cstates[0]));
	if (!info)
		return PWR_ERR_SYS_EXCEPTION;
	r = read_idle(c, info, states);
	return r < 0 ? call_code(c, r) : PWR_SUCCESS;
}

int op_cpu_idle_governor(struct call *c)
{
	char governor[PWR_MAX_ELEMENT_NAME_LEN], *reply;
	int r = call_read_text(c, ITEM_IDLE_GOVERNOR, 0, governor);

	c->codes = idle_codes;
	if (r < 0)
		return call_code(c, r);
	reply = call_reply(c, strlen(governor) + 1);
	if (!reply)
		return PWR_ERR_SYS_EXCEPTION;
	strcpy(reply, governor);
	return PWR_SUCCESS;
}

int op_cpu_set_idle_governor(struct call *c)
{
	struct power_value value = {};
	char name[PWR_MAX_ELEMENT_NAME_LEN + 1];
	int r, code;

	c->codes = idle_set_codes;
	name_take(name, c->data);
	snprintf(value.text, sizeof(value.text), "%s", name);
	r = machine_check(call_machine(c), item_number(ITEM_IDLE_GOVERNOR), 0, &value);
	if (r < 0 && r != -EACCES)
		return call_code(c, r);
	code = call_set(c, item_number(ITEM_IDLE_GOVERNOR), 0, &value);
	return code == PWR_SUCCESS ? call_commit(c) : code;
}

/* ---- latency ---- */

static int finish_latency(struct call *c, double seconds)
{
	int *reply = call_reply(c, sizeof(*reply));

	if (!reply)
		return PWR_ERR_SYS_EXCEPTION;
	*reply = lround(seconds * US_PER_S);
	return PWR_SUCCESS;
}

/* The device is root's own on usual machines. */
int op_cpu_latency(struct call *c)
{
	double seconds;
	int r = call_read(c, ITEM_LATENCY_LIMIT, 0, &seconds);

	if (r == -EACCES)
		return call_read_guarded(c, item_number(ITEM_LATENCY_LIMIT), 0, finish_latency);
	return r < 0 ? call_code(c, r) : finish_latency(c, seconds);
}

int op_cpu_set_latency(struct call *c)
{
	const int *us = c->data;
	const struct power_value value = {.number = (double)*us / US_PER_S};
	int code;

	if (*us < 0 || *us > PWR_MAX_CPU_DMA_LATENCY)
		return PWR_ERR_INVALIDE_PARAM;
	code = call_set(c, item_number(ITEM_LATENCY_LIMIT), 0, &value);
	return code == PWR_SUCCESS ? call_commit(c) : code;
}
