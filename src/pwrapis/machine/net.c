/*
 * Network interfaces with a device behind them: their speed, and what they move.
 */
#include <errno.h>

#include "base/def.h"
#include "base/str.h"
#include "pwrapis/machine/source.h"

#define NET_DIR "/sys/class/net"

enum { BITS_PER_MBIT = 1000000 };

/* An interface without a link has no speed; drivers say so by -1 or by an error. */
static int read_speed(struct machine *m, const struct power_item *item, unsigned index,
		      struct power_value *ret_value)
{
	struct power_value value;
	int r = source_read(m, item, index, &value);

	if (r < 0)
		return r == -EINVAL ? -EOPNOTSUPP : r;
	if (value.number <= 0)
		return -EOPNOTSUPP;
	*ret_value = value;
	return 0;
}

static const struct power_item items[] = {
	{.name = "net.speed",
	 .help = "The speed of the link.",
	 .domain = POWER_NET,
	 .unit = POWER_BITS_PER_SECOND,
	 .flags = POWER_SIGNAL,
	 .read = read_speed,
	 .more = &(const struct source){.file = "speed", .times = BITS_PER_MBIT, .negative = true}},
	SOURCE_SIGNAL("net.state", "Whether it has a link: up, down and others of the kernel.",
		      POWER_NET, POWER_TEXT, .file = "operstate"),
	SOURCE_SIGNAL("net.received", "Bytes received since it is there.", POWER_NET, POWER_NONE,
		      .file = "statistics/rx_bytes"),
	SOURCE_SIGNAL("net.sent", "Bytes sent since it is there.", POWER_NET, POWER_NONE,
		      .file = "statistics/tx_bytes"),
};

static int look(struct machine *m)
{
	_cleanup_(str_vector_free_p) char **names = NULL;
	int r = machine_list(m, NET_DIR, &names);

	for (char **name = names; r == 0 && *name; name++) {
		struct instance probe = {}, *net;

		snprintf(probe.path, sizeof(probe.path), NET_DIR "/%.64s", *name);
		if (source_has(m, &probe, "device"))
			r = machine_add(m, POWER_NET, *name, probe.path, &net);
	}
	return r;
}

const struct backend backend_net = {items, ARRAY_SIZE(items), look};
