/*
 * The table of settings; see settings.h.
 */
#include "webd/login/settings.h"

#include <stddef.h>

#include "base/def.h"
#include "base/time.h"

static const struct conf_item items[] = {
	{
		.section = "login",
		.key = "allow_root",
		.parse = conf_parse_bool,
		.offset = offsetof(struct login_settings, allow_root),
		.fallback = "no",
		.help = "Whether an account with the user id 0 may log in. When not, it is "
			"answered like a wrong password.",
	},
	{
		.section = "login",
		.key = "attempts",
		.parse = conf_parse_number,
		.offset = offsetof(struct login_settings, attempts),
		.min = 1,
		.max = 64,
		.fallback = "8",
		.help = "How many attempts are looked at at the same time.",
	},
	{
		.section = "login",
		.key = "timeout",
		.parse = conf_parse_span,
		.offset = offsetof(struct login_settings, timeout_ns),
		.min = NS_PER_S,
		.max = 120 * NS_PER_S,
		.fallback = "20s",
		.help = "How long PAM may take for one attempt. What is not done then is killed.",
	},
	{
		.section = "login",
		.key = "failure_delay",
		.parse = conf_parse_span,
		.offset = offsetof(struct login_settings, failure_delay_ns),
		.min = 1,
		.max = 30 * NS_PER_S,
		.fallback = "2s",
		.help = "How long after its beginning a failed attempt is answered, so that a "
			"wrong password and an unknown user look alike.",
	},
	{
		.section = "login",
		.key = "free_failures",
		.parse = conf_parse_number,
		.offset = offsetof(struct login_settings, free_failures),
		.min = 1,
		.max = 1000,
		.fallback = "4",
		.help = "How many failures of one user name cost nothing. Each one after them "
			"doubles the wait before the next attempt.",
	},
	{
		.section = "login",
		.key = "free_failures_address",
		.parse = conf_parse_number,
		.offset = offsetof(struct login_settings, free_failures_address),
		.min = 1,
		.max = 10000,
		.fallback = "16",
		.help = "The same for one address (of IPv6, a network of 64 bits). A good login "
			"does not forgive these.",
	},
	{
		.section = "login",
		.key = "longest_wait",
		.parse = conf_parse_span,
		.offset = offsetof(struct login_settings, longest_wait_ns),
		.min = NS_PER_S,
		.max = 3600 * NS_PER_S,
		.fallback = "30s",
		.help = "The longest wait between two attempts. Who guesses passwords of others "
			"makes them wait too, so it is not long.",
	},
	{
		.section = "login",
		.key = "forgive",
		.parse = conf_parse_span,
		.offset = offsetof(struct login_settings, forgive_ns),
		.min = NS_PER_S,
		.max = 86400 * NS_PER_S,
		.fallback = "15min",
		.help = "After so long without a failure all of them are forgiven.",
	},
};

const struct conf_table login_settings_table = {
	.name = "webd-login",
	.items = items,
	.count = ARRAY_SIZE(items),
	.size = sizeof(struct login_settings),
};
