/*
 * Plans; see plan.h. A view is an object of items, each an object of readings by their place.
 */
#include "profiles/plan.h"

#include <errno.h>

#include "base/str.h"
#include "rpc/json.h"

#define BOOST "cpufreq.boost"
#define DRIVER "cpufreq.driver"
#define GOVERNOR "cpufreq.governor"
#define GOVERNORS "cpufreq.available-governors"
#define PLATFORM "platform.profile"
#define PLATFORMS "platform.available-profiles"
#define PREFERENCE "cpufreq.preference"
#define PREFERENCES "cpufreq.available-preferences"

const char *const plan_items[] = {BOOST, DRIVER, GOVERNOR, GOVERNORS, PLATFORMS, PREFERENCES, NULL};

static int add_reading(json_t *view, json_t *reading)
{
	const char *item = json_string_value(json_object_get(reading, "item"));
	const char *place = json_string_value(json_object_get(reading, "place"));
	json_t *places;

	if (!item || !place)
		return -EBADMSG;
	places = json_object_get(view, item);
	if (!places) {
		places = json_object();
		if (json_object_set_new(view, item, places) < 0)
			return -ENOMEM;
	}
	return json_object_set(places, place, reading) < 0 ? -ENOMEM : 0;
}

int plan_view(const json_t *readings, json_t **ret_view)
{
	_cleanup_json_ json_t *view = json_object();
	json_t *reading;
	size_t i;
	int r = view ? 0 : -ENOMEM;

	json_array_foreach(readings, i, reading)
	{
		if (r == 0)
			r = add_reading(view, reading);
	}
	if (r == 0)
		*ret_view = take_ptr(view);
	return r;
}

static const json_t *get(const json_t *view, const char *item, const char *place,
			 const char *member)
{
	return json_object_get(json_object_get(json_object_get(view, item), place), member);
}

static bool offers(const json_t *words, const char *word)
{
	json_t *offered;
	size_t i;

	json_array_foreach(words, i, offered)
	{
		if (json_is_string(offered) && str_equal(json_string_value(offered), word))
			return true;
	}
	return false;
}

/* The first of the words that is wanted and there; or NULL. */
static const char *choose(char *const *wanted, const json_t *words)
{
	for (; wanted && *wanted; wanted++)
		if (offers(words, *wanted))
			return *wanted;
	return NULL;
}

/* Takes @value, under @member. */
static int add(json_t *sets, const char *item, const char *place, const char *member, json_t *value)
{
	json_t *set = json_pack("{s:s, s:s, s:o}", "item", item, "place", place, member, value);

	if (!set || json_array_append_new(sets, set) < 0)
		return -ENOMEM;
	return 0;
}

static int add_word(json_t *sets, const char *item, const char *place, const char *word)
{
	return word ? add(sets, item, place, "text", json_string(word)) : 0;
}

/*
 * The kernel takes no preference while the governor is performance, and there the governor itself
 * is what has to go.
 */
static int add_policy(const json_t *view, const struct choice *c, const char *policy, json_t *sets)
{
	const json_t *preferences = get(view, PREFERENCES, policy, "words");
	const char *governor = json_string_value(get(view, GOVERNOR, policy, "text"));
	bool fixed = governor && str_equal(governor, "performance");

	if (json_array_size(preferences) && !fixed)
		return add_word(sets, PREFERENCE, policy, choose(c->preference, preferences));
	return add_word(sets, GOVERNOR, policy,
			choose(c->governor, get(view, GOVERNORS, policy, "words")));
}

static int add_policies(const json_t *view, const struct choice *c, json_t *sets)
{
	const char *policy;
	json_t *reading;

	json_object_foreach(json_object_get(view, GOVERNOR), policy, reading)
	{
		int r = json_array_size(sets) < PLAN_MAX - 2 ? add_policy(view, c, policy, sets)
							     : 0;

		if (r < 0)
			return r;
	}
	return 0;
}

/* There is one of each for the machine as a whole. */
static int add_machine(const json_t *view, const struct choice *c, json_t *sets)
{
	const char *place;
	json_t *reading;
	int r = 0;

	json_object_foreach(json_object_get(view, BOOST), place, reading)
	{
		if (r == 0 && c->boost != BOOST_AS_IT_IS &&
		    json_is_number(json_object_get(reading, "number")))
			r = add(sets, BOOST, place, "number", json_real(c->boost == BOOST_ON));
		break;
	}
	json_object_foreach(json_object_get(view, PLATFORMS), place, reading)
	{
		if (r == 0)
			r = add_word(sets, PLATFORM, place,
				     choose(c->platform, json_object_get(reading, "words")));
		break;
	}
	return r;
}

int plan_make(const json_t *view, const struct choice *choice, json_t **ret_sets)
{
	_cleanup_json_ json_t *sets = json_array();
	int r = sets ? add_policies(view, choice, sets) : -ENOMEM;

	if (r == 0)
		r = add_machine(view, choice, sets);
	if (r == 0)
		*ret_sets = take_ptr(sets);
	return r;
}

struct plan_parts plan_parts(const json_t *sets)
{
	struct plan_parts parts = {};
	json_t *set;
	size_t i;

	json_array_foreach(sets, i, set)
	{
		bool platform =
			str_equal(json_string_value(json_object_get(set, "item")), PLATFORM);

		parts.platform |= platform;
		parts.processors |= !platform;
	}
	return parts;
}

const char *plan_driver(const json_t *view)
{
	const char *place;
	json_t *reading;

	json_object_foreach(json_object_get(view, DRIVER), place, reading)
	{
		const char *text = json_string_value(json_object_get(reading, "text"));

		if (text)
			return text;
	}
	return NULL;
}
