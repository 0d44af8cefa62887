/*
 * Golden tests of leo: each folder in tests/golden/leo is a case, made of these files.
 *
 *	command		what is typed; 'one word' in quotes; @ROOT@ is the machine
 *	output, error	what must be printed, control characters as <hh>, the version as
 *			@VERSION@; missing: nothing
 *	status		what it must exit with; missing: 0
 *	input		what it reads
 *	service		the services of the machine: testfake.h
 *	calls		what they must have been asked
 *	written		what must be in the file "out" of the machine; missing: there is none
 *	interfaces	of the tree's api/ that are installed besides those of common/root
 *	root/		files of the machine, over those of common/root
 *	bare		without those of common/root
 *	environment	more variables, one a line
 *	terminal	COLUMNSxROWS: its output is a terminal
 *	interrupt	Ctrl-C after so many lines; 0: once nothing has come for a while
 *	hangup		nobody reads any more after so many lines
 *	full		its output is a disk without room
 *	unprivileged	it does not run as root
 *	times		each time of day in the output is written HH:MM:SS
 *
 * The program is leo, or leo-fixture: the same with one more command. With LEO_GOLDEN_WRITE=1 in
 * the environment the expected files are written instead of compared: to be read before they are
 * committed. Arguments are the names of cases to run, or PART/PARTS, so that a machine runs several
 * at a time: most cases wait.
 */
#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/str.h"
#include "leo/testfake.h"
#include "leo/testfile.h"
#include "leo/testrun.h"

enum { CASES_MAX = 512, CALLS_TRIES = 200 };

static const char *leo, *fixture, *cases, *api;

/* ---- the machine ---- */

/* Copies what is in the folder @from, if there is one, into the folder @to. */
static void lay_over(const char *from, const char *to)
{
	_cleanup_free_ char *all = testfile_join(from, "/.");

	if (access(from, F_OK) == 0)
		testfile_tool(
			(const char *const[]){"cp", "-R", "--remove-destination", all, to, NULL});
}

static void make_folder(const char *root, const char *path)
{
	_cleanup_free_ char *full = testfile_join(root, path);

	testfile_tool((const char *const[]){"mkdir", "-p", full, NULL});
}

/* The interfaces as they are, so that a case cannot outlive one that it was written for. */
static void install_interfaces(const char *dir, const char *root)
{
	_cleanup_free_ char *names = testfile_read(dir, "interfaces");
	_cleanup_free_ char *to = testfile_join(root, "/usr/share/leonhard/api");
	char *rest = names, *name;

	if (names)
		make_folder(root, "/usr/share/leonhard/api");
	while (rest && (name = strsep(&rest, "\n"))) {
		_cleanup_free_ char *file = NULL;

		if (*name && asprintf(&file, "%s/%s.varlink", api, name) < 0)
			err(1, "memory");
		if (*name)
			testfile_tool((const char *const[]){"cp", file, to, NULL});
	}
}

static void make_machine(const char *dir, const char *root)
{
	_cleanup_free_ char *common = testfile_join(cases, "/common/root"),
			    *own = testfile_join(dir, "/root");

	make_folder(root, "/run/leonhard");
	if (!testfile_exists(dir, "bare"))
		lay_over(common, root);
	install_interfaces(dir, root);
	lay_over(own, root);
	testfile_tool((const char *const[]){"chmod", "-R", "a+rX", root, NULL});
}

/* ---- a case ---- */

static void hide_times(char *text)
{
	static const char form[] = "dd:dd:dd", hidden[] = "HH:MM:SS";

	for (; strlen(text) >= strlen(form); text++) {
		size_t i = 0;

		while (form[i] &&
		       (form[i] == 'd' ? isdigit((unsigned char)text[i]) != 0 : text[i] == form[i]))
			i++;
		if (!form[i])
			memcpy(text, hidden, strlen(hidden));
	}
}

/* What the program is started with: nothing of who runs the test. */
static void fill_environment(char *path, char *extra, char *environment[TESTFILE_WORDS_MAX + 1])
{
	static char locale[] = "LC_ALL=C.UTF-8", zone[] = "TZ=UTC", term[] = "TERM=xterm";
	size_t count = 0;
	char *line;

	/* Of two values the first one counts. */
	while (extra && (line = strsep(&extra, "\n")) && count < TESTFILE_WORDS_MAX - 4)
		if (*line)
			environment[count++] = line;
	environment[count++] = path;
	environment[count++] = locale;
	environment[count++] = zone;
	environment[count++] = term;
	environment[count] = NULL;
}

static char *const *program(char **words)
{
	if (str_equal(words[0], "leo"))
		words[0] = (char *)leo;
	else if (str_equal(words[0], "leo-fixture"))
		words[0] = (char *)fixture;
	else
		errx(1, "%s is not what is tested", words[0]);
	return words;
}

static void run_it(const char *dir, const char *root, struct testrun *t)
{
	_cleanup_free_ char *raw = testfile_read(dir, "command"),
			    *extra = testfile_read(dir, "environment");
	_cleanup_free_ char *input = testfile_read(dir, "input"),
			    *terminal = testfile_read(dir, "terminal");
	_cleanup_free_ char *line = NULL,
			    *here = extra ? testfile_replace(extra, "@ROOT@", root) : NULL;
	_cleanup_free_ char *path =
		testfile_replace("PATH=@ROOT@/bin:/usr/bin:/bin", "@ROOT@", root);
	char *words[TESTFILE_WORDS_MAX + 1], *environment[TESTFILE_WORDS_MAX + 1];

	if (!raw)
		errx(1, "%s has no command", dir);
	line = testfile_replace(raw, "@ROOT@", root);
	if (testfile_split(line, words) == 0)
		errx(1, "%s has an empty command", dir);
	fill_environment(path, here, environment);
	*t = (struct testrun){
		.argv = program(words),
		.environment = environment,
		.directory = root,
		.input = input ? input : "",
		.interrupts = testfile_exists(dir, "interrupt"),
		.interrupt_after = testfile_number(dir, "interrupt"),
		.hang_up_after = testfile_number(dir, "hangup"),
		.full = testfile_exists(dir, "full"),
		.unprivileged = testfile_exists(dir, "unprivileged"),
	};
	if (terminal && sscanf(terminal, "%ux%u", &t->columns, &t->rows) != 2)
		errx(1, "%s: a terminal is COLUMNSxROWS", dir);
	testrun_do(t);
}

/* ---- what must have come out ---- */

static void write_expected(const char *dir, const char *name, const char *got, const char *usual)
{
	_cleanup_free_ char *folder = testfile_join(dir, "/"), *path = testfile_join(folder, name);

	if (str_equal(got, usual))
		unlink(path);
	else
		testfile_write(dir, name, got);
}

/* True when it is as expected. */
static bool compare(const char *dir, const char *name, const char *got, const char *usual)
{
	_cleanup_free_ char *expected = testfile_read(dir, name);

	if (getenv("LEO_GOLDEN_WRITE")) {
		write_expected(dir, name, got, usual);
		return true;
	}
	if (str_equal(expected ? expected : usual, got))
		return true;
	fprintf(stderr, "%s/%s: expected\n%s--- but got\n%s---\n", dir, name,
		expected ? expected : usual, got);
	return false;
}

/* What a service has been told without a reply may still be on its way. */
static bool compare_calls(const char *dir, const char *root)
{
	_cleanup_free_ char *expected = testfile_read(dir, "calls"), *got = NULL;

	if (!expected)
		return true;
	for (int i = 0; i < CALLS_TRIES; i++) {
		_cleanup_free_ char *raw = testfile_read(root, "calls");

		free(got);
		got = raw ? testfile_replace(raw, root, "@ROOT@") : NULL;
		if (got && str_equal(got, expected))
			break;
		usleep(20 * 1000);
	}
	return compare(dir, "calls", got ? got : "", "");
}

static bool compare_all(const char *dir, const char *root, struct testrun *t)
{
	_cleanup_free_ char *here = testfile_replace(t->output, root, "@ROOT@");
	_cleanup_free_ char *output = testfile_replace(here, "leo " LEO_VERSION, "leo @VERSION@");
	_cleanup_free_ char *error = testfile_replace(t->error, root, "@ROOT@");
	_cleanup_free_ char *written = testfile_read(root, "out");
	char status[16];
	bool same;

	if (testfile_exists(dir, "times"))
		hide_times(output);
	snprintf(status, sizeof(status), "%d\n", t->status);
	same = compare(dir, "output", output, "");
	same &= compare(dir, "error", error, "");
	same &= compare(dir, "status", status, "0\n");
	same &= compare(dir, "written", written ? written : "", "");
	return same & compare_calls(dir, root);
}

static bool run_case(const char *dir)
{
	_cleanup_free_ char *script = testfile_read(dir, "service"), *calls = NULL;
	char root[] = "/tmp/leo-XXXXXX";
	struct testfake f = {};
	struct testrun t;
	bool same;

	if (!mkdtemp(root))
		err(1, "%s", root);
	make_machine(dir, root);
	calls = testfile_join(root, "/calls");
	if (script)
		testfake_start(script, root, calls, &f);
	run_it(dir, root, &t);
	same = compare_all(dir, root, &t);
	if (script)
		testfake_stop(&f);
	free(t.output);
	free(t.error);
	testfile_tool((const char *const[]){"rm", "-rf", root, NULL});
	return same;
}

/* ---- the tests ---- */

static void test_case(void **state)
{
	_cleanup_free_ char *dir = NULL;

	if (asprintf(&dir, "%s/%s", cases, (const char *)*state) < 0)
		err(1, "memory");
	assert_true(run_case(dir));
}

/* Each expectation that is not met fails its case; were it otherwise, all of this would be for
 * show. */
static void test_can_fail(void **state)
{
	static const char *const wrong[][2] = {{"output", "leo of another version\n"},
					       {"error", "leo: no\n"},
					       {"status", "7\n"},
					       {"written", "x"},
					       {"calls", "{}\n"}};

	if (getenv("LEO_GOLDEN_WRITE"))
		skip();
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		char dir[] = "/tmp/leo-XXXXXX";

		assert_non_null(mkdtemp(dir));
		testfile_write(dir, "command", "leo --version\n");
		testfile_write(dir, "bare", "x");
		testfile_write(dir, "output", "leo @VERSION@\n");
		assert_true(run_case(dir));
		testfile_write(dir, wrong[i][0], wrong[i][1]);
		assert_false(run_case(dir));
		testfile_tool((const char *const[]){"rm", "-rf", dir, NULL});
	}
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct CMUnitTest *)a)->name, ((const struct CMUnitTest *)b)->name);
}

static bool wanted(const char *name, int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (str_equal(argv[i], name))
			return true;
	return argc == 1;
}

/* All cases; "common" is none. */
static size_t find_cases(struct CMUnitTest *tests, int argc, char **argv)
{
	_cleanup_closedir_ DIR *d = opendir(cases);
	const struct dirent *e;
	size_t count = 0;

	if (!d)
		err(1, "%s", cases);
	while ((e = readdir(d))) {
		char *name;

		if (e->d_name[0] == '.' || str_equal(e->d_name, "common") ||
		    !wanted(e->d_name, argc, argv))
			continue;
		if (count == CASES_MAX)
			errx(1, "too many cases");
		name = strdup(e->d_name);
		tests[count++] = (struct CMUnitTest){
			.name = name, .test_func = test_case, .initial_state = name};
	}
	qsort(tests, count, sizeof(*tests), by_name);
	return count;
}

/* Of the cases, in turn, those of one part: the rest is taken out. */
static size_t keep_part(struct CMUnitTest *tests, size_t count, unsigned part, unsigned parts)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++) {
		if (i % parts == part - 1)
			tests[kept++] = tests[i];
		else
			free((char *)tests[i].name);
	}
	return kept;
}

int main(int argc, char **argv)
{
	static struct CMUnitTest tests[CASES_MAX + 1];
	unsigned part = 1, parts = 1;
	size_t count;

	if (argc == 2 && sscanf(argv[1], "%u/%u", &part, &parts) == 2)
		argc = 1;
	if (part < 1 || part > parts)
		errx(2, "there is no such part");

	leo = getenv("LEO");
	fixture = getenv("LEO_FIXTURE");
	cases = getenv("LEO_CASES");
	api = getenv("LEO_API");
	if (!leo || !fixture || !cases || !api)
		errx(2, "LEO, LEO_FIXTURE, LEO_CASES and LEO_API say what is tested, and how");
	count = find_cases(tests, argc, argv);
	if (count == 0)
		errx(2, "there is no such case");
	count = keep_part(tests, count, part, parts);
	if (part == 1)
		tests[count++] = (struct CMUnitTest)cmocka_unit_test(test_can_fail);
	return _cmocka_run_group_tests("leo", tests, count, NULL, NULL);
}
