/*
 * Reading a profile; see profile.h. One table holds the keys, their bounds and where they go.
 */
#include "profile.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/def.h"
#include "base/io.h"
#include "base/parse.h"
#include "lines.h"

#define PROFILE_BYTES_MAX 65536
#define MIB (UINT64_C(1) << 20)

struct key;
typedef int (*key_parse)(const struct key *key, const char *value, void *ret_field);

struct key {
	const char *name;
	key_parse parse;
	size_t offset;
	uint64_t min, max; /* of a number; max of a text is its length */
	bool required;
	const char *expected;
};

/* The disk ends where a 1 MiB step ends: partitions are aligned so, and tools expect it. */
static int parse_size(const struct key *key, const char *value, void *ret_field)
{
	uint64_t v;
	int r = parse_bytes(value, key->min, key->max, &v);

	if (r < 0)
		return r;
	if (v % MIB)
		return -EINVAL;
	*(uint64_t *)ret_field = v;
	return 0;
}

static int parse_number(const struct key *key, const char *value, void *ret_field)
{
	return parse_u64(value, key->min, key->max, ret_field);
}

static int parse_text(const struct key *key, const char *value, void *ret_field)
{
	size_t len = strlen(value);

	if (len == 0 || len > key->max)
		return -EINVAL;
	for (const char *p = value; *p; p++)
		if (*p < 0x21 || *p > 0x7e)
			return -EINVAL;
	memcpy(ret_field, value, len + 1);
	return 0;
}

static const struct key keys[] = {
	{"size", parse_size, offsetof(struct profile, size_bytes), 16 * MIB, MIB << 24, true,
	 "whole MiB from 16M to 16T"},
	{"label", parse_text, offsetof(struct profile, label), 0, PROFILE_LABEL_MAX, true,
	 "1 to 16 printable ASCII characters without blanks"},
	{"partition", parse_text, offsetof(struct profile, partition), 0, PROFILE_PARTITION_MAX,
	 true, "1 to 36 printable ASCII characters without blanks"},
	{"inodes", parse_number, offsetof(struct profile, inodes), 16, UINT32_MAX - 16, false,
	 "a number from 16 to 4294967279"},
};

static const struct key *find_key(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (strcmp(keys[i].name, name) == 0)
			return &keys[i];
	return NULL;
}

/* Reads one line; the bit of the key found is added to *@seen. */
static int parse_line(char *line, const char *file, unsigned number, struct profile *profile,
		      unsigned *seen, struct err *err)
{
	char *value = strchr(line, '=');
	const struct key *key;

	if (!value)
		return err_set(err, -EINVAL, "%s:%u: not `key = value`", file, number);
	*value++ = '\0';
	key = find_key(lines_trim(line));
	if (!key)
		return err_set(err, -EINVAL, "%s:%u: unknown key: %s", file, number, line);
	if (*seen & 1U << (key - keys))
		return err_set(err, -EINVAL, "%s:%u: %s is set twice", file, number, key->name);
	*seen |= 1U << (key - keys);
	if (key->parse(key, lines_trim(value), (char *)profile + key->offset) < 0)
		return err_set(err, -EINVAL, "%s:%u: %s must be %s", file, number, key->name,
			       key->expected);
	return 0;
}

int profile_parse(char *text, const char *file, struct profile *ret_profile, struct err *err)
{
	struct profile profile = {};
	struct lines lines;
	unsigned seen = 0;
	char *line;

	lines_init(&lines, text);
	while (lines_next_setting(&lines, &line)) {
		int r = parse_line(line, file, lines.number, &profile, &seen, err);

		if (r < 0)
			return r;
	}
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (keys[i].required && !(seen & 1U << i))
			return err_set(err, -EINVAL, "%s: %s is missing", file, keys[i].name);
	*ret_profile = profile;
	return 0;
}

/* The last component of @path, whatever slashes are behind it. */
static void folder_name(const char *path, char ret_name[256])
{
	size_t end = strlen(path), start;

	while (end > 1 && path[end - 1] == '/')
		end--;
	for (start = end; start && path[start - 1] != '/'; start--)
		;
	snprintf(ret_name, 256, "%.*s", (int)(end - start), path + start);
}

int profile_load(int dirfd, const char *path, struct profile *ret_profile, struct err *err)
{
	_cleanup_free_ char *text = NULL, *file = NULL;
	struct profile profile;
	size_t len;
	int r;

	if (asprintf(&file, "%s/profile.conf", path) < 0)
		return err_oom(err);
	r = io_read_file(dirfd, "profile.conf", PROFILE_BYTES_MAX, &text, &len);
	if (r < 0)
		return err_errno(err, r, "cannot read %s", file);
	if (strlen(text) != len)
		return err_set(err, -EINVAL, "%s: not a text: there is a NUL byte in it", file);
	r = profile_parse(text, file, &profile, err);
	if (r < 0)
		return r;
	folder_name(path, profile.name);
	*ret_profile = profile;
	return 0;
}
