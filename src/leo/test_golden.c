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
 *	root/		files of the machine, over those of common/root
 *	bare		without those of common/root
 *	environment	more variables, one a line
 *	terminal	COLUMNSxROWS: its output is a terminal
 *	interrupt	Ctrl-C after so many lines; 0: after a while
 *	hangup		nobody reads any more after so many lines
 *	full		its output is a disk without room
 *	unprivileged	it does not run as root
 *	times		each time of day in the output is written HH:MM:SS
 *
 * The program is leo, or leo-fixture: the same with one more command. With LEO_GOLDEN_WRITE=1 in
 * the environment the expected files are written instead of compared: to be read before they are
 * committed. Arguments are the names of cases to run.
 */
#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/io.h"
#include "base/str.h"
#include "leo/testfake.h"
#include "leo/testrun.h"

enum { CASES_MAX = 256, WORDS_MAX = 32, FILE_MAX = 1024 * 1024, CALLS_TRIES = 200 };

static const char *leo, *fixture, *cases;

/* ---- files ---- */

/* NULL when there is no such file. */
static char *slurp(const char *dir, const char *name)
{
	_cleanup_free_ char *path = NULL;
	char *text;
	int r;

	if (asprintf(&path, "%s/%s", dir, name) < 0)
		err(1, "memory");
	r = io_read_file(AT_FDCWD, path, FILE_MAX, &text, NULL);
	if (r < 0 && r != -ENOENT)
		errx(1, "%s: %s", path, strerror(-r));
	return r < 0 ? NULL : text;
}

static bool exists(const char *dir, const char *name)
{
	_cleanup_free_ char *text = slurp(dir, name);

	return text;
}

static unsigned number(const char *dir, const char *name)
{
	_cleanup_free_ char *text = slurp(dir, name);

	return text ? strtoul(text, NULL, 10) : 0;
}

static void run_tool(const char *const *argv)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		execvp(argv[0], (char *const *)argv);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0 || status != 0)
		errx(1, "%s %s failed", argv[0], argv[1]);
}

static char *join(const char *a, const char *b)
{
	char *text;

	if (asprintf(&text, "%s%s", a, b) < 0)
		err(1, "memory");
	return text;
}

/* Copies what is in the folder @from, if there is one, into the folder @to. */
static void lay_over(const char *from, const char *to)
{
	_cleanup_free_ char *all = join(from, "/.");

	if (access(from, F_OK) == 0)
		run_tool((const char *const[]){"cp", "-R", "--remove-destination", all, to, NULL});
}

static void make_folder(const char *root, const char *path)
{
	_cleanup_free_ char *full = join(root, path);

	run_tool((const char *const[]){"mkdir", "-p", full, NULL});
}

static void make_machine(const char *dir, const char *root)
{
	_cleanup_free_ char *common = join(cases, "/common/root"), *own = join(dir, "/root");

	make_folder(root, "/run/leonhard");
	if (!exists(dir, "bare"))
		lay_over(common, root);
	lay_over(own, root);
	run_tool((const char *const[]){"chmod", "-R", "a+rX", root, NULL});
}

/* ---- a case ---- */

/* Splits in place: at blanks, but for what stands in single quotes. */
static size_t split(char *line, char *words[WORDS_MAX + 1])
{
	size_t count = 0;

	while (*line) {
		bool quoted = *line == '\'';
		char *end;

		if (isspace((unsigned char)*line)) {
			line++;
			continue;
		}
		if (count == WORDS_MAX)
			errx(1, "too many words");
		line += quoted;
		end = line + strcspn(line, quoted ? "'" : " \n");
		words[count++] = line;
		line = end + (*end != '\0');
		*end = '\0';
	}
	words[count] = NULL;
	return count;
}

static char *replace(const char *text, const char *from, const char *to)
{
	struct strbuf b = {};
	char *result;
	const char *at;

	while ((at = strstr(text, from))) {
		strbuf_addf(&b, "%.*s%s", (int)(at - text), text, to);
		text = at + strlen(from);
	}
	strbuf_addf(&b, "%s", text);
	if (strbuf_steal(&b, &result) < 0)
		err(1, "memory");
	return result;
}

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
static void fill_environment(char *path, char *extra, char *environment[WORDS_MAX + 1])
{
	static char locale[] = "LC_ALL=C.UTF-8", zone[] = "TZ=UTC", term[] = "TERM=xterm";
	size_t count = 0;
	char *line;

	/* Of two values the first one counts. */
	while (extra && (line = strsep(&extra, "\n")) && count < WORDS_MAX - 4)
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
	_cleanup_free_ char *raw = slurp(dir, "command"), *extra = slurp(dir, "environment");
	_cleanup_free_ char *input = slurp(dir, "input"), *terminal = slurp(dir, "terminal");
	_cleanup_free_ char *line = NULL, *here = extra ? replace(extra, "@ROOT@", root) : NULL;
	_cleanup_free_ char *path = replace("PATH=@ROOT@/bin:/usr/bin:/bin", "@ROOT@", root);
	char *words[WORDS_MAX + 1], *environment[WORDS_MAX + 1];

	if (!raw)
		errx(1, "%s has no command", dir);
	line = replace(raw, "@ROOT@", root);
	if (split(line, words) == 0)
		errx(1, "%s has an empty command", dir);
	fill_environment(path, here, environment);
	*t = (struct testrun){
		.argv = program(words),
		.environment = environment,
		.directory = root,
		.input = input ? input : "",
		.interrupts = exists(dir, "interrupt"),
		.interrupt_after = number(dir, "interrupt"),
		.hang_up_after = number(dir, "hangup"),
		.full = exists(dir, "full"),
		.unprivileged = exists(dir, "unprivileged"),
	};
	if (terminal && sscanf(terminal, "%ux%u", &t->columns, &t->rows) != 2)
		errx(1, "%s: a terminal is COLUMNSxROWS", dir);
	testrun_do(t);
}

/* ---- what must have come out ---- */

static void write_expected(const char *dir, const char *name, const char *got, const char *usual)
{
	_cleanup_free_ char *path = NULL;
	_cleanup_fclose_ FILE *f = NULL;

	if (asprintf(&path, "%s/%s", dir, name) < 0)
		err(1, "memory");
	unlink(path);
	if (str_equal(got, usual))
		return;
	f = fopen(path, "w");
	if (!f || fputs(got, f) < 0)
		err(1, "%s", path);
}

/* True when it is as expected. */
static bool compare(const char *dir, const char *name, const char *got, const char *usual)
{
	_cleanup_free_ char *expected = slurp(dir, name);

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
	_cleanup_free_ char *expected = slurp(dir, "calls"), *got = NULL;

	if (!expected)
		return true;
	for (int i = 0; i < CALLS_TRIES; i++) {
		free(got);
		got = slurp(root, "calls");
		if (got && str_equal(got, expected))
			break;
		usleep(20 * 1000);
	}
	return compare(dir, "calls", got ? got : "", "");
}

static bool compare_all(const char *dir, const char *root, struct testrun *t)
{
	_cleanup_free_ char *here = replace(t->output, root, "@ROOT@");
	_cleanup_free_ char *output = replace(here, "leo " LEO_VERSION, "leo @VERSION@");
	_cleanup_free_ char *error = replace(t->error, root, "@ROOT@");
	char status[16];
	bool same;

	if (exists(dir, "times"))
		hide_times(output);
	snprintf(status, sizeof(status), "%d\n", t->status);
	same = compare(dir, "output", output, "");
	same &= compare(dir, "error", error, "");
	same &= compare(dir, "status", status, "0\n");
	return same & compare_calls(dir, root);
}

static bool run_case(const char *dir)
{
	_cleanup_free_ char *script = slurp(dir, "service"), *calls = NULL;
	char root[] = "/tmp/leo-XXXXXX";
	struct testfake f = {};
	struct testrun t;
	bool same;

	if (!mkdtemp(root))
		err(1, "%s", root);
	make_machine(dir, root);
	calls = join(root, "/calls");
	if (script)
		testfake_start(script, root, calls, &f);
	run_it(dir, root, &t);
	same = compare_all(dir, root, &t);
	if (script)
		testfake_stop(&f);
	free(t.output);
	free(t.error);
	run_tool((const char *const[]){"rm", "-rf", root, NULL});
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
					       {"calls", "{}\n"}};

	if (getenv("LEO_GOLDEN_WRITE"))
		skip();
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		char dir[] = "/tmp/leo-XXXXXX";

		assert_non_null(mkdtemp(dir));
		write_expected(dir, "command", "leo --version\n", "");
		write_expected(dir, "bare", "x", "");
		write_expected(dir, "output", "leo @VERSION@\n", "");
		assert_true(run_case(dir));
		write_expected(dir, wrong[i][0], wrong[i][1], "");
		assert_false(run_case(dir));
		run_tool((const char *const[]){"rm", "-rf", dir, NULL});
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

int main(int argc, char **argv)
{
	static struct CMUnitTest tests[CASES_MAX + 1];
	size_t count;

	leo = getenv("LEO");
	fixture = getenv("LEO_FIXTURE");
	cases = getenv("LEO_CASES");
	if (!leo || !fixture || !cases)
		errx(2, "LEO, LEO_FIXTURE and LEO_CASES say what is tested, and how");
	count = find_cases(tests, argc, argv);
	if (count == 0)
		errx(2, "there is no such case");
	tests[count++] = (struct CMUnitTest)cmocka_unit_test(test_can_fail);
	return _cmocka_run_group_tests("leo", tests, count, NULL, NULL);
}
