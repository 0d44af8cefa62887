/*
 * The time of a read by the published library: pwrapis-bench-library SOCKET governor|usage COUNT.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/def.h"
#include "base/parse.h"
#include "base/str.h"
#include "libpwrapi/powerapi.h"
#include "rpc/bench.h"

enum { CORES_MAX = 8192 };

static int get_governor(void *data)
{
	char governor[PWR_MAX_ELEMENT_NAME_LEN];

	return PWR_CPU_GetFreqGovernor(governor, sizeof(governor)) == PWR_SUCCESS ? 0 : -EIO;
}

static int get_usage(void *data)
{
	static union {
		PWR_CPU_Usage usage;
		char bytes[sizeof(PWR_CPU_Usage) + CORES_MAX * sizeof(PWR_CPU_CoreUsage)];
	} room;

	return PWR_CPU_GetUsage(&room.usage, sizeof(room)) == PWR_SUCCESS ? 0 : -EIO;
}

static const struct {
	const char *name;
	int (*call)(void *data);
} calls[] = {
	{"governor", get_governor},
	{"usage", get_usage},
};

static int (*find(const char *name))(void *data)
{
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		if (str_equal(calls[i].name, name))
			return calls[i].call;
	return NULL;
}

int main(int argc, char **argv)
{
	int (*call)(void *data) = argc == 4 ? find(argv[2]) : NULL;
	uint64_t count;
	int r;

	if (!call || parse_u64(argv[3], 1, 10000000, &count) < 0) {
		fprintf(stderr, "usage: pwrapis-bench-library SOCKET governor|usage COUNT\n");
		return 2;
	}
	if (PWR_SetServerInfo(argv[1]) != PWR_SUCCESS || PWR_Register() != PWR_SUCCESS) {
		fprintf(stderr, "pwrapis-bench-library: cannot register at %s\n", argv[1]);
		return 1;
	}
	r = bench_calls(count, call, NULL);
	PWR_UnRegister();
	if (r < 0)
		fprintf(stderr, "pwrapis-bench-library: %s\n", strerror(-r));
	return r < 0;
}
