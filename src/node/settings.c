/*
 * The table of settings; see settings.h.
 */
#include "node/settings.h"

#include <stddef.h>

#include "base/def.h"
#include "base/time.h"

static const struct conf_item items[] = {
	{
		.section = "probe",
		.key = "timeout",
		.parse = conf_parse_span,
		.offset = offsetof(struct settings, probe_timeout_ns),
		.min = NS_PER_S,
		.max = 600 * NS_PER_S,
		.fallback = "60s",
		.help = "How long a call of Probe waits for a new result of "
			"leonhard-node-probe.",
	},
	{
		.section = "probe",
		.key = "at_start",
		.parse = conf_parse_bool,
		.offset = offsetof(struct settings, probe_at_start),
		.fallback = "yes",
		.help = "Whether a trial is asked for when the daemon starts and there is no "
			"result of this boot. Otherwise what needs a trial is unknown until "
			"somebody calls Probe.",
	},
	{
		.section = "watch",
		.key = "settle",
		.parse = conf_parse_span,
		.offset = offsetof(struct settings, watch_settle_ns),
		.min = 10 * NS_PER_MS,
		.max = 60 * NS_PER_S,
		.fallback = "250ms",
		.help = "How long after an event of the kernel the powers are looked at again for "
			"those who watch. Events in between cost nothing more.",
	},
};

const struct conf_table settings_table = {
	.name = "node",
	.items = items,
	.count = ARRAY_SIZE(items),
	.size = sizeof(struct settings),
};
