/*
 * Records, images and contents for tests; see teststore.h.
 */
#include "filetrace/teststore.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sqlite3.h>

#include <cmocka.h>

struct sha256 teststore_hash(unsigned byte)
{
	struct sha256 hash;

	memset(&hash, byte, sizeof(hash));
	return hash;
}

struct ft_image teststore_image(uint64_t id, uint64_t parent, const char *exe)
{
	struct ft_image image = {
		.id = id,
		.parent = parent,
		.start_ns = 1000 + id,
		.exec_ns = 2000 + id,
		.pid = 100 + id,
		.uid = 1000,
		.flags = FT_IMAGE_LATE,
		.comm = "sh",
	};

	strncpy(image.exe, exe, sizeof(image.exe) - 1);
	return image;
}

struct record teststore_record(const char *path, uint32_t uid, int64_t time_ns)
{
	struct record r = {
		.time_ns = time_ns,
		.path = (char *)path,
		.method = METHOD_IN_PLACE,
		.attribution = ATTRIBUTION_FULL,
		.op_count = 1,
		.actor = {.image = 1,
			  .pid = 101,
			  .tid = 102,
			  .uid = uid,
			  .login_uid = 1000,
			  .session = 3,
			  .tty = "pts0",
			  .cgroup = "/user.slice/user-1000.slice/session-3.scope"},
		.old = {.kind = STATE_FILE, .mode = 0644, .size = 5},
		.new = {.kind = STATE_FILE, .mode = 0644, .size = 6},
	};

	return r;
}

void teststore_noise(uint64_t seed, char *bytes, size_t len)
{
	uint64_t x = seed * 0x9e3779b97f4a7c15ULL + 1;

	for (size_t i = 0; i < len; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		bytes[i] = x >> 32;
	}
}

struct store *teststore_open(const struct testroot *t)
{
	struct store *s = NULL;

	assert_int_equal(store_open(t->fd, &s), 0);
	return s;
}

void teststore_close_p(struct store **s)
{
	store_close(*s);
}

int64_t teststore_put(struct store *s, const char *path, uint32_t uid, int64_t time_ns)
{
	struct record r = teststore_record(path, uid, time_ns);
	int64_t id;

	assert_int_equal(store_put_record(s, TEST_BOOT, &r, &id), 0);
	return id;
}

void teststore_alter(const char *file, const char *sql)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(file, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

int teststore_clear(void **state)
{
	testroot_clear(*state);
	return 0;
}
