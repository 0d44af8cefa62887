/*
 * The table of settings; see settings.h.
 */
#include "webd/settings.h"

#include <stddef.h>

#include "base/def.h"
#include "base/time.h"

#define SPAN(name, member, least_ns, most_ns, text, meaning) \
	{.section = "http",                                  \
	 .key = name,                                        \
	 .parse = conf_parse_span,                           \
	 .offset = offsetof(struct settings, member),        \
	 .min = (least_ns),                                  \
	 .max = (most_ns),                                   \
	 .fallback = text,                                   \
	 .help = meaning}

static const struct conf_item items[] = {
	{
		.section = "http",
		.key = "address",
		.parse = conf_parse_string,
		.offset = offsetof(struct settings, address),
		.min = 1,
		.max = 64,
		.fallback = "*",
		.help = "The address to listen on: one of IPv4 or IPv6, or * for all. Takes effect "
			"with a restart.",
	},
	{
		.section = "http",
		.key = "port",
		.parse = conf_parse_number,
		.offset = offsetof(struct settings, port),
		.min = 1,
		.max = 65535,
		.fallback = "8443",
		.help = "The TCP port. One below 1024 needs a right that the unit does not give. "
			"Takes effect with a restart.",
	},
	{
		.section = "http",
		.key = "connections",
		.parse = conf_parse_number,
		.offset = offsetof(struct settings, connections),
		.min = 8,
		.max = 1500,
		.fallback = "1024",
		.help = "How many connections there may be. For one more, the one that has "
			"waited for longest without a request is closed.",
	},
	{
		.section = "http",
		.key = "connections_per_address",
		.parse = conf_parse_number,
		.offset = offsetof(struct settings, connections_per_address),
		.min = 4,
		.max = 1500,
		.fallback = "768",
		.help = "The same of one address (of IPv6, a network of 64 bits).",
	},
	SPAN("request_timeout", request_timeout_ns, NS_PER_S, 300 * NS_PER_S, "10s",
	     "How long a client may take for TLS and the headers of a request, and again for its "
	     "body, from the first byte to the last."),
	SPAN("idle_timeout", idle_timeout_ns, NS_PER_S, 3600 * NS_PER_S, "60s",
	     "How long a connection may stay between two requests, and how long a client may take "
	     "to read a response."),
	SPAN("call_timeout", call_timeout_ns, NS_PER_S, 600 * NS_PER_S, "30s",
	     "How long a service may take to answer a call."),
	SPAN("stall_timeout", stall_timeout_ns, NS_PER_S, 600 * NS_PER_S, "60s",
	     "How long the client of a stream may read nothing of what is there for it."),
	{
		.section = "session",
		.key = "idle",
		.parse = conf_parse_span,
		.offset = offsetof(struct settings, session_idle_ns),
		.min = NS_PER_S,
		.max = 24 * 3600 * NS_PER_S,
		.fallback = "15min",
		.help = "After so long without a call of a person their session is over. Streams, "
			"and calls that a page makes by itself and says so, do not count.",
	},
	{
		.section = "session",
		.key = "absolute",
		.parse = conf_parse_span,
		.offset = offsetof(struct settings, session_absolute_ns),
		.min = NS_PER_S,
		.max = 7 * 24 * 3600 * NS_PER_S,
		.fallback = "12h",
		.help = "After so long a session is over, whatever is done in it.",
	},
};

const struct conf_table settings_table = {
	.name = "webd",
	.items = items,
	.count = ARRAY_SIZE(items),
	.size = sizeof(struct settings),
};
