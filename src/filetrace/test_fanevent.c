/*
 * Tests of fanevent.c: events as the kernel makes them, cut at each byte, and wrong in each field.
 */
#include "filetrace/fanevent.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/fanotify.h>

#include <cmocka.h>

#include "base/def.h"

struct event {
	uint8_t bytes[512];
	size_t len;
};

static void add(struct event *e, const void *bytes, size_t len)
{
	memcpy(e->bytes + e->len, bytes, len);
	e->len += len;
}

static void begin(struct event *e, uint64_t mask, int pid)
{
	struct fanotify_event_metadata head = {
		.vers = FANOTIFY_METADATA_VERSION,
		.metadata_len = sizeof(head),
		.mask = mask,
		.fd = FAN_NOFD,
		.pid = pid,
	};

	*e = (struct event){};
	add(e, &head, sizeof(head));
}

static void end(struct event *e)
{
	uint32_t len = e->len;

	memcpy(e->bytes + offsetof(struct fanotify_event_metadata, event_len), &len, sizeof(len));
}

/* A handle of @len bytes, all of them @byte, and a name if there is one. */
static void add_handle(struct event *e, uint8_t type, uint32_t len, uint8_t byte, const char *name)
{
	struct fanotify_event_info_header head = {.info_type = type};
	uint32_t fsid[2] = {1, 2};
	int32_t handle_type = 7;
	uint8_t handle[256];
	size_t used = sizeof(head) + 16 + len + (name ? strlen(name) + 1 : 0);

	memset(handle, byte, sizeof(handle));
	head.len = (used + 3) / 4 * 4;
	add(e, &head, sizeof(head));
	add(e, fsid, sizeof(fsid));
	add(e, &len, sizeof(len));
	add(e, &handle_type, sizeof(handle_type));
	add(e, handle, len);
	if (name)
		add(e, name, strlen(name) + 1);
	e->len += head.len - used;
}

static void add_pidfd(struct event *e, int32_t fd)
{
	struct fanotify_event_info_header head = {FAN_EVENT_INFO_TYPE_PIDFD, 0,
						  sizeof(head) + sizeof(fd)};

	add(e, &head, sizeof(head));
	add(e, &fd, sizeof(fd));
}

static int decode(const struct event *e, struct fan_event *ret_event)
{
	/* Of its own length, so that a sanitizer sees what is read behind it. */
	_cleanup_free_ void *copy = malloc(e->len);
	size_t size = 0;
	int r;

	memcpy(copy, e->bytes, e->len);
	r = fan_event_decode(copy, e->len, ret_event, &size);
	assert_int_equal(size, r == 0 ? e->len : 0);
	return r;
}

static void test_whole(void **state)
{
	struct fan_event e;
	struct event raw;

	begin(&raw, FAN_MODIFY | FAN_CLOSE_WRITE, 42);
	add_handle(&raw, FAN_EVENT_INFO_TYPE_DFID_NAME, 8, 0xd, "hosts");
	add_handle(&raw, FAN_EVENT_INFO_TYPE_FID, 12, 0xf, NULL);
	add_pidfd(&raw, 3);
	end(&raw);
	assert_int_equal(decode(&raw, &e), 0);
	assert_int_equal(e.mask, FAN_MODIFY | FAN_CLOSE_WRITE);
	assert_int_equal(e.pid, 42);
	assert_int_equal(e.pidfd, 3);
	assert_true(e.has_object && e.place.known && !e.to.known);
	assert_string_equal(e.place.name, "hosts");
	assert_int_equal(e.place.dir.len, 8);
	assert_int_equal(e.place.dir.bytes[7], 0xd);
	assert_int_equal(e.place.dir.bytes[8], 0);
	assert_int_equal(e.object.len, 12);
	assert_int_equal(e.object.type, 7);
	assert_int_equal(e.object.fsid[1], 2);
}

static void test_rename(void **state)
{
	struct fan_event e;
	struct event raw;

	begin(&raw, FAN_RENAME, 42);
	add_handle(&raw, FAN_EVENT_INFO_TYPE_OLD_DFID_NAME, 8, 1, "a");
	add_handle(&raw, FAN_EVENT_INFO_TYPE_NEW_DFID_NAME, 8, 2, "b");
	/* Of a later kernel. */
	add_handle(&raw, 99, 8, 2, "x");
	add_pidfd(&raw, FAN_NOPIDFD);
	end(&raw);
	assert_int_equal(decode(&raw, &e), 0);
	assert_string_equal(e.place.name, "a");
	assert_string_equal(e.to.name, "b");
	assert_int_equal(e.pidfd, -1);
	assert_false(e.has_object);
}

static void test_cut(void **state)
{
	struct fan_event e;
	struct event raw, cut;

	begin(&raw, FAN_CREATE, 1);
	add_handle(&raw, FAN_EVENT_INFO_TYPE_DFID_NAME, 8, 0xd, "name");
	end(&raw);
	for (size_t len = 0; len < raw.len; len++) {
		cut = raw;
		cut.len = len;
		assert_int_equal(decode(&cut, &e), -EBADMSG);
		/* The same, when it says so itself: the head alone, or a record that is cut. */
		if (len < sizeof(struct fanotify_event_metadata))
			continue;
		end(&cut);
		assert_int_equal(decode(&cut, &e),
				 len == sizeof(struct fanotify_event_metadata) ? 0 : -EBADMSG);
	}
}

static void test_wrong(void **state)
{
	struct fan_event e;
	struct event raw;
	char name[300];

	begin(&raw, FAN_CREATE, 1);
	raw.bytes[offsetof(struct fanotify_event_metadata, vers)] = 2;
	end(&raw);
	assert_int_equal(decode(&raw, &e), -EBADMSG);
	/* A handle that is too long for any file system, or for its record. */
	begin(&raw, FAN_CREATE, 1);
	add_handle(&raw, FAN_EVENT_INFO_TYPE_FID, FAN_HANDLE_BYTES + 4, 0, NULL);
	end(&raw);
	assert_int_equal(decode(&raw, &e), -EBADMSG);
	begin(&raw, FAN_CREATE, 1);
	add_handle(&raw, FAN_EVENT_INFO_TYPE_FID, 8, 0, NULL);
	end(&raw);
	raw.bytes[sizeof(struct fanotify_event_metadata) + 4 + 8] = 12;
	assert_int_equal(decode(&raw, &e), -EBADMSG);
	/* Names: none, too long, without an end. */
	memset(name, 'x', sizeof(name));
	name[256] = '\0';
	begin(&raw, FAN_CREATE, 1);
	add_handle(&raw, FAN_EVENT_INFO_TYPE_DFID_NAME, 8, 0, name);
	end(&raw);
	assert_int_equal(decode(&raw, &e), -EBADMSG);
	begin(&raw, FAN_CREATE, 1);
	add_handle(&raw, FAN_EVENT_INFO_TYPE_DFID_NAME, 8, 0, "");
	end(&raw);
	assert_int_equal(decode(&raw, &e), -EBADMSG);
	/* Two descriptors: the first one is ours. */
	begin(&raw, FAN_CREATE, 1);
	add_pidfd(&raw, 5);
	add_pidfd(&raw, 6);
	end(&raw);
	assert_int_equal(decode(&raw, &e), -EBADMSG);
	assert_int_equal(e.pidfd, 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_rename),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
