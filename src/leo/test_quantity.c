/*
 * Tests of numbers with units.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/def.h"
#include "leo/quantity.h"

static void test_format(void **state)
{
	static const struct {
		double number;
		const char *unit, *text;
	} rows[] = {
		{2.4e9, "Hz", "2.4 GHz"},
		{8e8, "Hz", "800 MHz"},
		{214, "W", "214 W"},
		{0, "W", "0 W"},
		{90.5, "W", "90.5 W"},
		{0.0005, "W", "500 µW"},
		{102345.678901, "J", "102.3 kJ"},
		{313.15, "K", "40.0 °C"},
		{5e-5, "s", "50 µs"},
		{999999, "Hz", "1 MHz"},
		{-0.001, "s", "-1 ms"},
		{1e10, "bit/s", "10 Gbit/s"},
		{0.5, "1", "0.5"},
		{1, "bool", "1"},
		{19, "1/s", "19 1/s"},
		{1e-15, "s", "1e-06 ns"},
		{5e15, "Hz", "5000 THz"},
		{123456, "1", "123456"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char text[QUANTITY_TEXT_MAX];

		quantity_format(rows[i].number, rows[i].unit, text);
		assert_string_equal(text, rows[i].text);
	}
}

static void test_parse(void **state)
{
	static const struct {
		const char *text, *unit;
		double number;
	} rows[] = {
		{"2.4GHz", "Hz", 2.4e9}, {"2.4 GHz", "Hz", 2.4e9}, {"2400M", "Hz", 2.4e9},
		{"65W", "W", 65},	 {"65", "W", 65},	   {"50us", "s", 5e-5},
		{"50µs", "s", 5e-5},	 {"1e9", "Hz", 1e9},	   {"-1ms", "s", -1e-3},
		{".5", "1", 0.5},	 {"85%", "1", 0.85},	   {"on", "bool", 1},
		{"no", "bool", 0},	 {"1", "bool", 1},	   {"1500KHz", "Hz", 1.5e6},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		double number = -7;

		assert_int_equal(quantity_parse(rows[i].text, rows[i].unit, &number), 0);
		assert_true(number == rows[i].number);
	}
}

static void test_refuse(void **state)
{
	static const char *const rows[][2] = {
		{"", "W"},     {"W", "W"},    {"0x10", "W"}, {"inf", "W"},	{"nan", "W"},
		{"1..2", "W"}, {"65Hz", "W"}, {"65WW", "W"}, {"6 5", "W"},	{"1e999", "W"},
		{"1k", "1"},   {"on", "W"},   {"50%", "W"},  {"1bool", "bool"}, {" 1", "W"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		double number = -7;

		assert_int_equal(quantity_parse(rows[i][0], rows[i][1], &number), -EINVAL);
		assert_true(number == -7);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_format),
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_refuse),
	};

	return cmocka_run_group_tests_name("leo/quantity", tests, NULL, NULL);
}
