/*
 * Plans: from what a machine tells and a profile wants, to what is set.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/def.h"
#include "profiles/plan.h"
#include "rpc/json.h"

/* The configuration owns its words; those here are nobody's. */
#define WORDS(...) ((char **)(const char *[]){__VA_ARGS__, NULL})

static json_t *text(const char *item, const char *place, const char *value)
{
	return json_pack("{s:s, s:s, s:s}", "item", item, "place", place, "text", value);
}

static json_t *words(const char *item, const char *place, const char *first, const char *second)
{
	return json_pack("{s:s, s:s, s:[s, s*]}", "item", item, "place", place, "words", first,
			 second);
}

static json_t *problem(const char *item, const char *place)
{
	return json_pack("{s:s, s:s, s:s}", "item", item, "place", place, "problem", "no");
}

/* Takes the readings. */
static json_t *view_of(json_t *readings)
{
	json_t *view = NULL;

	assert_non_null(readings);
	assert_int_equal(plan_view(readings, &view), 0);
	json_decref(readings);
	return view;
}

/* One policy with a preference and one without, boost, and a firmware with profiles. */
static json_t *laptop(const char *governor)
{
	return view_of(json_pack(
		"[o, o, o, o, o, o, o, o]", text("cpufreq.driver", "policy0", "intel_pstate"),
		text("cpufreq.governor", "policy0", governor),
		words("cpufreq.available-governors", "policy0", "performance", "powersave"),
		words("cpufreq.available-preferences", "policy0", "balance_power", "power"),
		text("cpufreq.governor", "policy1", "ondemand"),
		words("cpufreq.available-governors", "policy1", "ondemand", "powersave"),
		json_pack("{s:s, s:s, s:i}", "item", "cpufreq.boost", "place", "board", "number",
			  1),
		words("platform.available-profiles", "board", "quiet", "performance")));
}

static void expect(const json_t *view, const struct choice *choice, const char *expected)
{
	_cleanup_json_ json_t *sets = NULL;
	_cleanup_free_ char *said = NULL;

	assert_int_equal(plan_make(view, choice, &sets), 0);
	said = json_dumps(sets, JSON_COMPACT | JSON_SORT_KEYS);
	assert_string_equal(said, expected);
}

/* The first word that is there; a governor only where there is no preference. */
static void test_laptop(void **state)
{
	const struct choice save = {
		.preference = WORDS("sleepy", "power", "balance_power"),
		.governor = WORDS("conservative", "powersave"),
		.platform = WORDS("low-power", "quiet"),
		.boost = BOOST_OFF,
	};
	_cleanup_json_ json_t *view = laptop("powersave");

	expect(view, &save,
	       "[{\"item\":\"cpufreq.preference\",\"place\":\"policy0\",\"text\":\"power\"},"
	       "{\"item\":\"cpufreq.governor\",\"place\":\"policy1\",\"text\":\"powersave\"},"
	       "{\"item\":\"cpufreq.boost\",\"number\":0.0,\"place\":\"board\"},"
	       "{\"item\":\"platform.profile\",\"place\":\"board\",\"text\":\"quiet\"}]");
	assert_string_equal(plan_driver(view), "intel_pstate");
}

/* Under performance the kernel takes no preference, so the governor goes. */
static void test_fixed(void **state)
{
	const struct choice save = {.preference = WORDS("power"), .governor = WORDS("powersave")};
	_cleanup_json_ json_t *view = laptop("performance");

	expect(view, &save,
	       "[{\"item\":\"cpufreq.governor\",\"place\":\"policy0\",\"text\":\"powersave\"},"
	       "{\"item\":\"cpufreq.governor\",\"place\":\"policy1\",\"text\":\"powersave\"}]");
}

/* Nothing wanted, nothing there, nothing that can be told: nothing is set. */
static void test_nothing(void **state)
{
	const struct choice all = {
		.preference = WORDS("power"),
		.governor = WORDS("powersave"),
		.platform = WORDS("quiet"),
		.boost = BOOST_ON,
	};
	_cleanup_json_ json_t *view = laptop("powersave"), *bare = view_of(json_array());
	_cleanup_json_ json_t *silent =
		view_of(json_pack("[o, o, o, o]", problem("cpufreq.governor", "policy0"),
				  problem("cpufreq.available-governors", "policy0"),
				  problem("cpufreq.boost", "board"),
				  problem("platform.available-profiles", "board")));

	expect(view, &(struct choice){}, "[]");
	expect(bare, &all, "[]");
	expect(silent, &all, "[]");
	assert_null(plan_driver(bare));
	assert_null(plan_driver(silent));
}

static void test_parts(void **state)
{
	_cleanup_json_ json_t *view = laptop("powersave"), *sets = NULL, *firmware = NULL;

	assert_int_equal(plan_make(view, &(struct choice){.boost = BOOST_ON}, &sets), 0);
	assert_true(plan_parts(sets).processors);
	assert_false(plan_parts(sets).platform);
	assert_int_equal(plan_make(view, &(struct choice){.platform = WORDS("quiet")}, &firmware),
			 0);
	assert_false(plan_parts(firmware).processors);
	assert_true(plan_parts(firmware).platform);
}

/* What is no reading. A bound on what a machine of very many policies makes. */
static void test_bounds(void **state)
{
	_cleanup_json_ json_t *odd = json_pack("[{s:s}]", "item", "cpufreq.boost"),
			      *readings = json_array(), *sets = NULL, *view = NULL;
	json_t *none = NULL;

	assert_int_equal(plan_view(odd, &none), -EBADMSG);
	assert_null(none);
	for (int i = 0; i < PLAN_MAX + 100; i++) {
		char place[32];

		snprintf(place, sizeof(place), "policy%d", i);
		json_array_append_new(readings, text("cpufreq.governor", place, "ondemand"));
		json_array_append_new(readings, words("cpufreq.available-governors", place,
						      "ondemand", "powersave"));
	}
	assert_int_equal(plan_view(readings, &view), 0);
	assert_int_equal(plan_make(view, &(struct choice){.governor = WORDS("powersave")}, &sets),
			 0);
	assert_int_equal(json_array_size(sets), PLAN_MAX - 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_laptop),	cmocka_unit_test(test_fixed),
		cmocka_unit_test(test_nothing), cmocka_unit_test(test_parts),
		cmocka_unit_test(test_bounds),
	};

	return cmocka_run_group_tests_name("profiles/plan", tests, NULL, NULL);
}
