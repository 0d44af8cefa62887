/*
 * Tests of the journal: torn and damaged files, other boots, full disks, and who may write there.
 */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/io.h"
#include "base/testroot.h"
#include "core/crc.h"
#include "pwrapis/writer/journal.h"
#include "pwrapis/writer/testmachine.h"

#define BOOT "11111111-2222-3333-4444-555555555555"
#define OTHER "99999999-2222-3333-4444-555555555555"

enum { SEEN_MAX = 16 };

static int dir_fd = -1;
static struct journal_entry seen[SEEN_MAX];
static unsigned seen_count;

static int see(void *data, const struct journal_entry *e)
{
	assert_true(seen_count < SEEN_MAX);
	seen[seen_count++] = *e;
	return 0;
}

static struct journal_entry entry(const char *name, double original)
{
	struct journal_entry e = {.kind = JOURNAL_TRIED, .original = {.number = original}};

	strcpy(e.item, "test.number");
	strcpy(e.name, name);
	strcpy(e.last.text, "last");
	e.tried.number = -1.5;
	return e;
}

static int open_boot(const char *boot, struct journal **ret_journal, bool *ret_damaged)
{
	seen_count = 0;
	return journal_open(dir_fd, boot, see, NULL, ret_journal, ret_damaged);
}

/* A journal with @count entries "a", "b", ... of originals 1, 2, ... */
static struct journal *make(unsigned count)
{
	struct journal *j = NULL;
	bool damaged;

	unlinkat(dir_fd, "journal", 0);
	assert_int_equal(open_boot(BOOT, &j, &damaged), 0);
	assert_false(damaged);
	assert_int_equal(seen_count, 0);
	for (unsigned i = 0; i < count; i++) {
		const struct journal_entry e = entry((char[]){'a' + i, '\0'}, i + 1);

		assert_int_equal(journal_append(j, &e, true), 0);
	}
	return j;
}

static void expect(const char *names)
{
	assert_int_equal(seen_count, strlen(names));
	for (unsigned i = 0; i < seen_count; i++) {
		const struct journal_entry e = entry((char[]){names[i], '\0'}, names[i] - 'a' + 1);

		assert_memory_equal(&seen[i], &e, sizeof(e));
	}
}

static void reopen_expect(const char *names, bool damaged_expected)
{
	_cleanup_(journal_close_p) struct journal *j = NULL;
	bool damaged;

	assert_int_equal(open_boot(BOOT, &j, &damaged), 0);
	assert_int_equal(damaged, damaged_expected);
	expect(names);
}

static void test_append(void **state)
{
	journal_close(make(3));
	reopen_expect("abc", false);
	journal_close(make(0));
	reopen_expect("", false);
}

/* Goes on where the last one has ended. */
static void test_goes_on(void **state)
{
	struct journal *j = make(2);
	const struct journal_entry c = entry("c", 3);
	bool damaged;

	journal_close(j);
	assert_int_equal(open_boot(BOOT, &j, &damaged), 0);
	assert_int_equal(journal_append(j, &c, false), 0);
	assert_int_equal(journal_bytes(j), JOURNAL_HEADER_BYTES + 3 * JOURNAL_RECORD_BYTES);
	journal_close(j);
	reopen_expect("abc", false);
}

static void test_clear(void **state)
{
	struct journal *j = make(2);
	const struct journal_entry c = entry("c", 3);

	assert_int_equal(journal_clear(j), 0);
	assert_int_equal(journal_bytes(j), JOURNAL_HEADER_BYTES);
	assert_int_equal(journal_append(j, &c, true), 0);
	journal_close(j);
	reopen_expect("c", false);
}

static void test_replace(void **state)
{
	const struct journal_entry two[] = {entry("b", 2), entry("c", 3)}, d = entry("d", 4);
	struct journal *j = make(3);

	assert_int_equal(journal_replace(j, two, 2), 0);
	assert_int_equal(journal_append(j, &d, true), 0);
	journal_close(j);
	reopen_expect("bcd", false);
	assert_int_equal(faccessat(dir_fd, "journal.new", F_OK, 0), -1);
}

/* Wherever an append was cut off, what was before it is there, and the next one takes its place. */
static void test_torn(void **state)
{
	const struct journal_entry d = entry("d", 4);
	_cleanup_free_ char *bytes = NULL;
	size_t len;

	journal_close(make(2));
	assert_int_equal(io_read_file(dir_fd, "journal", 65536, &bytes, &len), 0);
	for (size_t cut = JOURNAL_HEADER_BYTES + JOURNAL_RECORD_BYTES; cut < len; cut += 7) {
		struct journal *j;
		bool damaged;

		assert_int_equal(io_replace_file(dir_fd, "journal", bytes, cut, 0600), 0);
		assert_int_equal(open_boot(BOOT, &j, &damaged), 0);
		assert_false(damaged);
		expect("a");
		assert_int_equal(journal_append(j, &d, false), 0);
		journal_close(j);
		reopen_expect("ad", false);
	}
}

/* No changed byte is believed, and none spoils another record. */
static void test_damaged(void **state)
{
	_cleanup_free_ char *bytes = NULL;
	size_t len;

	journal_close(make(3));
	assert_int_equal(io_read_file(dir_fd, "journal", 65536, &bytes, &len), 0);
	for (size_t at = 0; at < len; at += at < JOURNAL_HEADER_BYTES ? 1 : 13) {
		size_t record = (at - JOURNAL_HEADER_BYTES) / JOURNAL_RECORD_BYTES;
		static const char *const without[] = {"bc", "ac", "ab"};

		bytes[at] ^= 0x10;
		assert_int_equal(io_replace_file(dir_fd, "journal", bytes, len, 0600), 0);
		bytes[at] ^= 0x10;
		unlinkat(dir_fd, "damaged-journal", 0);
		reopen_expect(at < JOURNAL_HEADER_BYTES ? "" : without[record], true);
		assert_int_equal(faccessat(dir_fd, "damaged-journal", F_OK, 0) == 0,
				 at < JOURNAL_HEADER_BYTES);
	}
}

static void test_other_boot(void **state)
{
	struct journal *j = make(2);
	bool damaged;

	journal_close(j);
	assert_int_equal(open_boot(OTHER, &j, &damaged), 0);
	assert_false(damaged);
	assert_int_equal(seen_count, 0);
	journal_close(j);
	/* It is the other one's now. */
	reopen_expect("", false);
}

/* A record whose checksum is right, and whose number is none. */
static void test_not_finite(void **state)
{
	const struct journal_entry good = entry("b", 2);
	struct journal_entry bad = entry("a", NAN);
	struct journal *j = make(0);

	assert_int_equal(journal_append(j, &bad, false), 0);
	bad = entry("a", 1);
	bad.kind = JOURNAL_KINDS;
	assert_int_equal(journal_append(j, &bad, false), 0);
	bad = entry("a", 1);
	memset(bad.name, 'x', sizeof(bad.name));
	assert_int_equal(journal_append(j, &bad, false), 0);
	assert_int_equal(journal_append(j, &good, false), 0);
	journal_close(j);
	reopen_expect("b", true);
}

/* On a full disk an append changes nothing, and clearing goes on. */
static void test_full(void **state)
{
	const struct journal_entry c = entry("c", 3), d = entry("d", 4);

	for (unsigned at = 1; at <= 2; at++) {
		struct journal *j = make(2);

		testmachine->calls = 0;
		testmachine->full_at = at;
		assert_int_equal(journal_append(j, &c, true), -ENOSPC);
		testmachine->full_at = 0;
		assert_int_equal(journal_bytes(j), JOURNAL_HEADER_BYTES + 2 * JOURNAL_RECORD_BYTES);
		reopen_expect("ab", false);
		assert_int_equal(journal_append(j, &d, true), 0);
		journal_close(j);
		reopen_expect("abd", false);
	}
}

/* Of another boot, and no room to begin: it says nothing, nothing is noted, until there is room. */
static void test_begin_full(void **state)
{
	const struct journal_entry c = entry("c", 3);
	struct journal *j = make(2);
	bool damaged;

	journal_close(j);
	testmachine->full_at = testmachine->calls + 1;
	testmachine->stays_full = true;
	assert_int_equal(open_boot(OTHER, &j, &damaged), 0);
	assert_int_equal(seen_count, 0);
	assert_int_equal(journal_append(j, &c, true), -ENOSPC);
	assert_int_equal(journal_clear(j), 0);
	testmachine->full_at = 0;
	testmachine->stays_full = false;
	reopen_expect("ab", false);
	assert_int_equal(journal_append(j, &c, true), 0);
	journal_close(j);
	assert_int_equal(open_boot(OTHER, &j, &damaged), 0);
	expect("c");
	journal_close(j);
}

/* Whatever step of a replacement fails, the file is the old one or the new one, and goes on. */
static void test_replace_full(void **state)
{
	const struct journal_entry b = entry("b", 2), d = entry("d", 4);
	unsigned at = 1;
	int r = -ENOSPC;

	for (; r < 0; at++) {
		struct journal *j = make(3);

		testmachine->calls = 0;
		testmachine->full_at = at;
		r = journal_replace(j, &b, 1);
		testmachine->full_at = 0;
		assert_true(r == 0 || r == -ENOSPC);
		assert_int_equal(journal_append(j, &d, true), 0);
		journal_close(j);
		seen_count = 0;
		assert_int_equal(open_boot(BOOT, &j, &(bool){false}), 0);
		journal_close(j);
		if (seen_count == 2)
			expect("bd");
		else
			expect("abcd");
	}
	assert_true(at > 3);
}

static void refused(void)
{
	struct journal *j = NULL;
	bool damaged;

	assert_int_equal(open_boot(BOOT, &j, &damaged), -EPERM);
	assert_null(j);
}

static void test_rights(void **state)
{
	journal_close(make(1));
	assert_int_equal(fchmodat(dir_fd, "journal", 0660, 0), 0);
	refused();
	assert_int_equal(fchmodat(dir_fd, "journal", 0600, 0), 0);
	assert_int_equal(fchmod(dir_fd, 0777), 0);
	refused();
	assert_int_equal(fchmod(dir_fd, 0700), 0);
	reopen_expect("a", false);
	assert_int_equal(unlinkat(dir_fd, "journal", 0), 0);
	assert_int_equal(symlinkat("elsewhere", dir_fd, "journal"), 0);
	assert_int_equal(open_boot(BOOT, &(struct journal *){NULL}, &(bool){false}), -ELOOP);
	assert_int_equal(unlinkat(dir_fd, "journal", 0), 0);
}

static int setup_group(void **state)
{
	if (testmachine_init() < 0 || testroot_setup(state) < 0 || mkdir("state", 0700) < 0)
		return -1;
	dir_fd = open("state", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return dir_fd < 0 ? -1 : 0;
}

static int teardown_group(void **state)
{
	close(dir_fd);
	return testroot_teardown(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_append),	   cmocka_unit_test(test_goes_on),
		cmocka_unit_test(test_clear),	   cmocka_unit_test(test_replace),
		cmocka_unit_test(test_torn),	   cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_other_boot), cmocka_unit_test(test_not_finite),
		cmocka_unit_test(test_full),	   cmocka_unit_test(test_replace_full),
		cmocka_unit_test(test_rights),	   cmocka_unit_test(test_begin_full),
	};

	return cmocka_run_group_tests(tests, setup_group, teardown_group);
}
