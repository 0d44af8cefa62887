/*
 * The table of settings; see settings.h.
 */
#include "filetrace/trace/settings.h"

#include <stddef.h>

#include "base/def.h"
#include "base/time.h"

static const struct conf_item items[] = {
	{
		.section = "follow",
		.key = "settle",
		.parse = conf_parse_span,
		.offset = offsetof(struct settings, follow_settle_ns),
		.min = NS_PER_MS,
		.max = 60 * NS_PER_S,
		.fallback = "20ms",
		.help = "How long after the store was written it is read for those who follow. "
			"What is written in between costs nothing more.",
	},
	{
		.section = "read",
		.key = "memory",
		.parse = conf_parse_bytes,
		.offset = offsetof(struct settings, read_memory_bytes),
		.min = 1024 * 1024,
		.max = 1024 * 1024 * 1024,
		.fallback = "64M",
		.help = "How much content is held for all who read some at the same time. Who "
			"comes when there is no room is told to try again.",
	},
	{
		.section = "watch",
		.key = "timeout",
		.parse = conf_parse_span,
		.offset = offsetof(struct settings, watch_timeout_ns),
		.min = 100 * NS_PER_MS,
		.max = 600 * NS_PER_S,
		.fallback = "10s",
		.help = "How long a call of AddWatch or RemoveWatch waits for leonhard-filetrace. "
			"After that it is refused, and nothing has changed.",
	},
	{
		.section = "health",
		.key = "free_percent",
		.parse = conf_parse_number,
		.offset = offsetof(struct settings, health_free_percent),
		.min = 1,
		.max = 99,
		.fallback = "5",
		.help = "Health calls the disk of the store bad when less of it than so many "
			"percent is free.",
	},
};

const struct conf_table settings_table = {
	.name = "trace",
	.items = items,
	.count = ARRAY_SIZE(items),
	.size = sizeof(struct settings),
};
