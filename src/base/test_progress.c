/*
 * Tests of progress.c with a clock that the test moves: when a line comes, and what it says.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/tableint.h"
#include "base/time.h"

/* Any time will do to begin at. */
#define BEGIN (UINT64_C(123456789) * NS_PER_MS)

struct output {
	FILE *f;
	char *text;
	size_t len;
};

static void begin(struct output *o, struct progress *p, const char *unit, uint64_t total,
		  bool terminal)
{
	o->text = NULL;
	o->f = open_memstream(&o->text, &o->len);
	assert_non_null(o->f);
	progress_begin_at(p, "hashing", unit, total, o->f, terminal, BEGIN);
}

static void expect(struct output *o, struct progress *p, const char *expected)
{
	progress_end(p);
	fclose(o->f);
	assert_string_equal(o->text, expected);
	free(o->text);
}

static void test_lines(void **state)
{
	struct output o;
	struct progress p;

	begin(&o, &p, "files", 5000, false);
	progress_step_at(&p, 0, BEGIN);
	progress_step_at(&p, 999, BEGIN + 2 * NS_PER_S - 1);
	progress_step_at(&p, 1000, BEGIN + 2 * NS_PER_S);
	progress_step_at(&p, 2000, BEGIN + 4 * NS_PER_S);
	progress_step_at(&p, 2999, BEGIN + 12 * NS_PER_S - 1);
	progress_step_at(&p, 3000, BEGIN + 12 * NS_PER_S);
	progress_step_at(&p, 4000, BEGIN + 21 * NS_PER_S);
	progress_step_at(&p, 5000, BEGIN + 25 * NS_PER_S);
	expect(&o, &p,
	       "hashing: 1000 of 5000 files, 20%, 500 files/s, 8.0 s left\n"
	       "hashing: 3000 of 5000 files, 60%, 250 files/s, 8.0 s left\n"
	       "hashing: 5000 of 5000 files, 100%, 200 files/s\n");
}

/* Work that is done in two seconds shows nothing, wherever it goes. */
static void test_short_work(void **state)
{
	struct output o;
	struct progress p;

	for (int terminal = 0; terminal <= 1; terminal++) {
		begin(&o, &p, "files", 10, terminal);
		progress_step_at(&p, 5, BEGIN + NS_PER_S);
		progress_step_at(&p, 10, BEGIN + 2 * NS_PER_S - 1);
		expect(&o, &p, "");
	}
}

static void test_rewritten(void **state)
{
	struct output o;
	struct progress p;

	begin(&o, &p, "files", 100, true);
	progress_step_at(&p, 10, BEGIN + 2 * NS_PER_S);
	progress_step_at(&p, 11, BEGIN + 2 * NS_PER_S + 99 * NS_PER_MS);
	progress_step_at(&p, 12, BEGIN + 2 * NS_PER_S + 100 * NS_PER_MS);
	expect(&o, &p,
	       "\rhashing: 10 of 100 files, 10%, 5 files/s, 18.0 s left\033[K"
	       "\rhashing: 12 of 100 files, 12%, 5.7 files/s, 15.4 s left\033[K"
	       "\r\033[K");
}

static void test_unknown_total(void **state)
{
	struct output o;
	struct progress p;

	begin(&o, &p, "files", 0, false);
	progress_step_at(&p, 7, BEGIN + 10 * NS_PER_S);
	expect(&o, &p, "hashing: 7 files, 0.7 files/s\n");
}

static void test_nothing_done(void **state)
{
	struct output o;
	struct progress p;

	begin(&o, &p, "files", 3, false);
	progress_step_at(&p, 0, BEGIN + 5 * NS_PER_S);
	expect(&o, &p, "hashing: 0 of 3 files, 0%, 0 files/s\n");
}

static void test_bytes(void **state)
{
	static const struct {
		uint64_t total, done, elapsed_s;
		const char *text;
	} cases[] = {
		{1000, 500, 5, "hashing: 500 B of 1000 B, 50%, 100 B/s, 5.0 s left\n"},
		{4096, 1024, 2, "hashing: 1.0 KiB of 4.0 KiB, 25%, 512 B/s, 6.0 s left\n"},
		{UINT64_C(4) << 30, UINT64_C(1) << 30, 8,
		 "hashing: 1.0 GiB of 4.0 GiB, 25%, 128.0 MiB/s, 24.0 s left\n"},
		{UINT64_MAX, UINT64_C(1) << 50, 3600,
		 "hashing: 1.0 PiB of 15.9 EiB, 0%, 291.2 GiB/s, 682 d 14 h left\n"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct output o;
		struct progress p;

		begin(&o, &p, "bytes", cases[i].total, false);
		progress_step_at(&p, cases[i].done, BEGIN + cases[i].elapsed_s * NS_PER_S);
		expect(&o, &p, cases[i].text);
	}
}

/* Numbers at their ends, and more done than there is: a line, not a crash. */
static void test_extremes(void **state)
{
	struct output o;
	struct progress p;

	begin(&o, &p, "files", UINT64_MAX, false);
	progress_step_at(&p, 1, UINT64_MAX);
	expect(&o, &p,
	       "hashing: 1 of 18446744073709551615 files, 0%, 0 files/s, 213503 d 23 h left\n");
	begin(&o, &p, "files", 10, false);
	progress_step_at(&p, 20, BEGIN + 2 * NS_PER_S);
	expect(&o, &p, "hashing: 20 of 10 files, 200%, 10 files/s\n");
}

/* The clock begins with the machine: seconds after that a line is due all the same. */
static void test_after_boot(void **state)
{
	struct output o;
	struct progress p;

	begin(&o, &p, "files", 0, false);
	p.begin_ns = 0;
	progress_step_at(&p, 6, 2 * NS_PER_S);
	expect(&o, &p, "hashing: 6 files, 3 files/s\n");
}

/* On a real terminal the line leaves the last column free. */
static void test_narrow_terminal(void **state)
{
	_cleanup_close_ int master = posix_openpt(O_RDWR | O_NOCTTY);
	_cleanup_fclose_ FILE *terminal = NULL;
	struct winsize size = {.ws_row = 24, .ws_col = 20};
	static const char expected[] = "\rhashing: 10 of 100 \033[K\r\033[K";
	struct progress p;
	char text[64] = "";

	assert_true(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
	terminal = fdopen(open(ptsname(master), O_RDWR | O_NOCTTY), "r+");
	assert_non_null(terminal);
	assert_int_equal(ioctl(master, TIOCSWINSZ, &size), 0);
	progress_begin_at(&p, "hashing", "files", 100, terminal, true, BEGIN);
	progress_step_at(&p, 10, BEGIN + 2 * NS_PER_S);
	progress_end(&p);
	/* Two writes may arrive in two pieces. */
	for (size_t len = 0; len < strlen(expected); len = strlen(text))
		assert_true(read(master, text + len, sizeof(text) - 1 - len) > 0);
	assert_string_equal(text, expected);
}

/* The public functions use the monotonic clock and standard error; a moment shows nothing. */
static void test_public(void **state)
{
	struct progress p;

	progress_begin(&p, "hashing", "files", 10);
	assert_ptr_equal(p.out, stderr);
	progress_step(&p, 3);
	assert_int_equal(p.done, 3);
	assert_false(p.visible);
	progress_end(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),	     cmocka_unit_test(test_short_work),
		cmocka_unit_test(test_rewritten),    cmocka_unit_test(test_unknown_total),
		cmocka_unit_test(test_nothing_done), cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_extremes),     cmocka_unit_test(test_narrow_terminal),
		cmocka_unit_test(test_after_boot),   cmocka_unit_test(test_public),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
