/*
 * Tests of unit.c: what is taken from the output of systemctl, whatever it holds.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/def.h"
#include "leo/unit.h"

static void test_good(void **state)
{
	struct unit u;

	unit_parse("LoadState=loaded\nUnitFileState=enabled\nActiveState=active\nSubState=running\n"
		   "Result=success\nMainPID=321\nStateChangeTimestamp=@1767225600\n"
		   "MemoryCurrent=4096\nNRestarts=2\nExecMainStatus=0\nOther=x\n",
		   &u);
	assert_string_equal(u.load, "loaded");
	assert_string_equal(u.enabled, "enabled");
	assert_string_equal(u.active, "active");
	assert_string_equal(u.sub, "running");
	assert_string_equal(u.result, "success");
	assert_int_equal(u.main_pid, 321);
	assert_int_equal(u.since_ns, UINT64_C(1767225600000000000));
	assert_int_equal(u.memory_bytes, 4096);
	assert_int_equal(u.restarts, 2);
}

static void test_unknown(void **state)
{
	static const char *const texts[] = {
		"",
		"\n\n",
		"=",
		"MemoryCurrent",
		"MemoryCurrent=",
		"MemoryCurrent=[not set]\nMainPID=-1\nNRestarts=x",
		"MemoryCurrent=18446744073709551615\nMainPID=99999999999",
		"StateChangeTimestamp=\n",
		"StateChangeTimestamp=1767225600",
		"StateChangeTimestamp=@99999999999999999999",
		"StateChangeTimestamp=@18446744073709551615",
		"LoadStat=loaded\nLoadStates=loaded\n LoadState=loaded",
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct unit u, nothing = {};

		memset(&u, 0xff, sizeof(u));
		unit_parse(texts[i], &u);
		assert_memory_equal(&u, &nothing, sizeof(u));
	}
}

static void test_long(void **state)
{
	char text[1000] = "ActiveState=";
	struct unit u;

	memset(text + strlen(text), 'a', sizeof(text) - strlen(text) - 1);
	unit_parse(text, &u);
	assert_int_equal(strlen(u.active), UNIT_WORD_MAX - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
