/*
 * agent: moves the power cap of the machine with its load, as an ordinary user. A line of
 * /etc/leonhard/pwrapis.conf allows it that, and nothing else:
 *
 *     [grant]
 *     users = agent:hwmon.cap
 *
 * To see the load it must be of the class observe (access.conf), as everybody who looks.
 *
 *     cc agent.c $(pkg-config --cflags --libs pwrapi) -o agent
 *     ./agent LOWEST HIGHEST     (watts)
 *
 * An idle machine gets the lowest cap, a busy one the highest. When the agent ends, however it
 * ends, the daemon puts back what was there before.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <powerapi.h>

static volatile sig_atomic_t ended;

static void end(int signal)
{
	(void)signal;
	ended = 1;
}

/* The mean of all processors, 0 to 1. The structure ends with the processors, so it is given with
 * room for as many as there may be. */
static int read_load(double *ret_load)
{
	uint32_t bytes = sizeof(PWR_CPU_Usage) + 4096 * sizeof(PWR_CPU_CoreUsage);
	PWR_CPU_Usage *usage = malloc(bytes);
	int result = usage ? PWR_CPU_GetUsage(usage, bytes) : PWR_ERR_SYS_EXCEPTION;

	if (result == PWR_SUCCESS)
		*ret_load = usage->avgUsage;
	free(usage);
	return result;
}

/* Once a second, until it is told to end or something does not work. */
static int follow(int lowest, int highest)
{
	int cap = 0, result = PWR_SUCCESS;

	while (!ended && result == PWR_SUCCESS) {
		double load;
		int wanted = lowest;

		result = read_load(&load);
		if (result == PWR_SUCCESS)
			wanted += load * (highest - lowest) + 0.5;
		if (result == PWR_SUCCESS && wanted != cap) {
			result = PWR_SYS_SetCappedPower(wanted);
			cap = wanted;
			printf("load %3.0f %%: %d W\n", load * 100, cap);
			fflush(stdout);
		}
		sleep(1);
	}
	return result;
}

int main(int argc, char **argv)
{
	int lowest = argc == 3 ? atoi(argv[1]) : 0, highest = argc == 3 ? atoi(argv[2]) : 0, result;

	if (lowest <= 0 || highest < lowest) {
		fprintf(stderr, "usage: agent LOWEST HIGHEST, in watts\n");
		return 2;
	}
	signal(SIGINT, end);
	signal(SIGTERM, end);
	result = PWR_Register();
	if (result == PWR_SUCCESS) {
		result = follow(lowest, highest);
		PWR_UnRegister();
	}
	if (result == PWR_SUCCESS)
		return 0;
	fprintf(stderr, "agent: code %d of pwrerr.h\n", result);
	return 1;
}
