/*
 * Tests of what happens while the daemon looks: edits whose events wait unread when everything is
 * compared, of which the author must not be lost, nor another one be named.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/def.h"
#include "base/time.h"
#include "filetrace/capture/testcapture.h"

static const struct testroot *root;

static int setup(void **state)
{
	root = *state;
	return testcapture_setup(state);
}

/* ---- edits that nobody has read of ---- */

static void edit_fstab(void)
{
	played_people();
	played_begin("fstab");
	testroot_write(root, "etc/fstab", "# something\n");
	played_end("fstab");
}

static void test_look(void **state)
{
	struct running *r = *state;

	played->meanwhile = edit_fstab;
	played->lost = 1;
	r->capture.looked_ns = 0;
	assert_int_equal(consume(&r->capture), 0);
	assert_newest(r, 1, "/etc/fstab", METHOD_IN_PLACE, ATTRIBUTION_FULL);
}

static void test_start(void **state)
{
	struct running *r = *state;

	testcapture_end(r, true);
	played->meanwhile = edit_fstab;
	testcapture_start(r);
	assert_newest(r, 1, "/etc/fstab", METHOD_IN_PLACE, ATTRIBUTION_FULL);
}

static void begin_fstab(void)
{
	played_people();
	played_begin("fstab");
	testroot_write(root, "etc/fstab", "# half\n");
}

/* One that has begun, and is not over. */
static void test_begun(void **state)
{
	struct running *r = *state;

	testcapture_end(r, true);
	played->meanwhile = begin_fstab;
	testcapture_start(r);
	assert_int_equal(testcapture_tell(r).count, 0);
	testroot_write(r->root, "etc/fstab", "# half and more\n");
	played_end("fstab");
	assert_int_equal(consume(&r->capture), 0);
	assert_newest(r, 1, "/etc/fstab", METHOD_IN_PLACE, ATTRIBUTION_FULL);
}

/* An edit goes on while everything is looked at, since something got lost: perhaps what came behind
 * its end. */
static void test_busy(void **state)
{
	const struct timespec long_enough = {.tv_sec = 2, .tv_nsec = 100 * NS_PER_MS};
	struct running *r = *state;

	begin_fstab();
	played->lost = 1;
	r->capture.looked_ns = 0;
	assert_int_equal(consume(&r->capture), 0);
	played_end("fstab");
	assert_int_equal(consume(&r->capture), 0);
	assert_newest(r, 1, "/etc/fstab", METHOD_IN_PLACE, ATTRIBUTION_FULL);
	testroot_write(r->root, "etc/fstab", "# whole\n");
	assert_true(suspects_next_ns(&r->capture) != UINT64_MAX);
	nanosleep(&long_enough, NULL);
	assert_int_equal(consume(&r->capture), 0);
	assert_unseen(r, 2, "/etc/fstab", METHOD_UNKNOWN);
	assert_true(suspects_next_ns(&r->capture) == UINT64_MAX);
}

static void ask_and_edit(void **state, void (*meanwhile)(void))
{
	struct running *r = *state;
	char srv[] = "/srv";
	char *srv_only[] = {srv, NULL};

	played->meanwhile = meanwhile;
	testcapture_ask(r, 1, srv_only);
	uv_run(&r->daemon.loop, UV_RUN_NOWAIT);
}

static void test_request(void **state)
{
	struct running *r = *state;

	ask_and_edit(state, edit_fstab);
	assert_newest(r, 1, "/etc/fstab", METHOD_IN_PLACE, ATTRIBUTION_FULL);
}

/* ---- who it was not ---- */

static void push_directory(const char *name)
{
	struct ft_name_event *e = played_push(FT_NAME, sizeof(*e));
	char path[64];

	snprintf(path, sizeof(path), "etc/%s", name);
	e->op = FT_NAME_MKDIR;
	e->mode = S_IFDIR | 0755;
	e->actor = played_editor();
	e->inode = played_inode_of(path);
	e->place.dir = played_inode_of("etc");
	strcpy(e->place.name, name);
}

/* Who makes a directory has not removed what is gone elsewhere. */
static void test_elsewhere(void **state)
{
	struct running *r = *state;

	played_people();
	testroot_write(r->root, "etc/new.d/file", "x\n");
	push_directory("new.d");
	assert_int_equal(unlink("etc/fstab"), 0);
	assert_int_equal(consume(&r->capture), 0);
	assert_newest(r, 1, "/etc/new.d/file", METHOD_CREATE, ATTRIBUTION_FULL);
}

/* Nor has who mounts a file system changed what is on the one that was there. */
static void test_mount(void **state)
{
	struct running *r = *state;
	struct ft_mount_event *e;

	played_people();
	for (int i = 0; i < 3; i++) {
		e = played_push(FT_MOUNT, sizeof(*e));
		e->actor = played_editor();
	}
	testroot_write(r->root, "etc/fstab", "# something\n");
	assert_int_equal(consume(&r->capture), 0);
	assert_unseen(r, 1, "/etc/fstab", METHOD_UNKNOWN);
}

/* A directory that was moved while nobody read: both what is gone and what came is the mover's. */
static void test_moved_killed(void **state)
{
	struct running *r = *state;
	struct ft_name_event *e;

	testroot_write(r->root, "etc/old.d/file", "x\n");
	played_people();
	push_directory("old.d");
	assert_int_equal(consume(&r->capture), 0);
	assert_int_equal(testcapture_tell(r).count, 1);
	testcapture_end(r, true);
	push_directory("old.d");
	e = &played->events[played->made - 1].name;
	e->op = FT_NAME_RENAME;
	e->to.dir = played_inode_of("etc");
	strcpy(e->to.name, "new.d");
	assert_int_equal(rename("etc/old.d", "etc/new.d"), 0);
	testcapture_start(r);
	r->capture.read_ns = 0;
	assert_int_equal(usleep(700 * 1000), 0);
	assert_int_equal(consume(&r->capture), 0);
	assert_int_equal(testcapture_tell(r).full, 3);
	assert_int_equal(testcapture_tell(r).count, 3);
}

/* ---- arguments that come later ---- */

static void push_rest(void)
{
	struct ft_args_event *a = played_push(FT_ARGS, sizeof(*a));

	a->image = EDITOR;
	a->len = 13;
	memcpy(a->bytes, "tee\0-a\0hosts", 13);
}

static void assert_args(struct running *r, size_t len)
{
	struct ft_image image;

	assert_int_equal(store_get_image(r->capture.store, r->capture.boot_id, EDITOR, &image), 0);
	assert_int_equal(image.args_bytes, len);
	assert_int_equal(image.flags & FT_IMAGE_ARGS_CUT, len ? 0 : FT_IMAGE_ARGS_CUT);
}

/* The kernel sends them one by one, and the daemon is awake at the first one. */
static void test_arguments(void **state)
{
	struct running *r = *state;

	played_people();
	played->made--;
	assert_int_equal(consume(&r->capture), 0);
	assert_args(r, 0);
	push_rest();
	assert_int_equal(consume(&r->capture), 0);
	assert_args(r, 13);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_look, setup, testcapture_teardown),
		cmocka_unit_test_setup_teardown(test_start, setup, testcapture_teardown),
		cmocka_unit_test_setup_teardown(test_begun, setup, testcapture_teardown),
		cmocka_unit_test_setup_teardown(test_busy, setup, testcapture_teardown),
		cmocka_unit_test_setup_teardown(test_request, setup, testcapture_teardown),
		cmocka_unit_test_setup_teardown(test_elsewhere, setup, testcapture_teardown),
		cmocka_unit_test_setup_teardown(test_mount, setup, testcapture_teardown),
		cmocka_unit_test_setup_teardown(test_moved_killed, setup, testcapture_teardown),
		cmocka_unit_test_setup_teardown(test_arguments, setup, testcapture_teardown),
	};

	return cmocka_run_group_tests(tests, testroot_setup, testroot_teardown);
}
