/*
 * Tests of who may call what: classes, and access.conf while the server runs.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>

#include "base/def.h"
#include "rpc/testrig.h"

static int ask_as_user(struct rig *rig, void *data)
{
	const char *const *script = data;
	struct wire w;

	wire_open(&w, rig);
	for (; script[0]; script += 2) {
		wire_say(&w, script[0]);
		wire_expect(&w, *script[1] ? script[1] : NULL);
	}
	wire_close(&w);
	return 0;
}

/* One byte is enough to be told. */
static int begin_as_nobody(struct rig *rig, void *data)
{
	struct wire w;

	wire_open(&w, rig);
	wire_send(&w, "{", 1);
	if (wire_is_silent(&w, 3000))
		return 1;
	wire_expect_error(&w, "org.varlink.service.PermissionDenied");
	wire_expect(&w, NULL);
	wire_close(&w);
	return 0;
}

/* The class comes before the parameters, and those who have none are not listened to at all. */
static void test_classes(void **state)
{
	static const char denied[] = ERROR("org.varlink.service.PermissionDenied", "{}");
	static const char who[] = CALL("Who", "{}");
	static const char *const observer[] = {
		CALL("Echo", "{\"text\":\"a\"}"),
		"{\"parameters\":{\"text\":\"a\"}}",
		CALL("Control", "{\"wrong\":1}"),
		denied,
		CALL("Admin", "{}"),
		denied,
		CALL("Echo", "{\"text\":\"b\"}"),
		"{\"parameters\":{\"text\":\"b\"}}",
		NULL,
	};
	static const char *const nobody[] = {"x", denied, "", "", NULL};
	static const char *const admin[] = {CALL("Admin", "{}"), "{\"parameters\":{}}", NULL};
	struct rig *rig = *state;
	char wanted[256];
	struct wire w;

	rig_need_users();
	rig_stop(rig);
	rig_set_access(rig, "[observe]\nusers = 12345\n[admin]\ngroups = 12347\n");
	rig_start(rig);
	assert_int_equal(rig_wait(rig_fork_as(RIG_USER, ask_as_user, rig, (void *)observer)), 0);
	assert_int_equal(rig_wait(rig_fork_as(RIG_USER + 1, ask_as_user, rig, (void *)nobody)), 0);
	assert_int_equal(rig_wait(rig_fork_as(RIG_USER + 1, begin_as_nobody, rig, NULL)), 0);
	assert_int_equal(rig_wait(rig_fork_as(RIG_USER + 2, ask_as_user, rig, (void *)admin)), 0);
	/* Root is in no list and always in. */
	wire_open(&w, rig);
	wire_say(&w, who);
	sprintf(wanted, "{\"parameters\":{\"uid\":0,\"pid\":%d,\"class\":\"admin\"}}", getpid());
	wire_expect(&w, wanted);
	wire_close(&w);
}

static int is_served(struct rig *rig, void *data)
{
	json_auto_t *reply = NULL;
	struct wire w;

	wire_open(&w, rig);
	wire_say(&w, CALL("Echo", "{\"text\":\"a\"}"));
	reply = wire_read(&w);
	wire_close(&w);
	return reply && !json_object_get(reply, "error") ? 1 : 0;
}

/* Whether somebody else is served, within the time that a change may take. */
static bool becomes(struct rig *rig, bool served)
{
	for (int i = 0; i < 200; i++) {
		if (rig_wait(rig_fork_as(RIG_USER, is_served, rig, NULL)) == served)
			return true;
		usleep(20000);
	}
	return false;
}

static const char everybody[] = "[observe]\nusers = *\n", nobody[] = "";

static void test_reload(void **state)
{
	struct rig *rig = *state;
	char conf[256], old[258];

	rig_need_users();
	snprintf(conf, sizeof(conf), "%s%s", rig->root, ACCESS_PATH);
	snprintf(old, sizeof(old), "%s~", conf);
	rig_set_access(rig, nobody);
	assert_true(becomes(rig, false));
	rig_set_access(rig, everybody);
	assert_true(becomes(rig, true));
	/* The file in place, shorter and longer. */
	assert_int_equal(truncate(conf, 0), 0);
	assert_true(becomes(rig, false));
	rig_set_access(rig, everybody);
	assert_true(becomes(rig, true));
	/* Moved away, and back. */
	assert_int_equal(rename(conf, old), 0);
	assert_true(becomes(rig, false));
	assert_int_equal(rename(old, conf), 0);
	assert_true(becomes(rig, true));
	assert_int_equal(unlink(conf), 0);
	assert_true(becomes(rig, false));
}

/* The folder is not there yet, comes, goes, and is another one. */
static void test_reload_folder(void **state)
{
	struct rig *rig = *state;
	char dir[256], other[256];

	rig_need_users();
	snprintf(dir, sizeof(dir), "%s/etc/leonhard", rig->root);
	snprintf(other, sizeof(other), "%s/etc/other", rig->root);
	rig_stop(rig);
	assert_int_equal(rename(dir, other), 0);
	rig_start(rig);
	assert_true(becomes(rig, false));
	assert_int_equal(rename(other, dir), 0);
	assert_true(becomes(rig, true));
	assert_int_equal(rename(dir, other), 0);
	assert_true(becomes(rig, false));
	assert_int_equal(mkdir(dir, 0755), 0);
	usleep(500 * 1000);
	rig_set_access(rig, everybody);
	assert_true(becomes(rig, true));
}

static bool has_problem(struct rig *rig, const char *part)
{
	json_auto_t *reply = NULL;
	json_t *text;
	struct wire w;
	size_t i;

	wire_open(&w, rig);
	wire_say(&w, CALL("Problems", "{}"));
	reply = wire_read(&w);
	wire_close(&w);
	json_array_foreach(json_object_get(json_object_get(reply, "parameters"), "texts"), i, text)
	{
		if (strstr(json_string_value(text), part))
			return true;
	}
	return false;
}

/* A file that is none changes nothing and is told of; so is a name that nobody has. */
static void test_reload_bad(void **state)
{
	struct rig *rig = *state;

	rig_need_users();
	rig_set_access(rig, "[observe]\nusers = *\nfriends = *\n");
	for (int i = 0; !has_problem(rig, "access.conf:3"); i++) {
		assert_true(i < 200);
		usleep(20000);
	}
	assert_true(becomes(rig, true));
	rig_set_access(rig, "[observe]\nusers = nobody-is-called-so\n");
	assert_true(becomes(rig, false));
	assert_true(has_problem(rig, "nobody-is-called-so"));
	/* At the start there is nothing to keep: root alone is let in. */
	rig_stop(rig);
	rig_set_access(rig, "users = *\n");
	rig_start(rig);
	assert_true(has_problem(rig, "access.conf:1"));
	assert_int_equal(rig_wait(rig_fork_as(RIG_USER, is_served, rig, NULL)), 0);
	rig_set_access(rig, everybody);
	assert_true(becomes(rig, true));
}

/* While an editor moves files about, nobody is thrown out in between. */
static int hold_ticks(struct rig *rig, void *data)
{
	uint64_t begin = rig_now_ms();
	struct wire w;

	wire_open(&w, rig);
	wire_say(&w, STREAM("Ticks", "{\"interval\":1}"));
	while (rig_now_ms() - begin < 2000) {
		json_auto_t *reply = wire_read(&w);

		if (!reply || json_object_get(reply, "error"))
			return 1;
	}
	return 0;
}

static void test_editor(void **state)
{
	struct rig *rig = *state;
	char conf[256], old[258];
	pid_t pid;

	rig_need_users();
	snprintf(conf, sizeof(conf), "%s%s", rig->root, ACCESS_PATH);
	snprintf(old, sizeof(old), "%s~", conf);
	pid = rig_fork_as(RIG_USER, hold_ticks, rig, NULL);
	for (int i = 0; i < 20; i++) {
		assert_int_equal(rename(conf, old), 0);
		usleep(10000);
		rig_set_access(rig, "[control]\nusers = *\n# more\n");
		usleep(40000);
	}
	assert_int_equal(rig_wait(pid), 0);
}

static int watch_until_denied(struct rig *rig, void *data)
{
	json_int_t number = 0;
	const char *error;
	struct wire w;

	wire_open(&w, rig);
	wire_say(&w, STREAM("Ticks", "{\"interval\":5}"));
	for (;; number++) {
		json_auto_t *reply = wire_read(&w);

		error = json_string_value(json_object_get(reply, "error"));
		if (error) {
			assert_string_equal(error, "org.varlink.service.PermissionDenied");
			break;
		}
		if (number == 10 && write(*(int *)data, "r", 1) != 1)
			return 1;
	}
	/* What is still allowed is; what is not any more is not. */
	wire_echo(&w);
	wire_say(&w, CALL("Control", "{}"));
	wire_expect_error(&w, "org.varlink.service.PermissionDenied");
	wire_close(&w);
	return number > 10 ? 0 : 2;
}

/* Who loses a class loses the streams that it was needed for. */
static void test_revoked(void **state)
{
	struct rig *rig = *state;
	struct wire w;
	int fds[2];
	pid_t pid;
	char byte;

	rig_need_users();
	assert_int_equal(pipe(fds), 0);
	pid = rig_fork_as(RIG_USER, watch_until_denied, rig, &fds[1]);
	assert_int_equal(read(fds[0], &byte, 1), 1);
	rig_set_access(rig, "[observe]\nusers = *\n");
	assert_int_equal(rig_wait(pid), 0);
	wire_open(&w, rig);
	assert_int_equal(wire_ask_number(&w, CALL("Counts", "{}"), "closed"), 1);
	wire_close(&w);
	close(fds[0]);
	close(fds[1]);
}

static int wait_behind_hold(struct rig *rig, void *data)
{
	struct wire w;

	wire_open(&w, rig);
	wire_say(&w, CALL("Hold", "{}"));
	wire_say(&w, CALL("Nothing", "{}"));
	if (write(*(int *)data, "r", 1) != 1)
		return 1;
	/* What was begun is finished; of what comes then not even the name is looked at. */
	wire_expect(&w, "{\"parameters\":{\"text\":\"released\"}}");
	wire_expect_error(&w, "org.varlink.service.PermissionDenied");
	wire_expect(&w, NULL);
	wire_close(&w);
	return 0;
}

/* The next call is judged by the class of its own time. */
static void test_revoked_next(void **state)
{
	struct rig *rig = *state;
	struct wire w;
	int fds[2];
	pid_t pid;
	char byte;

	rig_need_users();
	assert_int_equal(pipe(fds), 0);
	pid = rig_fork_as(RIG_USER, wait_behind_hold, rig, &fds[1]);
	assert_int_equal(read(fds[0], &byte, 1), 1);
	wire_open(&w, rig);
	while (wire_ask_number(&w, CALL("Counts", "{}"), "held") == 0)
		usleep(10000);
	rig_set_access(rig, "");
	usleep(600 * 1000);
	assert_int_equal(wire_ask_number(&w, CALL("Release", "{}"), "released"), 1);
	assert_int_equal(rig_wait(pid), 0);
	wire_close(&w);
	close(fds[0]);
	close(fds[1]);
}

#define WITH_SERVER(test) cmocka_unit_test_setup_teardown(test, rig_setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_SERVER(test_classes),	 WITH_SERVER(test_reload),
		WITH_SERVER(test_reload_folder), WITH_SERVER(test_reload_bad),
		WITH_SERVER(test_editor),	 WITH_SERVER(test_revoked),
		WITH_SERVER(test_revoked_next),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
