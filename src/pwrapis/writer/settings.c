/*
 * The table of settings; see settings.h.
 */
#include "pwrapis/writer/settings.h"

#include <stddef.h>

#include "base/def.h"
#include "base/time.h"

static const struct conf_item items[] = {
	{
		.section = "journal",
		.key = "size",
		.parse = conf_parse_bytes,
		.offset = offsetof(struct writer_settings, journal_bytes),
		.min = 4096,
		.max = 16 << 20,
		.fallback = "1M",
		.help = "Over this size the journal is written anew, with what is set now alone. "
			"Takes effect with a restart.",
	},
	{
		.section = "restore",
		.key = "retry",
		.parse = conf_parse_span,
		.offset = offsetof(struct writer_settings, retry_ns),
		.min = 10 * NS_PER_MS,
		.max = 3600 * NS_PER_S,
		.fallback = "1s",
		.help = "After how long it is tried again to put back what could not be put back, "
			"since a processor is off line or a disk full. Each time the wait doubles.",
	},
	{
		.section = "restore",
		.key = "longest_retry",
		.parse = conf_parse_span,
		.offset = offsetof(struct writer_settings, longest_retry_ns),
		.min = 10 * NS_PER_MS,
		.max = 86400 * NS_PER_S,
		.fallback = "1min",
		.help = "The longest wait between two attempts.",
	},
};

const struct conf_table writer_settings_table = {
	.name = "pwrapis-writer",
	.items = items,
	.count = ARRAY_SIZE(items),
	.size = sizeof(struct writer_settings),
};
