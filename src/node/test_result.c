/*
 * Tests of result.c and powers.c: results that are none, of another boot, too large; and memory
 * that runs out at every step of making a reply.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/testroot.h"
#include "node/describe.h"
#include "node/health.h"
#include "node/places.h"
#include "node/powers.h"
#include "node/result.h"
#include "rpc/json.h"

#define BOOT "01234567-0123-0123-0123-0123456789ab"
#define HEAD "{\"boot_id\": \"" BOOT "\", \"started_ns\": 1, \"probed_ns\": 2, \"powers\": "
#define POWER(name, state) \
	"{\"name\": \"" name "\", \"state\": \"" state "\", \"detail\": \"d\", \"evidence\": \"e\"}"

static const struct testroot *root;

static void test_good(void **state)
{
	static const char text[] = HEAD
		"[" POWER("kvm", "yes") ", " POWER("cgroup.v2", "no") ", " POWER("new", "no") "]}";
	_cleanup_(result_free_p) struct result *r = NULL;
	int kvm = powers_find_trial("kvm");

	assert_int_equal(result_parse(text, strlen(text), BOOT, &r), 0);
	assert_int_equal(r->started_ns, 1);
	assert_int_equal(r->probed_ns, 2);
	for (int i = 0; i < RESULT_POWERS_MAX; i++)
		assert_int_equal(r->findings[i] != NULL, i == kvm);
	assert_int_equal(r->findings[kvm]->state, POWER_YES);
	assert_string_equal(r->findings[kvm]->detail, "d");
	assert_string_equal(r->findings[kvm]->evidence, "e");
}

static void test_bad(void **state)
{
	static const struct {
		const char *text;
		int r;
	} cases[] = {
		{"", -EBADMSG},
		{"null", -EBADMSG},
		{"[]", -EBADMSG},
		{"{}", -EBADMSG},
		{HEAD "[]}", 0},
		{HEAD "[]} ", 0},
		{HEAD "[]}x", -EBADMSG},
		{HEAD "{}}", -EBADMSG},
		{HEAD "[1]}", -EBADMSG},
		{HEAD "[{}]}", -EBADMSG},
		{HEAD "[" POWER("kvm", "maybe") "]}", -EBADMSG},
		{HEAD "[" POWER("kvm", "yes") "," POWER("kvm", "yes") "]}", -EBADMSG},
		{HEAD "[" POWER("kv\\u0000m", "yes") "]}", -EBADMSG},
		{HEAD "[" POWER("kv\xff", "yes") "]}", -EBADMSG},
		{HEAD
		 "[{\"name\": \"kvm\", \"state\": \"yes\", \"detail\": 1, \"evidence\": \"\"}]}",
		 -EBADMSG},
		{HEAD "[{\"name\": \"kvm\", \"state\": \"yes\", \"detail\": \"\"}]}", -EBADMSG},
		{"{\"boot_id\": 1, \"started_ns\": 1, \"probed_ns\": 2, \"powers\": []}", -EBADMSG},
		{"{\"boot_id\": \"x\", \"started_ns\": 1, \"probed_ns\": 2, \"powers\": []}",
		 -ESTALE},
		{"{\"boot_id\": \"" BOOT
		 "\", \"started_ns\": -1, \"probed_ns\": 2, \"powers\": []}",
		 -EBADMSG},
		{"{\"boot_id\": \"" BOOT "\", \"started_ns\": 1.5, \"probed_ns\": 2, "
		 "\"powers\": []}",
		 -EBADMSG},
		{"{\"boot_id\": \"" BOOT "\", \"probed_ns\": 2, \"powers\": []}", -EBADMSG},
		{"{\"boot_id\": \"" BOOT "\", \"started_ns\": 99999999999999999999, "
		 "\"probed_ns\": 2, \"powers\": []}",
		 -EBADMSG},
		{"{\"boot_id\": \"" BOOT "\", \"boot_id\": \"" BOOT "\", \"started_ns\": 1, "
		 "\"probed_ns\": 2, \"powers\": []}",
		 -EBADMSG},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct result *r = NULL;

		assert_int_equal(result_parse(cases[i].text, strlen(cases[i].text), BOOT, &r),
				 cases[i].r);
		assert_int_equal(r != NULL, cases[i].r == 0);
		result_free(r);
	}
}

/* An array with one entry too many, and a text that is longer than any. */
static void test_bounds(void **state)
{
	_cleanup_json_ json_t *list = json_array();
	_cleanup_free_ char *many = NULL, *evidence = malloc(4097), *text = NULL;
	struct result *r = NULL;
	int n;

	for (int i = 0; i <= RESULT_POWERS_MAX; i++)
		json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s}", "name", "x", "state",
						      "no", "detail", "", "evidence", ""));
	many = json_dumps(list, 0);
	n = asprintf(&text, HEAD "%s}", many);
	assert_true(n > 0);
	assert_int_equal(result_parse(text, n, BOOT, &r), -EBADMSG);
	free(text);
	memset(evidence, 'x', 4096);
	evidence[4096] = '\0';
	n = asprintf(&text,
		     HEAD "[{\"name\": \"kvm\", \"state\": \"no\", \"detail\": \"\", "
			  "\"evidence\": \"%s\"}]}",
		     evidence);
	assert_int_equal(result_parse(text, n, BOOT, &r), -EBADMSG);
}

static void test_file(void **state)
{
	const struct machine m = {.root_fd = root->fd};
	static char large[RESULT_BYTES_MAX + 2];
	struct result *r = NULL;

	assert_int_equal(result_read(&m, &r), -ENOENT);
	testroot_write(root, &NODE_RESULT_PATH[1], HEAD "[]}");
	assert_int_equal(result_read(&m, &r), -ENOENT);
	testroot_write(root, &NODE_BOOT_ID_PATH[1], BOOT "\n");
	assert_int_equal(result_read(&m, &r), 0);
	result_free(r);
	memset(large, ' ', sizeof(large) - 1);
	testroot_write(root, &NODE_RESULT_PATH[1], large);
	assert_int_equal(result_read(&m, &r), -EFBIG);
	testroot_clear(root);
}

static void test_groups(void **state)
{
	const struct machine m = {.root_fd = root->fd};
	json_t *list;

	assert_int_equal(powers_collect(&m, NULL, NULL, &list), 0);
	assert_int_equal(json_array_size(list), power_count);
	json_decref(list);
	assert_int_equal(powers_collect(&m, NULL, "cgroup", &list), 0);
	assert_int_equal(json_array_size(list), 3);
	json_decref(list);
	assert_int_equal(powers_collect(&m, NULL, "", &list), 0);
	assert_int_equal(json_array_size(list), 0);
	json_decref(list);
}

/* No name twice; a reader exactly where it is no trial. */
static void test_table(void **state)
{
	for (unsigned i = 0; i < power_count; i++) {
		assert_int_equal(powers[i].read == NULL, powers[i].from == FROM_TRIAL);
		for (unsigned j = 0; j < i; j++)
			assert_string_not_equal(powers[i].name, powers[j].name);
	}
}

/* jansson's memory, of which a test takes some away. */
static int left;

static void *scarce(size_t size)
{
	return left-- > 0 ? malloc(size) : NULL;
}

static int collect_powers(const struct machine *m, json_t **ret_json)
{
	return powers_collect(m, NULL, "memory", ret_json);
}

static int collect_description(const struct machine *m, json_t **ret_json)
{
	struct describe_fixed fixed = {};
	int r = describe_collect(m, &fixed, ret_json);

	describe_fixed_deinit(&fixed);
	return r;
}

static int parse(const struct machine *m, json_t **ret_json)
{
	static const char text[] = HEAD "[" POWER("kvm", "yes") "]}";
	struct result *result;
	int r = result_parse(text, strlen(text), BOOT, &result);

	if (r < 0)
		return r;
	result_free(result);
	*ret_json = json_null();
	return 0;
}

static void test_no_memory(void **state)
{
	static int (*const functions[])(const struct machine *m, json_t **ret_json) = {
		collect_powers, collect_description, health_collect, parse};
	const struct machine m = {.root_fd = root->fd};

	testroot_write(root, "sys/devices/system/node/online", "0\n");
	testroot_write(root, "sys/devices/system/node/node0/distance", "10 20\n");
	testroot_write(root, "etc/os-release", "NAME=x\n");
	json_set_alloc_funcs(scarce, free);
	for (size_t i = 0; i < ARRAY_SIZE(functions); i++) {
		json_t *json = NULL;
		int n = 0, r;

		do {
			left = n++;
			r = functions[i](&m, &json);
			/* jansson's parser does not always know what it had too little of. */
			assert_true(r == 0 || r == -ENOMEM ||
				    (functions[i] == parse && r == -EBADMSG));
			assert_int_equal(json != NULL, r == 0);
		} while (r < 0);
		assert_true(n > 3);
		json_decref(json);
	}
	json_set_alloc_funcs(malloc, free);
	testroot_clear(root);
}

static int setup(void **state)
{
	int r = testroot_setup(state);

	root = *state;
	return r;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),	  cmocka_unit_test(test_bad),
		cmocka_unit_test(test_bounds),	  cmocka_unit_test(test_file),
		cmocka_unit_test(test_groups),	  cmocka_unit_test(test_table),
		cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests(tests, setup, testroot_teardown);
}
