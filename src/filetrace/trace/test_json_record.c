/*
 * Tests of json_record.c: what a record tells and to whom, what nobody knows, and bounds with the
 * worst that a store may hold. Every form is checked against the interface itself.
 */
#include "filetrace/trace/json_record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/str.h"
#include "rpc/idl.h"
#include "rpc/server.h"

extern const char api_trace[];

static struct idl *idl;

static int setup(void **state)
{
	char *problem = NULL;

	return idl_parse(api_trace, strlen(api_trace), true, &idl, &problem);
}

static int teardown(void **state)
{
	idl_free(idl);
	return 0;
}

/* That {"record": @j} is a reply of @method. */
static void assert_fits(const char *method, json_t *j)
{
	_cleanup_json_ json_t *reply = json_pack("{s:O}", "record", j);
	char path[200] = "";

	assert_int_equal(
		idl_check(&idl_find(idl, IDL_METHOD, method)->reply, reply, path, sizeof(path)), 0);
	assert_string_equal(path, "");
}

static const char *text(const json_t *j, const char *name)
{
	assert_true(json_is_string(json_object_get(j, name)));
	return json_string_value(json_object_get(j, name));
}

static bool is_null(const json_t *j, const char *name)
{
	return json_is_null(json_object_get(j, name));
}

static bool is_true(const json_t *j, const char *name)
{
	assert_true(json_is_boolean(json_object_get(j, name)));
	return json_is_true(json_object_get(j, name));
}

/* A record of which everything is known. @path is borrowed. */
static struct record make_record(const char *path)
{
	struct record r = {
		.id = 812,
		.time_ns = 1780311845123456789,
		.path = (char *)path,
		.method = METHOD_APPEND,
		.attribution = ATTRIBUTION_FULL,
		.op_count = 1,
		.actor = {.image = 7, .pid = 2217, .login_uid = 1001, .session = 4},
		.old = {.kind = STATE_FILE, .hashed = true, .mode = 0644, .size = 3},
		.new = {.kind = STATE_FILE, .hashed = true, .mode = 0104755, .size = UINT64_MAX},
		.diff = (char *)"-a\n+b\n",
		.diff_len = 6,
	};

	strcpy(r.actor.tty, "pts1");
	strcpy(r.actor.cgroup, "/user.slice/session-4.scope");
	memset(r.old.sha256.bytes, 0xa5, SHA256_BYTES);
	r.new.sha256.bytes[0] = 1;
	return r;
}

static void test_summary(void **state)
{
	const struct record r = make_record("/etc/x");
	_cleanup_json_ json_t *j = json_summary(&r, "/bin/sh", false);

	assert_fits("Follow", j);
	assert_string_equal(text(j, "id"), "812");
	assert_int_equal(json_integer_value(json_object_get(j, "time_ns")), r.time_ns);
	assert_string_equal(text(j, "method"), "append");
	assert_string_equal(text(j, "attribution"), "full");
	assert_string_equal(text(j, "content"), "exact");
	assert_string_equal(text(j, "exe"), "/bin/sh");
	assert_string_equal(text(j, "tty"), "pts/1");
	assert_string_equal(text(j, "unit"), "session-4.scope");
	assert_int_equal(json_integer_value(json_object_get(j, "login_uid")), 1001);
	assert_int_equal(json_integer_value(json_object_get(j, "session")), 4);
	assert_int_equal(json_integer_value(json_object_get(j, "uid")), 0);
	assert_true(str_starts(text(j, "old_sha256"), "a5a5"));
	assert_true(str_starts(text(j, "new_sha256"), "0100"));
	assert_int_equal(strlen(text(j, "new_sha256")), 64);
}

/* Nobody logged in; nobody is known at all. */
static void test_unknown(void **state)
{
	static const char *const names[] = {"exe",     "pid", "uid", "login_uid",
					    "session", "tty", "unit"};
	struct record r = make_record("/etc/x");
	_cleanup_json_ json_t *unset = NULL, *none = NULL;

	r.actor.login_uid = r.actor.session = FT_UNSET;
	unset = json_summary(&r, NULL, false);
	assert_fits("Follow", unset);
	assert_true(is_null(unset, "login_uid") && is_null(unset, "session"));
	assert_false(is_null(unset, "pid"));
	r.attribution = ATTRIBUTION_NONE;
	none = json_summary(&r, NULL, false);
	assert_fits("Follow", none);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		assert_true(is_null(none, names[i]));
}

/* Numbers that mean nothing, texts without an end: what a damaged store may hold. */
static void test_odd(void **state)
{
	struct record r = make_record("/etc/\x01\xff\\");
	struct ledger_image image = {.args = (char *)"a\0b", .image = {.args_bytes = 3}};
	_cleanup_json_ json_t *j = NULL;

	r.method = 77;
	r.attribution = 9;
	r.old.kind = 200;
	r.diff = (char *)"\xff\xfe";
	r.diff_len = 2;
	memset(r.actor.tty, 'x', sizeof(r.actor.tty));
	memset(r.actor.cgroup, 'x', sizeof(r.actor.cgroup));
	memset(image.image.exe, '/', sizeof(image.image.exe));
	j = json_record(&r, &image, 1, true, true);
	assert_fits("Show", j);
	assert_string_equal(text(j, "path"), "/etc/\\x01\\xff\\x5c");
	assert_string_equal(text(j, "method"), "unknown");
	assert_true(is_true(j, "diff_truncated") && is_null(j, "diff"));
	assert_int_equal(strlen(text(j, "exe")), FT_EXE_BYTES);
	assert_int_equal(json_array_size(json_object_get(j, "argv")), 2);
	assert_true(is_true(j, "ancestry_truncated"));
}

/* What not everybody may read is for administrators, whichever side it is. */
static void test_private(void **state)
{
	for (int side = 0; side < 2; side++) {
		struct record r = make_record("/etc/x");
		_cleanup_json_ json_t *other = NULL, *admin = NULL;

		*(side ? &r.new.private : &r.old.private) = true;
		other = json_record(&r, NULL, 0, false, false);
		admin = json_record(&r, NULL, 0, false, true);
		assert_fits("Show", other);
		assert_true(is_true(other, "withheld") && is_null(other, "diff"));
		assert_true(is_null(other, "old_sha256") && is_null(other, "new_sha256"));
		assert_false(is_true(other, "diff_truncated"));
		assert_false(is_true(admin, "withheld"));
		assert_string_equal(text(admin, "diff"), r.diff);
		assert_string_equal(text(other, "path"), "/etc/x");
	}
}

/* Nothing of a secret is there, for nobody; whose field it was is. */
static void test_secret(void **state)
{
	struct record_field fields[] = {{"bob", "password"}, {"\n", "\xff"}};
	struct record r = make_record("/etc/shadow");
	_cleanup_json_ json_t *j = NULL;
	json_t *list;

	r.old.secret = r.new.secret = r.old.private = r.new.private = true;
	r.fields = fields;
	r.field_count = ARRAY_SIZE(fields);
	j = json_record(&r, NULL, 0, false, true);
	assert_fits("Show", j);
	assert_true(is_true(j, "redacted") && is_null(j, "diff"));
	assert_true(is_null(j, "old_sha256") && is_null(j, "new_sha256"));
	list = json_object_get(j, "fields");
	assert_int_equal(json_array_size(list), 2);
	assert_string_equal(text(json_array_get(list, 0), "account"), "bob");
	assert_string_equal(text(json_array_get(list, 0), "field"), "password");
	assert_string_equal(text(json_array_get(list, 1), "account"), "\\x0a");
}

static void test_state(void **state)
{
	struct record r = make_record("/etc/x");
	_cleanup_json_ json_t *j = NULL;
	json_t *new;

	r.old = (struct state){};
	r.new.attributed = true;
	j = json_record(&r, NULL, 0, false, false);
	assert_fits("Show", j);
	assert_true(is_null(j, "old"));
	new = json_object_get(j, "new");
	assert_string_equal(text(new, "kind"), "file");
	assert_int_equal(json_integer_value(json_object_get(new, "mode")), 04755);
	assert_int_equal(json_integer_value(json_object_get(new, "size")), INT64_MAX);
	assert_int_equal(strlen(text(new, "attributes")), 64);
}

static void test_no_attributes(void **state)
{
	static const char nothing[] = /* as sha256sum </dev/null has it */
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
	struct record r = make_record("/etc/x");
	_cleanup_json_ json_t *j = NULL;

	r.new.attributed = true;
	for (size_t i = 0; i < SHA256_BYTES; i++)
		assert_int_equal(sscanf(&nothing[2 * i], "%2hhx", &r.new.attributes.bytes[i]), 1);
	j = json_record(&r, NULL, 0, false, false);
	assert_fits("Show", j);
	assert_true(is_null(json_object_get(j, "new"), "attributes"));
}

/* Empty arguments are arguments; one that was cut has no NUL behind it. */
static void test_argv(void **state)
{
	struct ledger_image images[] = {
		{.args = (char *)"sh\0\0-c\0cut", .image = {.args_bytes = 10}},
		{.args = (char *)"x\0", .image = {.args_bytes = 2, .flags = FT_IMAGE_ARGS_CUT}},
		{.image = {.args_bytes = 5, .flags = FT_IMAGE_NO_ARGS}},
	};
	const struct record r = make_record("/etc/x");
	_cleanup_json_ json_t *j = json_record(&r, images, ARRAY_SIZE(images), false, false);
	json_t *argv = json_object_get(j, "argv"), *parents = json_object_get(j, "ancestry");

	assert_fits("Show", j);
	assert_int_equal(json_array_size(argv), 4);
	assert_string_equal(json_string_value(json_array_get(argv, 1)), "");
	assert_string_equal(json_string_value(json_array_get(argv, 3)), "cut");
	assert_false(is_true(j, "argv_truncated"));
	assert_int_equal(json_array_size(parents), 2);
	assert_true(is_true(json_array_get(parents, 0), "argv_truncated"));
	assert_true(is_true(json_array_get(parents, 1), "argv_truncated"));
	assert_false(is_true(j, "ancestry_truncated"));
}

/* Everything as long as it can be, and made of what takes most room. */
static void test_bound(void **state)
{
	static char path[4097], args[FT_ARGS_BYTES], diff[DIFF_MAX_BYTES];
	static struct record_field fields[1200];
	static struct ledger_image images[64];
	struct record r = make_record(path);

	memset(path, '\n', sizeof(path) - 1);
	memset(args, '\x01', sizeof(args));
	memset(diff, '\n', sizeof(diff));
	r.diff = diff;
	r.diff_len = sizeof(diff);
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		memset(fields[i].account, '\x7f', sizeof(fields[i].account));
		fields[i].field = "password";
	}
	for (size_t i = 0; i < ARRAY_SIZE(images); i++) {
		images[i] = (struct ledger_image){.args = args};
		images[i].image.args_bytes = sizeof(args);
		memset(images[i].image.exe, '\xff', sizeof(images[i].image.exe));
	}
	for (int with_fields = 0; with_fields < 2; with_fields++) {
		_cleanup_json_ json_t *j = NULL;
		json_t *parents;

		r.fields = with_fields ? fields : NULL;
		r.field_count = with_fields ? ARRAY_SIZE(fields) : 0;
		j = json_record(&r, images, ARRAY_SIZE(images), false, true);
		assert_fits("Show", j);
		assert_true(json_size(j) + 64 < RPC_MESSAGE_MAX);
		parents = json_object_get(j, "ancestry");
		assert_int_equal(json_array_size(parents), FT_ANCESTRY);
		assert_true(is_true(j, "ancestry_truncated"));
		assert_false(is_true(j, "argv_truncated"));
		assert_true(is_true(json_array_get(parents, FT_ANCESTRY - 1), "argv_truncated"));
		assert_true(with_fields || !is_null(j, "diff"));
	}
}

/* As many arguments as there can be: 32 KiB of empty ones. */
static void test_empty_arguments(void **state)
{
	static char args[FT_ARGS_BYTES];
	struct ledger_image images[33];
	const struct record r = make_record("/etc/x");
	_cleanup_json_ json_t *j = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(images); i++) {
		images[i] = (struct ledger_image){.args = args};
		images[i].image.args_bytes = sizeof(args);
	}
	j = json_record(&r, images, ARRAY_SIZE(images), false, false);
	assert_fits("Show", j);
	assert_int_equal(json_array_size(json_object_get(j, "argv")), FT_ARGS_BYTES);
	assert_true(json_size(j) + 64 < RPC_MESSAGE_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_summary),	      cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_odd),	      cmocka_unit_test(test_private),
		cmocka_unit_test(test_secret),	      cmocka_unit_test(test_state),
		cmocka_unit_test(test_no_attributes), cmocka_unit_test(test_argv),
		cmocka_unit_test(test_bound),	      cmocka_unit_test(test_empty_arguments),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
