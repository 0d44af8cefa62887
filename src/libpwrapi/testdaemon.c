/*
 * For tests: prints its socket and answers every client with what little is right, until its input
 * ends.
 */
#include <stdio.h>
#include <unistd.h>

#include "libpwrapi/powerapi.h"
#include "libpwrapi/testserver.h"

static bool handle(int fd, const struct wire_head *request, const void *data)
{
	static const PWR_CPU_CurFreq freq[] = {{0, 1200}, {4, 3000}};
	static const PWR_SYS_PowerInfo power = {190, 120, 20};
	static const char governor[32] = "ondemand";

	if (request->operation == WIRE_CPU_GET_FREQ)
		testserver_reply(fd, request, PWR_SUCCESS, freq, sizeof(freq));
	else if (request->operation == WIRE_CPU_GET_GOVERNOR)
		testserver_reply(fd, request, PWR_SUCCESS, governor, sizeof(governor));
	else if (request->operation == WIRE_SYS_GET_POWER)
		testserver_reply(fd, request, PWR_SUCCESS, &power, sizeof(power));
	else if (request->operation == WIRE_CPU_GET_FREQ_RANGE)
		testserver_reply(fd, request, PWR_ERR_NOT_SUPPORTED, NULL, 0);
	else
		testserver_good(fd, request, data);
	return true;
}

int main(void)
{
	char byte;

	testserver_start(handle);
	puts(testserver_path());
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	testserver_stop();
	return 0;
}
