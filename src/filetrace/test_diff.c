/*
 * Tests of diff.c: what it writes is applied to the old text, by a small applier here and by
 * patch(1), and must give the new one; hunks are compared with those of diff(1).
 */
#include "filetrace/diff.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "base/def.h"
#include "base/io.h"
#include "base/str.h"
#include "base/testroot.h"
#include "base/time.h"
#include "filetrace/record.h"

extern char **environ;

enum { LARGE = 64 * 1024 * 1024, MIB = 1024 * 1024 };

struct text {
	char *bytes; /* NULL: there is none */
	size_t len;
};

static void text_deinit(struct text *t)
{
	free(t->bytes);
	*t = (struct text){};
}

static struct text text_of(const char *s)
{
	return (struct text){s ? strdup(s) : NULL, s ? strlen(s) : 0};
}

static void make(const struct text *old, const struct text *new, struct text *ret_diff)
{
	struct text d = {};

	assert_int_equal(diff_unified("/etc/x", old->bytes, old->len, new->bytes, new->len, LARGE,
				      &d.bytes, &d.len),
			 0);
	if (d.bytes)
		assert_int_equal(strlen(d.bytes), d.len);
	*ret_diff = d;
}

/* ---- the applier ---- */

/* The byte that stands at @p as \xHH, where it is one that is escaped; else -1. */
static int escaped_byte(const char *p)
{
	unsigned byte;
	int n = 0;

	if (sscanf(p, "\\x%2x%n", &byte, &n) != 1 || n != 4)
		return -1;
	return byte >= 0x7f || (byte < ' ' && byte != '\t') ? (int)byte : -1;
}

/* What a line of a difference stands for. A text of a backslash, x and the digits of a byte that is
 * escaped would be taken for that byte. */
static void decode(const char *line, char **ret_bytes, size_t *ret_len)
{
	char *bytes = strdup(line);
	size_t len = 0;

	assert_non_null(bytes);
	for (const char *p = line; *p; len++) {
		int byte = escaped_byte(p);

		bytes[len] = byte < 0 ? *p : (char)byte;
		p += byte < 0 ? 1 : 4;
	}
	*ret_bytes = bytes;
	*ret_len = len;
}

/* The bytes of each line of a diff, with newlines; that is what patch(1) reads. */
static struct text plain(const struct text *diff)
{
	struct strbuf b = {};
	struct text t = {};

	for (const char *p = diff->bytes; *p;) {
		size_t len = strcspn(p, "\n"), bytes_len;
		_cleanup_free_ char *line = strndup(p, len), *bytes = NULL;

		if (*line != '\\')
			decode(line, &bytes, &bytes_len);
		if (bytes)
			assert_int_equal(strbuf_add(&b, bytes, bytes_len), 0);
		else
			assert_int_equal(strbuf_add(&b, line, len), 0);
		assert_int_equal(strbuf_add(&b, "\n", 1), 0);
		p += len + 1;
	}
	t.len = b.len;
	assert_int_equal(strbuf_steal(&b, &t.bytes), 0);
	return t;
}

/* A range "12,3": the index of its first line, and how many. */
static const char *range(const char *p, size_t *ret_begin, size_t *ret_count)
{
	char *end;

	*ret_begin = strtoul(p, &end, 10);
	*ret_count = 1;
	if (*end == ',')
		*ret_count = strtoul(end + 1, &end, 10);
	if (*ret_count)
		--*ret_begin;
	return end;
}

static const char *line_end(const char *p, const char *end)
{
	const char *newline = p < end ? memchr(p, '\n', end - p) : NULL;

	return newline ? newline + 1 : end;
}

struct apply {
	const char *old, *old_end;
	size_t at; /* lines of the old text that are done */
	size_t made; /* lines of the new one */
	struct strbuf out;
};

/* Copies lines up to the old side's @line. */
static void copy_to(struct apply *a, size_t line)
{
	for (; a->at < line && a->old < a->old_end; a->at++, a->made++) {
		const char *next = line_end(a->old, a->old_end);

		assert_int_equal(strbuf_add(&a->out, a->old, next - a->old), 0);
		a->old = next;
	}
}

/* One line of a hunk: its bytes, with a newline unless the next line says there is none. */
static const char *apply_line(struct apply *a, const char *p)
{
	size_t len = strcspn(p, "\n"), bytes_len;
	_cleanup_free_ char *line = strndup(p + 1, len - 1), *bytes = NULL;
	const char *next = p + len + 1, *old_end = line_end(a->old, a->old_end);

	decode(line, &bytes, &bytes_len);
	if (*next == '\\')
		next += strcspn(next, "\n") + 1;
	else
		bytes[bytes_len++] = '\n';
	if (*p != '+') {
		assert_int_equal(old_end - a->old, bytes_len);
		assert_memory_equal(a->old, bytes, bytes_len);
		a->old = old_end;
		a->at++;
	}
	if (*p != '-') {
		assert_int_equal(strbuf_add(&a->out, bytes, bytes_len), 0);
		a->made++;
	}
	return next;
}

static const char *apply_hunk(struct apply *a, const char *p)
{
	size_t old_begin, old_count, new_begin, new_count;

	assert_true(str_starts(p, "@@ -"));
	p = range(p + 4, &old_begin, &old_count);
	assert_true(str_starts(p, " +"));
	p = range(p + 2, &new_begin, &new_count);
	assert_true(str_starts(p, " @@\n"));
	p += 4;
	copy_to(a, old_begin);
	assert_int_equal(a->at, old_begin);
	assert_int_equal(a->made, new_begin);
	while (a->at < old_begin + old_count || a->made < new_begin + new_count)
		p = apply_line(a, p);
	assert_int_equal(a->at, old_begin + old_count);
	assert_int_equal(a->made, new_begin + new_count);
	return p;
}

static void assert_applies(const struct text *old, const struct text *new, const struct text *diff)
{
	struct apply a = {.old = old->bytes, .old_end = old->bytes + old->len};
	const char *p = strchr(strchr(diff->bytes, '\n') + 1, '\n') + 1;

	while (*p)
		p = apply_hunk(&a, p);
	copy_to(&a, SIZE_MAX);
	assert_int_equal(a.out.len, new->len);
	if (new->len)
		assert_memory_equal(a.out.text, new->bytes, new->len);
	strbuf_deinit(&a.out);
}

/* ---- patch(1) and diff(1) ---- */

static bool has_program(const char *path)
{
	return access(path, X_OK) == 0;
}

/* Runs a program, its output into the file "printed"; its exit status. */
static int run(const char *const *argv)
{
	posix_spawn_file_actions_t actions;
	int status;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 1, "printed", O_WRONLY | O_CREAT | O_TRUNC,
					 0600);
	assert_int_equal(posix_spawn(&pid, argv[0], &actions, NULL, (char *const *)argv, environ),
			 0);
	posix_spawn_file_actions_destroy(&actions);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void write_file(const struct testroot *t, const char *name, const struct text *text)
{
	testroot_write_bytes(t, name, text->bytes ? text->bytes : "", text->len);
}

static void assert_patches(const struct testroot *t, const struct text *old, const struct text *new,
			   const struct text *diff)
{
	static const char *const patch[] = {"/usr/bin/patch", "-s",  "--binary", "-o",
					    "made",	      "old", "diff",	 NULL};
	struct text bytes = plain(diff), made = {};

	write_file(t, "old", old);
	write_file(t, "diff", &bytes);
	assert_int_equal(run(patch), 0);
	/* patch(1) takes an emptied file away. */
	if (new->len) {
		assert_int_equal(io_read_file(AT_FDCWD, "made", LARGE, &made.bytes, &made.len), 0);
		assert_int_equal(made.len, new->len);
		assert_memory_equal(made.bytes, new->bytes, new->len);
		unlink("made");
	}
	text_deinit(&made);
	text_deinit(&bytes);
}

/* Both appliers, on @old and @new. */
static void check(const struct testroot *t, const struct text *old, const struct text *new,
		  bool with_patch)
{
	struct text diff = {};

	make(old, new, &diff);
	if (old->len == new->len && (!old->len || !memcmp(old->bytes, new->bytes, old->len))) {
		assert_null(diff.bytes);
		return;
	}
	assert_true(str_utf8_valid(diff.bytes, diff.len));
	assert_applies(old, new, &diff);
	if (with_patch && has_program("/usr/bin/patch"))
		assert_patches(t, old, new, &diff);
	text_deinit(&diff);
}

/* ---- tests ---- */

static void test_exact_texts(void **state)
{
	static const struct {
		const char *path, *old, *new, *diff;
	} cases[] = {
		{"/etc/x", "a\nb\nc\n", "a\nB\nc\n",
		 "--- a/etc/x\n+++ b/etc/x\n@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n"},
		{"/etc/x", NULL, "a\n", "--- /dev/null\n+++ b/etc/x\n@@ -0,0 +1 @@\n+a\n"},
		{"/etc/x", "a\nb\n", NULL, "--- a/etc/x\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-a\n-b\n"},
		{"/etc/x", "", "a",
		 "--- a/etc/x\n+++ b/etc/x\n@@ -0,0 +1 @@\n+a\n"
		 "\\ No newline at end of file\n"},
		{"/etc/x", "a", "a\n",
		 "--- a/etc/x\n+++ b/etc/x\n@@ -1 +1 @@\n-a\n"
		 "\\ No newline at end of file\n+a\n"},
		{"/a\nb", "x\n", "\x1b[31m\\\xff\r\n",
		 "--- a/a\\x0ab\n+++ b/a\\x0ab\n@@ -1 +1 @@\n-x\n+\\x1b[31m\\\\xff\\x0d\n"},
		{"/etc/x", "", "", NULL},
		{"/etc/x", NULL, NULL, NULL},
		/* A file without content that comes or goes has no lines that differ. */
		{"/etc/x", NULL, "", NULL},
		{"/etc/x", "", NULL, NULL},
		{"/etc/x", "same\n", "same\n", NULL},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *old = cases[i].old, *new = cases[i].new;
		_cleanup_free_ char *text = (char *)1;
		size_t len = 1;

		assert_int_equal(diff_unified(cases[i].path, old, old ? strlen(old) : 0, new,
					      new ? strlen(new) : 0, 1000, &text, &len),
				 0);
		if (!cases[i].diff) {
			assert_null(text);
			assert_int_equal(len, 0);
			continue;
		}
		assert_string_equal(text, cases[i].diff);
		assert_int_equal(len, strlen(text));
	}
}

static void test_binary(void **state)
{
	struct text old = {.bytes = calloc(1, 9000), .len = 9000}, new = text_of("text\n");
	struct text diff;

	memset(old.bytes, 'x', 9000);
	old.bytes[7999] = '\0';
	make(&old, &new, &diff);
	assert_string_equal(diff.bytes, "Binary files a/etc/x and b/etc/x differ\n");
	text_deinit(&diff);
	make(&new, &old, &diff);
	assert_string_equal(diff.bytes, "Binary files a/etc/x and b/etc/x differ\n");
	text_deinit(&diff);
	/* Behind the first 8000 bytes it is a byte as others are. */
	old.bytes[7999] = 'x';
	old.bytes[8000] = '\0';
	make(&old, &new, &diff);
	assert_applies(&old, &new, &diff);
	text_deinit(&diff);
	text_deinit(&old);
	text_deinit(&new);
}

static void test_too_large(void **state)
{
	static const char old[] = "a\nb\n", new[] = "a\n\x01\n";
	_cleanup_free_ char *whole = NULL;
	char *text = (char *)1;
	size_t len = 1, whole_len;

	assert_int_equal(diff_unified("/x", old, 4, new, 4, 1000, &whole, &whole_len), 0);
	for (size_t max = 0; max < whole_len; max++)
		assert_int_equal(diff_unified("/x", old, 4, new, 4, max, &text, &len), -EFBIG);
	assert_ptr_equal(text, (char *)1);
	assert_int_equal(len, 1);
	assert_int_equal(diff_unified("/x", old, 4, new, 4, whole_len, &text, &len), 0);
	assert_string_equal(text, whole);
	free(text);
	/* More than a text may be; it is not looked at. */
	assert_int_equal(diff_unified("/x", "", 0, NULL, 0, 0, &text, &len), 0);
}

static uint64_t random_state = 0x9e3779b97f4a7c15;

static uint32_t random_below(uint32_t n)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (random_state >> 16) % n;
}

/* Lines of a small stock, so that many are equal: CRLF, bytes of all kinds, empty ones. */
static void add_random_line(struct strbuf *b, unsigned stock)
{
	static const char *const lines[] = {
		"\n",	      "a\n",	    "b\n",	 "\r\n",     "\xff\xfe\n",    "\\x41\n",
		"\xc3\xa4\n", "\tindent\n", "- minus\n", "+ plus\n", "@@ -1 +1 @@\n", "\\ No\n",
	};
	char line[32];

	if (random_below(4) == 0)
		snprintf(line, sizeof(line), "%u\n", random_below(stock));
	else
		snprintf(line, sizeof(line), "%s", lines[random_below(ARRAY_SIZE(lines))]);
	assert_int_equal(strbuf_add(b, line, strlen(line)), 0);
}

static struct text random_text(unsigned max_lines, unsigned stock)
{
	unsigned count = random_below(max_lines + 1);
	struct strbuf b = {};
	struct text t = {};

	for (unsigned i = 0; i < count; i++)
		add_random_line(&b, stock);
	t.len = b.len;
	assert_int_equal(strbuf_steal(&b, &t.bytes), 0);
	if (t.len && random_below(4) == 0)
		t.bytes[--t.len] = '\0';
	return t;
}

/* @from with lines left out, put in, and repeated. */
static struct text changed_text(const struct text *from, unsigned one_in)
{
	const char *p = from->bytes, *end = p + from->len, *next;
	struct strbuf b = {};
	struct text t = {};

	for (; p < end; p = next) {
		next = line_end(p, end);
		if (random_below(one_in) == 0)
			add_random_line(&b, 10);
		if (random_below(one_in))
			assert_int_equal(strbuf_add(&b, p, next - p), 0);
	}
	t.len = b.len;
	assert_int_equal(strbuf_steal(&b, &t.bytes), 0);
	return t;
}

static void test_random(void **state)
{
	for (unsigned i = 0; i < 3000; i++) {
		struct text old = random_text(i % 60, 5);
		struct text new = i % 3 ? changed_text(&old, 1 + i % 20) : random_text(i % 50, 5);

		/* A process for each is dear. */
		check(*state, &old, &new, i % 20 == 0);
		text_deinit(&old);
		text_deinit(&new);
	}
}

/* As the test of diff(1): its hunks, but for file names and times, byte for byte. */
static void assert_as_diff(const struct testroot *t, const struct text *old, const struct text *new)
{
	static const char *const argv[] = {"/usr/bin/diff", "-u", "-a", "old", "new", NULL};
	_cleanup_free_ char *printed = NULL;
	struct text diff = {}, bytes;
	const char *theirs, *ours;

	make(old, new, &diff);
	if (!diff.bytes)
		return;
	bytes = plain(&diff);
	write_file(t, "old", old);
	write_file(t, "new", new);
	assert_int_equal(run(argv), 1);
	assert_int_equal(io_read_file(AT_FDCWD, "printed", LARGE, &printed, NULL), 0);
	theirs = strchr(strchr(printed, '\n') + 1, '\n') + 1;
	ours = strchr(strchr(bytes.bytes, '\n') + 1, '\n') + 1;
	assert_string_equal(ours, theirs);
	text_deinit(&diff);
	text_deinit(&bytes);
}

/* What people do to configuration files. */
static void test_hunks(void **state)
{
	static const struct {
		const char *old, *new;
	} cases[] = {
		{"a\nb\nc\nd\ne\nf\ng\nh\n", "a\nb\nc\nd\ne\nf\ng\nH\n"},
		{"1\n2\n3\n4\n5\n6\n7\n8\n9\n", "one\n2\n3\n4\n5\n6\n7\n8\nnine\n"},
		{"1\n2\n3\n4\n5\n6\n7\n8\n", "one\n2\n3\n4\n5\n6\n7\neight\n"},
		{"1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n", "0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n"},
		{"[a]\nx=1\n\n[b]\nx=1\n\n", "[a]\nx=1\n\n[n]\nx=1\n\n[b]\nx=1\n\n"},
		{"[a]\nx=1\n\n[n]\nx=1\n\n[b]\nx=1\n\n", "[a]\nx=1\n\n[b]\nx=1\n\n"},
		{"{\n  a;\n}\n\n{\n  b;\n}\n", "{\n  a;\n}\n\n{\n  n;\n}\n\n{\n  b;\n}\n"},
		{"x\nx\nx\n", "x\nx\nx\nx\n"},
		{"x\nx\nx\nx\n", "x\nx\n"},
		{"#Port 22\n#Listen\n\nPermit no\n", "Port 2222\n#Listen\n\nPermit yes\nUse no\n"},
		{"a\nb", "a\nb\n"},
		{"a\nb\n", "a\nb"},
		{"a\nb", "a\nc"},
		{"", "new\nfile\n"},
		{"gone\nfile\n", ""},
		{"a\r\nb\r\n", "a\nb\n"},
		{"a\nb\nc\nd\n", "b\nc\nd\na\n"},
		{"1\n2\n3\n", "4\n5\n6\n7\n"},
	};

	if (!has_program("/usr/bin/diff")) {
		print_message("[  SKIPPED ] /usr/bin/diff is not there\n");
		skip();
	}
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct text old = text_of(cases[i].old), new = text_of(cases[i].new);

		assert_as_diff(*state, &old, &new);
		check(*state, &old, &new, true);
		text_deinit(&old);
		text_deinit(&new);
	}
}

/* Single changes in a larger file: these have one shortest edit, if lines are all different. */
static void test_hunks_of_numbers(void **state)
{
	if (!has_program("/usr/bin/diff")) {
		print_message("[  SKIPPED ] /usr/bin/diff is not there\n");
		skip();
	}
	for (unsigned round = 0; round < 100; round++) {
		struct strbuf a = {}, b = {};
		struct text old = {}, new = {};

		for (unsigned i = 0; i < 300; i++) {
			assert_int_equal(strbuf_addf(&a, "line %u\n", i), 0);
			if (random_below(40))
				assert_int_equal(strbuf_addf(&b, "line %u\n", i), 0);
			if (random_below(40) == 0)
				assert_int_equal(strbuf_addf(&b, "new %u\n", i), 0);
		}
		old.len = a.len;
		new.len = b.len;
		assert_int_equal(strbuf_steal(&a, &old.bytes), 0);
		assert_int_equal(strbuf_steal(&b, &new.bytes), 0);
		assert_as_diff(*state, &old, &new);
		text_deinit(&old);
		text_deinit(&new);
	}
}

/* The number of lines that a diff marks. */
static size_t marked(const struct text *diff)
{
	const char *p = strchr(strchr(diff->bytes, '\n') + 1, '\n') + 1;
	size_t count = 0;

	for (; *p; p += strcspn(p, "\n") + 1)
		count += *p == '+' || *p == '-';
	return count;
}

/* By the textbook, quadratic: the length of the longest sequence of lines that both have. */
static size_t longest(const char *a, size_t n, const char *b, size_t m)
{
	size_t row[64] = {};

	for (size_t i = 0; i < n; i++) {
		size_t corner = 0;

		for (size_t j = 0; j < m; j++) {
			size_t above = row[j + 1], best = above > row[j] ? above : row[j];

			row[j + 1] = a[i] == b[j] ? corner + 1 : best;
			corner = above;
		}
	}
	return row[m];
}

static struct text letters(size_t count, char *ret_letters)
{
	struct text t = {.bytes = calloc(1, 2 * count + 1), .len = 2 * count};

	for (size_t i = 0; i < count; i++) {
		ret_letters[i] = 'a' + random_below(4);
		t.bytes[2 * i] = ret_letters[i];
		t.bytes[2 * i + 1] = '\n';
	}
	return t;
}

static void test_shortest(void **state)
{
	for (unsigned i = 0; i < 5000; i++) {
		char a[63], b[63];
		size_t n = random_below(63), m = random_below(63);
		struct text old = letters(n, a), new = letters(m, b), diff = {};

		make(&old, &new, &diff);
		if (diff.bytes) {
			assert_int_equal(marked(&diff), n + m - 2 * longest(a, n, b, m));
			assert_applies(&old, &new, &diff);
		} else {
			assert_int_equal(n, m);
		}
		text_deinit(&diff);
		text_deinit(&old);
		text_deinit(&new);
	}
}

/* 1 MiB of lines of @stock different ones. */
static struct text large(unsigned stock)
{
	struct text t = {.bytes = malloc(MIB + 16)};

	while (t.len < MIB)
		t.len += sprintf(t.bytes + t.len, "%x\n", random_below(stock));
	return t;
}

/* In bounded time, whatever there is in common: the bound here only tells of a hang. */
static void test_large(void **state)
{
	static const unsigned stocks[] = {1, 2, 10, 16, 200, 4000, 60000, 1000000000};

	for (size_t i = 0; i < ARRAY_SIZE(stocks); i++) {
		struct text old = large(stocks[i]), new = large(stocks[i]), diff = {};
		uint64_t begin_ns = time_now_ns(CLOCK_MONOTONIC), ns;
		char *text;
		size_t len;

		if (stocks[i] == 1)
			new.len -= 2;
		make(&old, &new, &diff);
		ns = time_now_ns(CLOCK_MONOTONIC) - begin_ns;
		print_message("%u lines to choose from: %.3f s, %zu marked\n", stocks[i],
			      (double)ns / NS_PER_S, marked(&diff));
		assert_true(ns < 60 * NS_PER_S);
		assert_applies(&old, &new, &diff);
		assert_int_equal(diff_unified("/x", old.bytes, old.len, new.bytes, new.len,
					      DIFF_MAX_BYTES, &text, &len),
				 diff.len > DIFF_MAX_BYTES ? -EFBIG : 0);
		if (diff.len <= DIFF_MAX_BYTES)
			free(text);
		text_deinit(&diff);
		text_deinit(&old);
		text_deinit(&new);
	}
}

/* A large file in which little changes has a short diff, and the shortest. */
static void test_little_of_much(void **state)
{
	struct text old = large(1000), new = {}, diff;

	new.bytes = malloc(old.len + 1);
	new.len = old.len;
	memcpy(new.bytes, old.bytes, old.len);
	for (size_t at = 1000; at < old.len; at += old.len / 10)
		*strchr(new.bytes + at, '\n') = ' ';
	make(&old, &new, &diff);
	assert_int_equal(marked(&diff), 30);
	assert_applies(&old, &new, &diff);
	text_deinit(&diff);
	text_deinit(&old);
	text_deinit(&new);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_exact_texts),    cmocka_unit_test(test_binary),
		cmocka_unit_test(test_too_large),      cmocka_unit_test(test_random),
		cmocka_unit_test(test_hunks),	       cmocka_unit_test(test_hunks_of_numbers),
		cmocka_unit_test(test_shortest),       cmocka_unit_test(test_large),
		cmocka_unit_test(test_little_of_much),
	};

	return cmocka_run_group_tests(tests, testroot_setup, testroot_teardown);
}
