/*
 * Attributes of governors: which there are, and what each takes.
 *
 * They lie in a folder of the policy, or in one for all policies; which it is, the driver decides.
 * What lies in one for all is offered by the first policy whose governor it is, so that there is
 * one of it. A policy has those of the governor it has now. Items are named cpufreq.GOVERNOR.KEY,
 * with the kernel's words: what a client calls an attribute is compared with these and nothing
 * else.
 */
#include <errno.h>
#include <string.h>

#include "base/def.h"
#include "base/str.h"
#include "pwrapis/machine/source.h"

enum { GOVERNOR_BYTES = 32 };

/* Splits "ondemand/up_threshold". */
static void governor_of(const struct source *s, char governor[GOVERNOR_BYTES])
{
	snprintf(governor, GOVERNOR_BYTES, "%.*s", (int)strcspn(s->file, "/"), s->file);
}

static bool has_governor(struct machine *m, unsigned index, const char *governor)
{
	const struct instance *policy = machine_instance(m, POWER_POLICY, index);
	char now[POWER_TEXT_BYTES];

	return source_text(m, policy, "scaling_governor", now) == 0 && str_equal(now, governor);
}

/*
 * Where the attribute lies for the policy @index: @ret_where is the policy, or a stand-in for the
 * folder of all, which @common is made. -EOPNOTSUPP: it does not have it.
 */
static int locate(struct machine *m, const struct source *s, unsigned index,
		  struct instance *common, const struct instance **ret_where)
{
	const struct instance *policy = machine_instance(m, POWER_POLICY, index);
	char governor[GOVERNOR_BYTES];

	governor_of(s, governor);
	if (!has_governor(m, index, governor))
		return -EOPNOTSUPP;
	*ret_where = policy;
	if (source_has(m, policy, governor))
		return 0;
	for (unsigned i = 0; i < index; i++)
		if (has_governor(m, i, governor))
			return -EOPNOTSUPP;
	*common = (struct instance){.path = MACHINE_CPUFREQ_DIR};
	*ret_where = common;
	return 0;
}

static int read_attribute(struct machine *m, const struct power_item *item, unsigned index,
			  struct power_value *ret_value)
{
	const struct source *s = item->more;
	const struct instance *where;
	struct instance common;
	int r = locate(m, s, index, &common, &where);

	return r < 0 ? r : source_read_at(m, item, where, ret_value);
}

static int check_attribute(struct machine *m, const struct power_item *item, unsigned index,
			   const struct power_value *value)
{
	const struct source *s = item->more;
	const struct instance *where;
	struct instance common;
	int r = locate(m, s, index, &common, &where);

	return r < 0 ? r : source_check_at(m, item, where, value);
}

static int write_attribute(struct machine *m, const struct power_item *item, unsigned index,
			   const struct power_value *value)
{
	const struct source *s = item->more;
	const struct instance *where;
	struct instance common;
	int r = locate(m, s, index, &common, &where);

	return r < 0 ? r : source_write_at(m, item, where, value);
}

#define ATTRIBUTE(governor, key, item_help, item_unit, ...)                                        \
	{                                                                                          \
		.name = "cpufreq." governor "." key, .help = item_help, .domain = POWER_POLICY,    \
		.unit = item_unit, .flags = POWER_SIGNAL | POWER_CONTROL, .read = read_attribute,  \
		.check = check_attribute, .write = write_attribute, .more = &(const struct source) \
		{                                                                                  \
			.file = governor "/" key, __VA_ARGS__                                      \
		}                                                                                  \
	}
#define PERCENT(least, most) .per = 100, .min = (least) / 100.0, .max = (most) / 100.0
#define MICROSECONDS(least) .per = 1e6, .min = least, .max = 10

static const struct power_item items[] = {
	ATTRIBUTE("ondemand", "sampling_rate", "Time between two looks at the load.", POWER_SECONDS,
		  MICROSECONDS(0.001)),
	ATTRIBUTE("ondemand", "up_threshold", "Load above which the highest frequency is chosen.",
		  POWER_FRACTION, PERCENT(1, 100)),
	ATTRIBUTE("ondemand", "sampling_down_factor", "Looks for which the highest is kept.",
		  POWER_NONE, .min = 1, .max = 100000),
	ATTRIBUTE("ondemand", "ignore_nice_load", "Whether niced load counts as idle.",
		  POWER_BOOLEAN),
	ATTRIBUTE("ondemand", "io_is_busy", "Whether waiting for a disk counts as load.",
		  POWER_BOOLEAN),
	ATTRIBUTE("ondemand", "powersave_bias", "By how many thousandths frequencies are lowered.",
		  POWER_FRACTION, .per = 1000, .min = 0, .max = 1),
	ATTRIBUTE("conservative", "sampling_rate", "Time between two looks at the load.",
		  POWER_SECONDS, MICROSECONDS(0.001)),
	ATTRIBUTE("conservative", "up_threshold", "Load above which the frequency is raised.",
		  POWER_FRACTION, PERCENT(1, 100)),
	ATTRIBUTE("conservative", "down_threshold", "Load below which the frequency is lowered.",
		  POWER_FRACTION, PERCENT(1, 99)),
	ATTRIBUTE("conservative", "sampling_down_factor", "Looks before the frequency is lowered.",
		  POWER_NONE, .min = 1, .max = 10),
	ATTRIBUTE("conservative", "ignore_nice_load", "Whether niced load counts as idle.",
		  POWER_BOOLEAN),
	ATTRIBUTE("conservative", "freq_step", "A step, as part of the highest frequency.",
		  POWER_FRACTION, PERCENT(0, 100)),
	ATTRIBUTE("schedutil", "rate_limit_us", "Least time between two changes of the frequency.",
		  POWER_SECONDS, MICROSECONDS(0)),
};

const struct backend backend_governor = {items, ARRAY_SIZE(items), NULL};
