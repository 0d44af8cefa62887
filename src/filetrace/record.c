/*
 * Words of records, and what is read from the kernel's texts; see record.h.
 */
#include "filetrace/record.h"

#include <stdlib.h>
#include <string.h>

#include "base/def.h"

/* The name at @i of a table, or NULL. */
static const char *name_at(const char *const *names, size_t count, size_t i)
{
	return i < count ? names[i] : NULL;
}

const char *method_name(enum method method)
{
	static const char *const names[METHOD_COUNT] = {
		[METHOD_UNKNOWN] = "unknown",	[METHOD_IN_PLACE] = "in-place",
		[METHOD_APPEND] = "append",	[METHOD_TRUNCATE] = "truncate",
		[METHOD_REPLACE] = "replace",	[METHOD_CREATE] = "create",
		[METHOD_DELETE] = "delete",	[METHOD_LINK] = "link",
		[METHOD_METADATA] = "metadata", [METHOD_MOUNT] = "mount",
	};

	return name_at(names, ARRAY_SIZE(names), method);
}

const char *attribution_name(enum attribution attribution)
{
	static const char *const names[ATTRIBUTION_COUNT] = {
		[ATTRIBUTION_NONE] = "none",
		[ATTRIBUTION_PARTIAL] = "partial",
		[ATTRIBUTION_FULL] = "full",
	};

	return name_at(names, ARRAY_SIZE(names), attribution);
}

const char *state_kind_name(enum state_kind kind)
{
	static const char *const names[STATE_KIND_COUNT] = {
		[STATE_ABSENT] = "absent",	 [STATE_FILE] = "file",
		[STATE_DIRECTORY] = "directory", [STATE_SYMLINK] = "symlink",
		[STATE_OTHER] = "other",
	};

	return name_at(names, ARRAY_SIZE(names), kind);
}

static bool sha256_equal(const struct sha256 *a, const struct sha256 *b)
{
	return !memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}

bool state_same_content(const struct state *a, const struct state *b)
{
	if (a->kind != b->kind || a->size != b->size || a->hashed != b->hashed)
		return false;
	return a->hashed ? sha256_equal(&a->sha256, &b->sha256) : a->mtime_ns == b->mtime_ns;
}

bool state_same_outside(const struct state *a, const struct state *b)
{
	return a->mode == b->mode && a->uid == b->uid && a->gid == b->gid &&
	       a->attributed == b->attributed &&
	       (!a->attributed || sha256_equal(&a->attributes, &b->attributes));
}

bool state_same(const struct state *a, const struct state *b)
{
	return state_same_content(a, b) && state_same_outside(a, b);
}

bool state_same_inode(const struct state *a, const struct state *b)
{
	return a->key.ino == b->key.ino && a->key.dev == b->key.dev &&
	       a->igeneration == b->igeneration;
}

bool state_untouched(const struct state *a, const struct state *b)
{
	return a->kind == b->kind && a->size == b->size && state_same_inode(a, b) &&
	       state_same_outside(a, b) && a->mtime_ns == b->mtime_ns && a->ctime_ns == b->ctime_ns;
}

void record_deinit(struct record *r)
{
	free(r->path);
	free(r->diff);
	free(r->fields);
	*r = (struct record){};
}

void record_tty(const char tty[FT_TTY_BYTES], char ret_name[FT_TTY_BYTES + 1])
{
	size_t len = strnlen(tty, FT_TTY_BYTES - 1), prefix = 3;

	/* The kernel names the terminal 3 of the driver "pts" pts3; its file is /dev/pts/3. */
	if (len > prefix && !strncmp(tty, "pts", prefix) && tty[prefix] != '/') {
		memcpy(ret_name, "pts/", prefix + 1);
		memcpy(ret_name + prefix + 1, tty + prefix, len - prefix);
		ret_name[len + 1] = '\0';
		return;
	}
	memcpy(ret_name, tty, len);
	ret_name[len] = '\0';
}

/* Whether a part of a control group's path, @len bytes, names a unit that can hold processes. */
static bool names_unit(const char *part, size_t len)
{
	static const char *const suffixes[] = {".service", ".scope", ".socket", ".mount", ".swap"};

	for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++) {
		size_t n = strlen(suffixes[i]);

		if (len > n && !memcmp(part + len - n, suffixes[i], n))
			return true;
	}
	return false;
}

bool record_unit(const char *cgroup, char ret_unit[FT_CGROUP_BYTES])
{
	const char *found = NULL;
	size_t found_len = 0;

	for (const char *part = cgroup; *part; part += strspn(part, "/")) {
		size_t len = strcspn(part, "/");

		if (names_unit(part, len)) {
			found = part;
			found_len = len;
		}
		part += len;
	}
	if (!found || found_len >= FT_CGROUP_BYTES)
		return false;
	/* systemd sets "_" before names that the kernel could take for files of its own. */
	if (*found == '_') {
		found++;
		found_len--;
	}
	memcpy(ret_unit, found, found_len);
	ret_unit[found_len] = '\0';
	return true;
}
