/*
 * Names of users and groups to ids; see accounts.h.
 *
 * A line of passwd(5) and group(5) begins NAME:PASSWORD:ID, which is all that is read of it. A line
 * that is none, or whose id is none, is passed over, as the C library does.
 */
#include "rpc/accounts.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>

#include "base/def.h"
#include "base/fs.h"
#include "base/parse.h"

enum { FILE_BYTES_MAX = 4 * 1024 * 1024, NSS_BYTES_MAX = 1024 * 1024 };

static int is_own(int root_fd, bool *ret_own)
{
	struct stat root, own;

	if (fstat(root_fd, &root) < 0 || stat("/", &own) < 0)
		return -errno;
	*ret_own = root.st_dev == own.st_dev && root.st_ino == own.st_ino;
	return 0;
}

int accounts_init(struct accounts *a, int root_fd, const char **ret_path)
{
	static const char *const paths[] = {
		[ACCOUNT_USER] = "/etc/passwd",
		[ACCOUNT_GROUP] = "/etc/group",
	};
	const char *path = "/";
	int r;

	*a = (struct accounts){};
	r = is_own(root_fd, &a->own);
	for (int kind = 0; r == 0 && !a->own && kind < ACCOUNT_KINDS; kind++) {
		path = paths[kind];
		r = fs_read(root_fd, path, FILE_BYTES_MAX, &a->texts[kind], &a->lens[kind]);
		if (r == -ENOENT)
			r = 0;
	}
	if (r == 0)
		return 0;
	accounts_deinit(a);
	*ret_path = path;
	return r;
}

void accounts_deinit(struct accounts *a)
{
	for (int kind = 0; kind < ACCOUNT_KINDS; kind++) {
		free(a->texts[kind]);
		a->texts[kind] = NULL;
	}
}

/* The id in a line NAME:PASSWORD:ID:…, when it is the line of @name. */
static int parse_line(const char *line, size_t len, const char *name, uint32_t *ret_id)
{
	size_t name_len = strlen(name);
	const char *end = line + len, *id, *behind;
	char digits[16] = "";
	uint64_t v;

	if (len <= name_len || memcmp(line, name, name_len) != 0 || line[name_len] != ':')
		return -ESRCH;
	id = memchr(line + name_len + 1, ':', len - name_len - 1);
	behind = id ? memchr(id + 1, ':', end - id - 1) : NULL;
	if (!behind || (size_t)(behind - id - 1) >= sizeof(digits))
		return -ESRCH;
	memcpy(digits, id + 1, behind - id - 1);
	if (strlen(digits) != (size_t)(behind - id - 1) ||
	    parse_u64(digits, 0, UINT32_MAX - 1, &v) < 0)
		return -ESRCH;
	*ret_id = v;
	return 0;
}

static int find_in_text(const char *text, size_t len, const char *name, uint32_t *ret_id)
{
	/* It would be found as the beginning of a line, with another field for its id. */
	if (strchr(name, ':'))
		return -ESRCH;
	while (len) {
		const char *end = memchr(text, '\n', len);
		size_t line = end ? (size_t)(end - text) : len;

		if (parse_line(text, line, name, ret_id) == 0)
			return 0;
		line += end != NULL;
		text += line;
		len -= line;
	}
	return -ESRCH;
}

/* One question to NSS; 0 with *@ret_found false when it knows no such name. */
static int ask_user(const char *name, char *buf, size_t size, bool *ret_found, uint32_t *ret_id)
{
	struct passwd user, *found;
	int r = getpwnam_r(name, &user, buf, size, &found);

	*ret_found = r == 0 && found;
	if (*ret_found)
		*ret_id = user.pw_uid;
	return -r;
}

static int ask_group(const char *name, char *buf, size_t size, bool *ret_found, uint32_t *ret_id)
{
	struct group group, *found;
	int r = getgrnam_r(name, &group, buf, size, &found);

	*ret_found = r == 0 && found;
	if (*ret_found)
		*ret_id = group.gr_gid;
	return -r;
}

/* Groups with many members need large buffers, although only the id is of interest. */
static int find_in_nss(enum account_kind kind, const char *name, uint32_t *ret_id)
{
	static int (*const asks[])(const char *, char *, size_t, bool *, uint32_t *) = {
		[ACCOUNT_USER] = ask_user,
		[ACCOUNT_GROUP] = ask_group,
	};

	for (size_t size = 4096; size <= NSS_BYTES_MAX; size *= 4) {
		_cleanup_free_ char *buf = malloc(size);
		bool found;
		int r;

		if (!buf)
			return -ENOMEM;
		r = asks[kind](name, buf, size, &found, ret_id);
		if (r == -ENOMEM)
			return r;
		/* Sources that cannot be asked now have various errors, and know no names. */
		if (r != -ERANGE)
			return found ? 0 : -ESRCH;
	}
	return -ESRCH;
}

int accounts_find(const struct accounts *a, enum account_kind kind, const char *name,
		  uint32_t *ret_id)
{
	return a->own ? find_in_nss(kind, name, ret_id)
		      : find_in_text(a->texts[kind], a->lens[kind], name, ret_id);
}
