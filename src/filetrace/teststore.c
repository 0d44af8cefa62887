/*
 * Records, images and contents for tests; see teststore.h.
 */
#include "filetrace/teststore.h"

#include <string.h>

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
