/*
 * usage: prints the frequency of every policy and the usage of every processor, as libpwrapi tells
 * them.
 *
 *     cc usage.c $(pkg-config --cflags --libs pwrapi) -o usage
 *     ./usage [SOCKET]
 */
#include <stdio.h>
#include <stdlib.h>

#include <powerapi.h>

static int print_frequencies(void)
{
	static PWR_CPU_CurFreq freq[PWR_MAX_CPUFREQ_POLICY_NUM];
	uint32_t count = PWR_MAX_CPUFREQ_POLICY_NUM;
	int result = PWR_CPU_GetFreq(freq, &count, PWR_FALSE);

	if (result != PWR_SUCCESS)
		return result;
	for (uint32_t i = 0; i < count; i++)
		printf("policy%-4d %8.0f MHz\n", freq[i].policyId, freq[i].curFreq);
	return PWR_SUCCESS;
}

/* The structure ends with the processors: it is given with room for as many as there may be. */
static int print_usage(void)
{
	uint32_t bytes = sizeof(PWR_CPU_Usage) + 4096 * sizeof(PWR_CPU_CoreUsage);
	PWR_CPU_Usage *usage = malloc(bytes);
	int result = usage ? PWR_CPU_GetUsage(usage, bytes) : PWR_ERR_SYS_EXCEPTION;

	if (result == PWR_SUCCESS) {
		printf("all        %8.1f %%\n", usage->avgUsage * 100);
		for (int i = 0; i < usage->coreNum; i++)
			printf("cpu%-7d %8.1f %%\n", usage->coreUsage[i].coreNo,
			       usage->coreUsage[i].usage * 100);
	}
	free(usage);
	return result;
}

/* A machine without cpufreq still has processors that are busy. */
static int report(const char *what, int result)
{
	if (result == PWR_SUCCESS)
		return 0;
	if (result == PWR_ERR_NOT_SUPPORTED)
		fprintf(stderr, "usage: this machine does not tell its %s\n", what);
	else
		fprintf(stderr, "usage: cannot get the %s: code %d of pwrerr.h\n", what, result);
	return 1;
}

int main(int argc, char **argv)
{
	int failed;

	if (argc > 1)
		PWR_SetServerInfo(argv[1]);
	if (PWR_Register() != PWR_SUCCESS) {
		fprintf(stderr, "usage: cannot connect to the power daemon; does "
				"leonhard-pwrapis run?\n");
		return 1;
	}
	failed = report("frequency", print_frequencies());
	failed |= report("usage", print_usage());
	PWR_UnRegister();
	return failed;
}
