/*
 * Network interfaces with a device behind them: their speed, what they move, and what their drivers
 * let be set: the speed that is offered to the other end, and sleep between frames (EEE).
 *
 * A limit of speed offers all modes up to it. What somebody else has chosen to offer may be another
 * mask with the same highest speed; then what is put back is that mask.
 */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/def.h"
#include "base/str.h"
#include "pwrapis/machine/ethtool.h"
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

/* ---- what is offered ---- */

static int read_max(struct machine *m, const struct power_item *item, unsigned index,
		    struct power_value *ret_value)
{
	struct ethtool_link link;
	int r = ethtool_get_link(m, machine_name(m, POWER_NET, index), &link);
	double mbit;

	if (r < 0)
		return r;
	mbit = ethtool_speed(&link.supported);
	if (mbit == 0)
		return -EOPNOTSUPP;
	ret_value->number = mbit * BITS_PER_MBIT;
	return 0;
}

/* A link whose speed is fixed by hand offers nothing. */
static int get_offer(struct machine *m, unsigned index, struct ethtool_link *ret_link)
{
	struct ethtool_link link;
	int r = ethtool_get_link(m, machine_name(m, POWER_NET, index), &link);

	if (r < 0)
		return r;
	if (!link.automatic || !ethtool_speed(&link.supported))
		return -EOPNOTSUPP;
	if (!ethtool_speed(&link.offered))
		return -ENODATA;
	*ret_link = link;
	return 0;
}

static int read_limit(struct machine *m, const struct power_item *item, unsigned index,
		      struct power_value *ret_value)
{
	struct ethtool_link link;
	int r = get_offer(m, index, &link);

	if (r == 0)
		ret_value->number = (double)ethtool_speed(&link.offered) * BITS_PER_MBIT;
	return r;
}

static int limit_state(struct machine *m, const struct power_item *item, unsigned index,
		       struct power_value *ret_value)
{
	struct ethtool_modes usual;
	struct ethtool_link link;
	int r = get_offer(m, index, &link);

	if (r == 0)
		r = ethtool_limit(&link, ethtool_speed(&link.offered), &usual);
	if (r < 0)
		return r;
	ret_value->number = (double)ethtool_speed(&link.offered) * BITS_PER_MBIT;
	if (memcmp(&usual, &link.offered, sizeof(usual)) != 0)
		ethtool_print(&link.offered, ret_value->text);
	return 0;
}

/* The modes that a value means. */
static int choose(const struct ethtool_link *link, const struct power_value *value,
		  struct ethtool_modes *ret_modes)
{
	double mbit = round(value->number / BITS_PER_MBIT);

	if (*value->text)
		return ethtool_parse(value->text, &link->supported, ret_modes);
	if (!isfinite(mbit))
		return -EINVAL;
	return mbit >= 1 && mbit <= UINT32_MAX ? ethtool_limit(link, (uint32_t)mbit, ret_modes)
					       : -ERANGE;
}

/* Only a speed that there is can be read back. */
static int check_limit(struct machine *m, const struct power_item *item, unsigned index,
		       const struct power_value *value)
{
	struct ethtool_modes modes;
	struct ethtool_link link;
	int r = get_offer(m, index, &link);

	if (r == 0)
		r = choose(&link, value, &modes);
	if (r < 0)
		return r;
	return ethtool_speed(&modes) == round(value->number / BITS_PER_MBIT) ? 0 : -ERANGE;
}

static int write_limit(struct machine *m, const struct power_item *item, unsigned index,
		       const struct power_value *value)
{
	struct ethtool_modes modes;
	struct ethtool_link link;
	int r = get_offer(m, index, &link);

	if (r == 0)
		r = choose(&link, value, &modes);
	return r < 0 ? r : ethtool_offer(m, machine_name(m, POWER_NET, index), &modes);
}

/* ---- sleep ---- */

static int read_sleep(struct machine *m, const struct power_item *item, unsigned index,
		      struct power_value *ret_value)
{
	const struct source *s = item->more;
	struct ethtool_sleep sleep;
	int r = ethtool_get_sleep(m, machine_name(m, POWER_NET, index), &sleep);

	if (r == 0)
		ret_value->number = s->number ? sleep.active : sleep.enabled;
	return r;
}

static int check_sleep(struct machine *m, const struct power_item *item, unsigned index,
		       const struct power_value *value)
{
	struct ethtool_sleep sleep;
	int r = ethtool_get_sleep(m, machine_name(m, POWER_NET, index), &sleep);

	if (r < 0)
		return r;
	return value->number == 0 || value->number == 1 ? 0 : -EINVAL;
}

static int write_sleep(struct machine *m, const struct power_item *item, unsigned index,
		       const struct power_value *value)
{
	return ethtool_let_sleep(m, machine_name(m, POWER_NET, index), value->number == 1);
}

static const struct power_item items[] = {
	{.name = "net.speed",
	 .help = "The speed of the link.",
	 .domain = POWER_NET,
	 .unit = POWER_BITS_PER_SECOND,
	 .flags = POWER_SIGNAL,
	 .read = read_speed,
	 .more = &(const struct source){.file = "speed", .times = BITS_PER_MBIT, .negative = true}},
	{.name = "net.speed-max",
	 .help = "The highest speed that the interface can do.",
	 .domain = POWER_NET,
	 .unit = POWER_BITS_PER_SECOND,
	 .flags = POWER_SIGNAL,
	 .read = read_max},
	{.name = "net.speed-limit",
	 .help = "The highest speed that is offered to the other end.",
	 .domain = POWER_NET,
	 .unit = POWER_BITS_PER_SECOND,
	 .flags = POWER_SIGNAL | POWER_CONTROL,
	 .read = read_limit,
	 .state = limit_state,
	 .check = check_limit,
	 .write = write_limit},
	{.name = "net.eee",
	 .help = "Whether the link may sleep between frames (EEE), where the other end may, too.",
	 .domain = POWER_NET,
	 .unit = POWER_BOOLEAN,
	 .flags = POWER_SIGNAL | POWER_CONTROL,
	 .read = read_sleep,
	 .check = check_sleep,
	 .write = write_sleep,
	 .more = &(const struct source){.number = 0}},
	{.name = "net.eee-active",
	 .help = "Whether both ends agreed on it.",
	 .domain = POWER_NET,
	 .unit = POWER_BOOLEAN,
	 .flags = POWER_SIGNAL,
	 .read = read_sleep,
	 .more = &(const struct source){.number = 1}},
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
