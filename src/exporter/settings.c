/*
 * The table of settings, and how an endpoint is written; see settings.h.
 */
#include "exporter/settings.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>

#include "base/def.h"
#include "base/parse.h"
#include "base/time.h"

/* ---- endpoints ---- */

/* The address before the last colon, without the brackets of IPv6, and the port behind it. */
static int split(const char *text, char address[INET6_ADDRSTRLEN], uint64_t *ret_port)
{
	const char *colon = strrchr(text, ':');
	size_t len = colon ? colon - text : 0;
	bool brackets = text[0] == '[';

	if (!colon || (brackets && (len < 2 || text[len - 1] != ']')))
		return -EINVAL;
	text += brackets;
	len -= brackets ? 2 : 0;
	if (len == 0 || len >= INET6_ADDRSTRLEN || brackets != !!memchr(text, ':', len))
		return -EINVAL;
	memcpy(address, text, len);
	address[len] = '\0';
	return parse_u64(colon + 1, 1, UINT16_MAX, ret_port) < 0 ? -EINVAL : 0;
}

static int parse_network(const char *text, struct endpoint *ret_endpoint)
{
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
	struct sockaddr_in in = {.sin_family = AF_INET};
	char address[INET6_ADDRSTRLEN];
	uint64_t port;
	int r = split(text, address, &port);

	if (r < 0)
		return r;
	*ret_endpoint = (struct endpoint){};
	in.sin_port = in6.sin6_port = htons(port);
	if (inet_pton(AF_INET, address, &in.sin_addr) == 1) {
		ret_endpoint->len = sizeof(in);
		memcpy(&ret_endpoint->address, &in, sizeof(in));
		return 0;
	}
	if (inet_pton(AF_INET6, address, &in6.sin6_addr) != 1)
		return -EINVAL;
	ret_endpoint->len = sizeof(in6);
	memcpy(&ret_endpoint->address, &in6, sizeof(in6));
	return 0;
}

int endpoint_parse(const char *text, struct endpoint *ret_endpoint)
{
	size_t len = strlen(text);
	struct endpoint e = {};
	int r = 0;

	if (text[0] != '/')
		r = parse_network(text, &e);
	else if (len >= sizeof(e.path) || text[len - 1] == '/')
		r = -EINVAL;
	else
		memcpy(e.path, text, len);
	if (r == 0)
		*ret_endpoint = e;
	return r;
}

static int parse_endpoint(const struct conf_item *item, const char *text, void *value,
			  const char **ret_problem)
{
	int r = endpoint_parse(text, value);

	if (r < 0)
		*ret_problem = "is neither ADDRESS:PORT nor the path of a socket";
	return r;
}

/* ---- the table ---- */

#define SPAN(group, name, member, text, meaning)      \
	{.section = group,                            \
	 .key = name,                                 \
	 .parse = conf_parse_span,                    \
	 .offset = offsetof(struct settings, member), \
	 .min = 100 * NS_PER_MS,                      \
	 .max = 3600 * NS_PER_S,                      \
	 .fallback = text,                            \
	 .help = meaning}

static const struct conf_item items[] = {
	{
		.section = "http",
		.key = "listen",
		.parse = parse_endpoint,
		.offset = offsetof(struct settings, listen),
		.fallback = "127.0.0.1:9436",
		.help = "Where to listen: an address and port, an address of IPv6 in brackets, or "
			"the path of a Unix socket. Not used when systemd passes a socket. Takes "
			"effect with a restart.",
	},
	{
		.section = "http",
		.key = "connections",
		.parse = conf_parse_number,
		.offset = offsetof(struct settings, connections),
		.min = 2,
		.max = 64,
		.fallback = "16",
		.help = "How many connections there may be. For one more, the one that has "
			"waited for longest without a request is closed.",
	},
	SPAN("http", "request_timeout", request_timeout_ns, "10s",
	     "How long a client may take to send a request, from the connection on, and again to "
	     "read the response."),
	SPAN("http", "idle_timeout", idle_timeout_ns, "2min",
	     "How long a connection may stay from a response to the end of the next request."),
	SPAN("service", "timeout", service_timeout_ns, "5s",
	     "How long the power service may take to tell everything. Then the response says "
	     "that it is not up."),
};

const struct conf_table settings_table = {
	.name = "power-exporter",
	.items = items,
	.count = ARRAY_SIZE(items),
	.size = sizeof(struct settings),
};
