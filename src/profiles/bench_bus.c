/*
 * The time of a read of the active profile from whoever has the published name on the bus at
 * ADDRESS: power-profiles-bench ADDRESS COUNT.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <systemd/sd-bus.h>

#include "base/def.h"
#include "base/parse.h"
#include "rpc/bench.h"

#define NAME "net.hadess.PowerProfiles"
#define PATH "/net/hadess/PowerProfiles"

static int get_profile(void *data)
{
	_cleanup_free_ char *profile = NULL;

	return sd_bus_get_property_string(data, NAME, PATH, NAME, "ActiveProfile", NULL, &profile);
}

static int open_bus(const char *address, sd_bus **ret_bus)
{
	_cleanup_(sd_bus_unrefp) sd_bus *bus = NULL;
	int r = sd_bus_new(&bus);

	if (r >= 0)
		r = sd_bus_set_address(bus, address);
	if (r >= 0)
		r = sd_bus_set_bus_client(bus, 1);
	if (r >= 0)
		r = sd_bus_start(bus);
	if (r >= 0)
		*ret_bus = take_ptr(bus);
	return r < 0 ? r : 0;
}

int main(int argc, char **argv)
{
	_cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
	uint64_t count;
	int r;

	if (argc != 3 || parse_u64(argv[2], 1, 10000000, &count) < 0) {
		fprintf(stderr, "usage: power-profiles-bench ADDRESS COUNT\n");
		return 2;
	}
	r = open_bus(argv[1], &bus);
	if (r == 0)
		r = bench_calls(count, get_profile, bus);
	if (r < 0)
		fprintf(stderr, "power-profiles-bench: %s\n", strerror(-r));
	return r < 0;
}
