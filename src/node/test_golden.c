/*
 * Golden test: machines described as folders (tests/golden/node/CASE), and what must be said of
 * them.
 *
 * CASE/root is the machine, CASE/hypervisor what its processor says, CASE/output.json the replies
 * of Describe, Health and ListPowers. With NODE_GOLDEN_WRITE set, the outputs are written anew, to
 * be read before they are believed. The comparison itself is tested as well: it must find a
 * difference.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/fs.h"
#include "base/io.h"
#include "base/str.h"
#include "node/describe.h"
#include "node/health.h"
#include "node/powers.h"
#include "node/result.h"
#include "rpc/idl.h"
#include "rpc/json.h"

enum { FILE_BYTES_MAX = 1024 * 1024, LINES_MAX = 2048 };

static const char *folder;

struct lines {
	char *text;
	const char *line[LINES_MAX];
	size_t count;
};

static void split(struct lines *l, const char *text)
{
	char *line, *rest;

	*l = (struct lines){.text = strdup(text)};
	assert_non_null(l->text);
	rest = l->text;
	while ((line = strsep(&rest, "\n"))) {
		assert_true(l->count < LINES_MAX);
		l->line[l->count++] = line;
	}
}

/* Lengths of the longest common rests of both, by where they begin. */
static uint16_t (*common_rests(const struct lines *a, const struct lines *b))[LINES_MAX + 1]
{
	uint16_t(*length)[LINES_MAX + 1] = calloc(LINES_MAX + 1, sizeof(*length));

	assert_non_null(length);
	for (size_t i = a->count; i-- > 0;)
		for (size_t j = b->count; j-- > 0;) {
			uint16_t down = length[i + 1][j], right = length[i][j + 1];

			if (str_equal(a->line[i], b->line[j]))
				length[i][j] = length[i + 1][j + 1] + 1;
			else
				length[i][j] = down > right ? down : right;
		}
	return length;
}

/* Prints the lines that only @expected has, with -, and those that only @actual has, with +. How
 * many there are. */
static size_t compare(const char *expected, const char *actual, FILE *out)
{
	static struct lines a, b;
	uint16_t(*length)[LINES_MAX + 1];
	size_t i = 0, j = 0, differences = 0;

	split(&a, expected);
	split(&b, actual);
	length = common_rests(&a, &b);
	while (i < a.count || j < b.count) {
		if (i < a.count && j < b.count && str_equal(a.line[i], b.line[j])) {
			i++;
			j++;
		} else if (j == b.count || (i < a.count && length[i + 1][j] >= length[i][j + 1])) {
			differences++;
			fprintf(out, "-%s\n", a.line[i++]);
		} else {
			differences++;
			fprintf(out, "+%s\n", b.line[j++]);
		}
	}
	free(length);
	free(a.text);
	free(b.text);
	return differences;
}

/* api/io.leonhard.Node.varlink */
extern const char api_node[];

/* @reply is one that the method may send. */
static void check_reply(const struct idl *idl, const char *method, const json_t *reply)
{
	const struct idl_member *m = idl_find(idl, IDL_METHOD, method);
	char path[128];

	assert_non_null(m);
	assert_int_equal(idl_check(&m->reply, reply, path, sizeof(path)), 0);
}

static void check_replies(const json_t *describe, const json_t *health, json_t *list)
{
	_cleanup_(idl_free_p) struct idl *idl = NULL;
	_cleanup_json_ json_t *reply = json_pack("{s:O}", "powers", list);
	char *problem;

	assert_int_equal(idl_parse(api_node, strlen(api_node), true, &idl, &problem), 0);
	check_reply(idl, "Describe", describe);
	check_reply(idl, "Health", health);
	check_reply(idl, "ListPowers", reply);
	check_reply(idl, "Probe", reply);
	check_reply(idl, "Watch", reply);
}

/* What there is to say about the machine in the folder @dirfd, as text. */
static char *collect(int dirfd)
{
	_cleanup_free_ char *hypervisor = NULL;
	_cleanup_(result_free_p) struct result *result = NULL;
	_cleanup_json_ json_t *all = NULL, *describe = NULL, *health = NULL, *powers_now = NULL;
	struct describe_fixed fixed = {};
	struct machine m = {.root_fd = openat(dirfd, "root", O_PATH | O_DIRECTORY | O_CLOEXEC)};
	char *text;

	assert_true(m.root_fd >= 0);
	assert_int_equal(io_read_file(dirfd, "hypervisor", 64, &hypervisor, NULL), 0);
	hypervisor[strcspn(hypervisor, "\n")] = '\0';
	m.hypervisor = hypervisor;
	if (result_read(&m, &result) < 0)
		result = NULL;
	assert_int_equal(describe_collect(&m, &fixed, &describe), 0);
	assert_int_equal(health_collect(&m, &health), 0);
	assert_int_equal(powers_collect(&m, result, NULL, &powers_now), 0);
	check_replies(describe, health, powers_now);
	all = json_pack("{s:O, s:O, s:O}", "describe", describe, "health", health, "powers",
			powers_now);
	text = json_dumps(all, JSON_INDENT(1));
	assert_non_null(text);
	describe_fixed_deinit(&fixed);
	close(m.root_fd);
	return text;
}

static int open_case(const char *name)
{
	_cleanup_free_ char *path = NULL;
	int fd;

	assert_true(asprintf(&path, "%s/%s", folder, name) > 0);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(fd >= 0);
	return fd;
}

static void test_case(void **state)
{
	_cleanup_free_ char *expected = NULL, *actual = NULL, *line = NULL;
	_cleanup_close_ int dirfd = open_case(*state);

	actual = collect(dirfd);
	assert_true(asprintf(&line, "%s\n", actual) > 0);
	if (getenv("NODE_GOLDEN_WRITE"))
		assert_int_equal(io_replace_file(dirfd, "output.json", line, strlen(line), 0644),
				 0);
	assert_int_equal(io_read_file(dirfd, "output.json", FILE_BYTES_MAX, &expected, NULL), 0);
	assert_int_equal(compare(expected, line, stderr), 0);
}

/* Read twice, nothing may have changed: watchers would be told of it. */
static void test_twice(void **state)
{
	_cleanup_close_ int dirfd = open_case("numa-server");
	_cleanup_free_ char *first = collect(dirfd), *second = collect(dirfd);

	assert_string_equal(first, second);
}

static void test_compare(void **state)
{
	static const struct {
		const char *expected, *actual, *said;
	} cases[] = {
		{"a\nb\nc\n", "a\nb\nc\n", ""},
		{"a\nb\nc\n", "a\nB\nc\n", "-b\n+B\n"},
		{"a\nb\n", "a\nb\nc\n", "+c\n"},
		{"a\nb\nc\n", "b\nc\n", "-a\n"},
		{"", "a", "-\n+a\n"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_free_ char *said = NULL;
		size_t size;
		FILE *f = open_memstream(&said, &size);

		assert_non_null(f);
		assert_int_equal(compare(cases[i].expected, cases[i].actual, f) == 0,
				 !*cases[i].said);
		fclose(f);
		assert_string_equal(said, cases[i].said);
	}
}

/* A golden file that says something else is found out, in the line where it does. */
static void test_can_fail(void **state)
{
	_cleanup_close_ int dirfd = open_case("vm");
	_cleanup_free_ char *text = collect(dirfd), *said = NULL, *actual = collect(dirfd);
	char *place = strstr(text, "\"online\": 2");
	size_t size;
	FILE *f = open_memstream(&said, &size);

	assert_non_null(f);
	assert_non_null(place);
	place[strlen("\"online\": 2") - 1] = '3';
	assert_int_equal(compare(text, actual, f), 2);
	fclose(f);
	assert_string_equal(said, "-   \"online\": 3,\n+   \"online\": 2,\n");
}

int main(int argc, char **argv)
{
	static const char *const cases[] = {"arm-board", "broken", "container", "numa-server",
					    "vm"};
	struct CMUnitTest tests[ARRAY_SIZE(cases) + 3] = {
		cmocka_unit_test(test_compare),
		cmocka_unit_test(test_twice),
		cmocka_unit_test(test_can_fail),
	};

	if (argc != 2)
		return 2;
	folder = argv[1];
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		tests[3 + i] = (struct CMUnitTest){.name = cases[i],
						   .test_func = test_case,
						   .initial_state = (void *)cases[i]};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
