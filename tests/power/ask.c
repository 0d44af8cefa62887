/*
 * ask WORD...: calls libpwrapi, a word after the other, and prints "WORD CODE [VALUE]" for each.
 *
 *	control, release	the control token
 *	governor, range, frequency, power, cap, usage, idle, latency	reads it
 *	governor=NAME, range=MIN-MAX (MHz), cap=WATTS, idle=NAME, latency=US	sets it
 *	frequency=POLICY:MHZ	sets that of a policy
 *	events	from then on each is printed: "event TYPE TEXT"
 *	watt, grid	whether it is on; watt=0|1, grid=0|1
 *	procs	processes that are packed; add=PID, delete=PID, vip=PID, other=PID
 *	attrs=THRESHOLD,MASK,MS, first=PROCESSOR, governors=NAME,NAME
 *	speed=INTERFACE:MBIT, spin=DISK:LEVEL	the same
 *	stay	waits until its input ends
 *
 * Fails when one of the calls does, or it cannot register.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/def.h"
#include "libpwrapi/powerapi.h"

enum { USAGE_CPUS = 256, POLICIES = 64, PROCS = 32 };

static char said[256];

static int take_control(const char *value)
{
	return PWR_RequestControlAuth();
}

static int release_control(const char *value)
{
	return PWR_ReleaseControlAuth();
}

static int governor(const char *value)
{
	return value ? PWR_CPU_SetFreqGovernor(value)
		     : PWR_CPU_GetFreqGovernor(said, PWR_MAX_ELEMENT_NAME_LEN);
}

static int range(const char *value)
{
	PWR_CPU_FreqRange r = {};
	int result;

	if (value && sscanf(value, "%d-%d", &r.minFreq, &r.maxFreq) == 2)
		return PWR_CPU_SetFreqRange(&r);
	result = PWR_CPU_GetFreqRange(&r);
	snprintf(said, sizeof(said), "%d-%d", r.minFreq, r.maxFreq);
	return result;
}

static int frequency(const char *value)
{
	PWR_CPU_CurFreq freq[POLICIES] = {};
	uint32_t count = POLICIES;
	size_t len = 0;
	int result;

	if (value && sscanf(value, "%d:%lf", &freq[0].policyId, &freq[0].curFreq) == 2)
		return PWR_CPU_SetFreq(freq, 1);
	result = PWR_CPU_GetFreq(freq, &count, PWR_FALSE);

	for (uint32_t i = 0; result == PWR_SUCCESS && i < count; i++)
		len += snprintf(said + len, sizeof(said) - len, "%s%d:%.0f", i ? " " : "",
				freq[i].policyId, freq[i].curFreq);
	return result;
}

static int power(const char *value)
{
	PWR_SYS_PowerInfo info = {};
	int result = PWR_SYS_GetRtPowerInfo(&info);

	snprintf(said, sizeof(said), "%d %d %d", info.sysPower, info.cpuPower, info.memPower);
	return result;
}

static int cap(const char *value)
{
	int watts = value ? atoi(value) : 0;
	int result = value ? PWR_SYS_SetCappedPower(watts) : PWR_SYS_GetCappedPower(&watts);

	snprintf(said, sizeof(said), "%d", watts);
	return result;
}

static int usage(const char *value)
{
	uint32_t bytes = sizeof(PWR_CPU_Usage) + USAGE_CPUS * sizeof(PWR_CPU_CoreUsage);
	_cleanup_free_ PWR_CPU_Usage *u = calloc(1, bytes);
	int result = u ? PWR_CPU_GetUsage(u, bytes) : PWR_ERR_SYS_EXCEPTION;

	if (u)
		snprintf(said, sizeof(said), "%d %.2f", u->coreNum, u->avgUsage);
	return result;
}

static int idle(const char *value)
{
	return value ? PWR_CPU_SetIdleGovernor(value)
		     : PWR_CPU_GetIdleGovernor(said, PWR_MAX_ELEMENT_NAME_LEN);
}

static int latency(const char *value)
{
	int us = value ? atoi(value) : 0;
	int result = value ? PWR_CPU_DmaSetLatency(us) : PWR_CPU_DmaGetLatency(&us);

	snprintf(said, sizeof(said), "%d", us);
	return result;
}

static void on_event(const PWR_COM_EventInfo *event)
{
	printf("event %d %s\n", event->eventType, event->info);
	fflush(stdout);
}

static int events(const char *value)
{
	return PWR_SetEventCallback(on_event);
}

static int watt(const char *value)
{
	int on = value ? atoi(value) : 0;
	int result = value ? PWR_PROC_SetWattState(on) : PWR_PROC_GetWattState(&on);

	snprintf(said, sizeof(said), "%d", on);
	return result;
}

static int attrs(const char *value)
{
	PWR_PROC_WattAttrs a = {};
	int result;

	if (value &&
	    sscanf(value, "%d,%d,%d", &a.scaleThreshold, &a.domainMask, &a.scaleInterval) == 3)
		return PWR_PROC_SetWattAttrs(&a);
	result = PWR_PROC_GetWattAttrs(&a);
	snprintf(said, sizeof(said), "%d,%d,%d", a.scaleThreshold, a.domainMask, a.scaleInterval);
	return result;
}

static int first(const char *value)
{
	return PWR_PROC_SetWattFirstDomain(value ? atoi(value) : -1);
}

static int procs(const char *value)
{
	pid_t pids[PROCS];
	uint32_t count = PROCS;
	size_t len = 0;
	int result = PWR_PROC_GetWattProcs(pids, &count);

	for (uint32_t i = 0; result == PWR_SUCCESS && i < count; i++)
		len += snprintf(said + len, sizeof(said) - len, "%s%d", i ? " " : "", pids[i]);
	return result;
}

static int add(const char *value)
{
	const pid_t pid = value ? atoi(value) : 0;

	return PWR_PROC_AddWattProcs(&pid, 1);
}

static int delete(const char *value)
{
	const pid_t pid = value ? atoi(value) : 0;

	return PWR_PROC_DelWattProcs(&pid, 1);
}

static int grid(const char *value)
{
	int on = value ? atoi(value) : 0;
	int result = value ? PWR_PROC_SetSmartGridState(on) : PWR_PROC_GetSmartGridState(&on);

	snprintf(said, sizeof(said), "%d", on);
	return result;
}

static int set_level(const char *value, PWR_PROC_SMART_GRID_LEVEL level)
{
	PWR_PROC_SmartGridProcs *asked = calloc(1, sizeof(*asked) + sizeof(pid_t));
	int result;

	if (!asked)
		return PWR_ERR_SYS_EXCEPTION;
	asked->level = level;
	asked->procNum = 1;
	asked->procs[0] = value ? atoi(value) : 0;
	result = PWR_PROC_SetSmartGridLevel(asked);
	free(asked);
	return result;
}

static int vip(const char *value)
{
	return set_level(value, PWR_PROC_SG_LEVEL_0);
}

static int other(const char *value)
{
	return set_level(value, PWR_PROC_SG_LEVEL_1);
}

static int governors(const char *value)
{
	PWR_PROC_SmartGridGov g = {.sgAgentState = PWR_ENABLE};

	if (!value || sscanf(value, "%31[^,],%31s", g.sgLevel0Gov, g.sgLevel1Gov) != 2)
		return PWR_ERR_INVALIDE_PARAM;
	return PWR_PROC_SetSmartGridGov(&g);
}

/* "NAME:NUMBER" */
static int split(const char *value, char name[PWR_MAX_ELEMENT_NAME_LEN], unsigned *ret_number)
{
	return value && sscanf(value, "%31[^:]:%u", name, ret_number) == 2 ? 0 : -1;
}

static int speed(const char *value)
{
	char name[PWR_MAX_ELEMENT_NAME_LEN];
	unsigned mbit;

	return split(value, name, &mbit) < 0 ? PWR_ERR_INVALIDE_PARAM
					     : PWR_NET_SetSpeedMod(name, mbit);
}

static int spin(const char *value)
{
	PWR_DISK_PwrLevel level = {.powerLevel = UINT16_MAX};
	unsigned number;

	if (split(value, level.diskId, &number) < 0)
		return PWR_ERR_INVALIDE_PARAM;
	level.spindownLevel = number;
	return PWR_DISK_SetPwrLevel(&level, 1);
}

static int stay(const char *value)
{
	char byte;

	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	return PWR_SUCCESS;
}

static const struct word {
	const char *name;
	int (*call)(const char *value);
} words[] = {
	{"control", take_control},
	{"release", release_control},
	{"governor", governor},
	{"range", range},
	{"frequency", frequency},
	{"power", power},
	{"cap", cap},
	{"usage", usage},
	{"idle", idle},
	{"latency", latency},
	{"events", events},
	{"watt", watt},
	{"attrs", attrs},
	{"first", first},
	{"procs", procs},
	{"add", add},
	{"delete", delete},
	{"grid", grid},
	{"vip", vip},
	{"other", other},
	{"governors", governors},
	{"speed", speed},
	{"spin", spin},
	{"stay", stay},
};

static bool do_word(const char *text)
{
	const char *equals = strchrnul(text, '=');
	const struct word *word = NULL;
	int result = PWR_ERR_INVALIDE_PARAM;

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (strlen(words[i].name) == equals - text &&
		    memcmp(words[i].name, text, equals - text) == 0)
			word = &words[i];
	said[0] = '\0';
	if (word)
		result = word->call(*equals ? equals + 1 : NULL);
	printf("%s %d%s%s\n", text, result, said[0] && result == PWR_SUCCESS ? " " : "",
	       result == PWR_SUCCESS ? said : "");
	return result == PWR_SUCCESS;
}

int main(int argc, char **argv)
{
	int result = PWR_Register();
	bool good = result == PWR_SUCCESS;

	if (!good)
		printf("register %d\n", result);
	for (int i = 1; i < argc && result == PWR_SUCCESS; i++)
		good &= do_word(argv[i]);
	PWR_UnRegister();
	return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
