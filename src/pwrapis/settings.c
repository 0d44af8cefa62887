/*
 * The table of settings; see settings.h.
 */
#include "pwrapis/settings.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "base/def.h"
#include "base/parse.h"
#include "base/str.h"
#include "base/time.h"
#include "pwrapis/machine.h"

/* Cuts "ACCOUNT:VALUE" at its last colon; the account into @pair. */
static const char *cut(char *word, struct settings_pair *pair)
{
	char *colon = strrchr(word, ':');

	if (!colon || colon == word || !colon[1] || colon - word >= SETTINGS_ACCOUNT_BYTES)
		return NULL;
	*colon = '\0';
	*pair = (struct settings_pair){};
	strcpy(pair->account, word);
	return colon + 1;
}

static int parse_item(const char *text, unsigned *ret_value, const char **ret_problem)
{
	unsigned item;

	if (power_item_find(text, &item) < 0 || !(power_item(item)->flags & POWER_CONTROL)) {
		*ret_problem = "names no control of the table";
		return -EINVAL;
	}
	*ret_value = item;
	return 0;
}

static int parse_priority(const char *text, unsigned *ret_value, const char **ret_problem)
{
	uint64_t v;

	if (parse_u64(text, 0, SETTINGS_PRIORITY_MAX, &v) < 0) {
		*ret_problem = "has a priority that is not from 0 to 100";
		return -EINVAL;
	}
	*ret_value = v;
	return 0;
}

static int parse_pairs(const char *text, struct settings_pair *list, unsigned max,
		       int (*parse)(const char *, unsigned *, const char **), unsigned *ret_count,
		       const char **ret_problem)
{
	_cleanup_(str_vector_free_p) char **words = NULL;
	unsigned count = 0;
	int r = str_split(text, &words);

	for (char **w = words; r == 0 && *w; w++, count++) {
		const char *value;

		if (count == max) {
			*ret_problem = "has too many entries";
			return -E2BIG;
		}
		value = cut(*w, &list[count]);
		if (!value) {
			*ret_problem = "is not a list of NAME:VALUE";
			return -EINVAL;
		}
		r = parse(value, &list[count].value, ret_problem);
	}
	if (r == 0)
		*ret_count = count;
	return r;
}

static int parse_grants(const struct conf_item *item, const char *text, void *value,
			const char **ret_problem)
{
	struct settings_grants *g = value;

	return parse_pairs(text, g->list, SETTINGS_GRANTS_MAX, parse_item, &g->count, ret_problem);
}

static int parse_priorities(const struct conf_item *item, const char *text, void *value,
			    const char **ret_problem)
{
	struct settings_priorities *p = value;

	return parse_pairs(text, p->list, SETTINGS_PRIORITIES_MAX, parse_priority, &p->count,
			   ret_problem);
}

#define SERVER(name, parser, member, least, most, text, meaning) \
	{.section = "server",                                    \
	 .key = name,                                            \
	 .parse = parser,                                        \
	 .offset = offsetof(struct settings, member),            \
	 .min = (least),                                         \
	 .max = (most),                                          \
	 .fallback = text,                                       \
	 .help = meaning}

#define GRANT(name, member, meaning)                  \
	{.section = "grant",                          \
	 .key = name,                                 \
	 .parse = parse_grants,                       \
	 .offset = offsetof(struct settings, member), \
	 .help = meaning}

static const struct conf_item items[] = {
	SERVER("sock_file", conf_parse_path, sock_file, 2, 100,
	       "/etc/sysconfig/pwrapis/pwrserver.sock",
	       "Where clients connect: the published place, unless it is said. Its folder must be "
	       "the daemon's own. Takes effect with a restart."),
	SERVER("sessions", conf_parse_number, sessions, 8, 4000, "1000",
	       "How many clients may be connected. A sixteenth of it is kept for administrators."),
	SERVER("sessions_per_user", conf_parse_number, sessions_per_user, 1, 4000, "64",
	       "The same of one user; root is not counted."),
	SERVER("message_timeout", conf_parse_span, message_timeout_ns, 100 * NS_PER_MS,
	       300 * NS_PER_S, "10s",
	       "How long a client may take for a message, from the first byte to the last. Takes "
	       "effect with a restart."),
	SERVER("stall_timeout", conf_parse_span, stall_timeout_ns, 100 * NS_PER_MS, 600 * NS_PER_S,
	       "60s",
	       "How long a client may leave unread what is there for it. Takes effect with a "
	       "restart."),
	SERVER("writer_timeout", conf_parse_span, writer_timeout_ns, 100 * NS_PER_MS,
	       300 * NS_PER_S, "10s",
	       "How long the privileged half may take for a record, before the daemon gives it up "
	       "and with it all that was set. Takes effect with a restart."),
	GRANT("users", grant_users,
	      "Users who may set single controls without the control token, and read them: words "
	      "of the form USER:ITEM, with the controls of leonhard-pwrapis(8). What they "
	      "set is put back when they leave, unless they keep it (leo power set --keep)."),
	GRANT("groups", grant_groups, "The same of groups: GROUP:ITEM."),
	{
		.section = "priority",
		.key = "users",
		.parse = parse_priorities,
		.offset = offsetof(struct settings, priorities),
		.fallback = "eagle:0",
		.help = "Words of the form USER:NUMBER, from 0 to 100; everybody else has 50. Who "
			"asks for the control token and has a higher number than its owner, takes "
			"it from them.",
	},
};

const struct conf_table settings_table = {
	.name = "pwrapis",
	.items = items,
	.count = ARRAY_SIZE(items),
	.size = sizeof(struct settings),
};
