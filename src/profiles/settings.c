/*
 * The table of settings; see settings.h.
 *
 * Balanced sets nothing unless it is told to: it is the machine as its administrator has it.
 */
#include "profiles/settings.h"

#include <stddef.h>

#include "base/def.h"

static const char *const boosts[] = {
	[BOOST_AS_IT_IS] = "as-it-is", [BOOST_OFF] = "off", [BOOST_ON] = "on", NULL};

#define WORDS(profile_section, profile, member, words, text)          \
	{.section = profile_section,                                  \
	 .key = #member,                                              \
	 .parse = conf_parse_words,                                   \
	 .offset = offsetof(struct settings, choice[profile].member), \
	 .fallback = words,                                           \
	 .help = text}

#define SECTION(name, profile, preferences, governors, platforms, boost_word)                  \
	WORDS(name, profile, preference, preferences,                                          \
	      "Energy or performance (EPP), where the hardware decides on frequencies: the "   \
	      "first of these words that a policy has is set. Without a word it stays as it "  \
	      "is."),                                                                          \
		WORDS(name, profile, governor, governors,                                      \
		      "The governor of policies without such a preference, or whose governor " \
		      "performance forbids one, in the same way."),                            \
		WORDS(name, profile, platform, platforms,                                      \
		      "The profile of the firmware (platform.profile), in the same way."),     \
		{.section = name,                                                              \
		 .key = "boost",                                                               \
		 .parse = conf_parse_choice,                                                   \
		 .offset = offsetof(struct settings, choice[profile].boost),                   \
		 .fallback = boost_word,                                                       \
		 .choices = boosts,                                                            \
		 .help = "Whether frequencies above the nominal one may be chosen."}

static const struct conf_item items[] = {
	SECTION("power-saver", PROFILE_POWER_SAVER, "power balance_power",
		"conservative schedutil powersave", "low-power quiet cool", "off"),
	SECTION("balanced", PROFILE_BALANCED, NULL, NULL, NULL, "as-it-is"),
	SECTION("performance", PROFILE_PERFORMANCE, "performance balance_performance",
		"performance", "performance balanced-performance", "on"),
};

const struct conf_table settings_table = {
	.name = "power-profiles",
	.items = items,
	.count = ARRAY_SIZE(items),
	.size = sizeof(struct settings),
};
