/*
 * Names of users and groups; see names.h.
 */
#include "leo/names.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/def.h"
#include "base/fs.h"
#include "base/str.h"
#include "leo/text.h"

/* Of a machine with more users than this some are asked again and again. */
enum { KNOWN_MAX = 512, FILE_BYTES_MAX = 4 * 1024 * 1024 };

struct known {
	enum names_kind kind;
	uint32_t id;
	char *name;
};

struct names {
	bool own; /* the machine's own, not those of another root */
	char *texts[NAMES_GROUP + 1]; /* of another root, by kind; NULL: no file */
	struct known known[KNOWN_MAX];
	size_t count;
	char *last; /* one more than are kept */
	char number[16]; /* without memory */
};

static const char *const paths[] = {
	[NAMES_USER] = "/etc/passwd",
	[NAMES_GROUP] = "/etc/group",
};

static int is_own(int root_fd, bool *ret_own)
{
	struct stat root, own;

	if (fstat(root_fd, &root) < 0 || stat("/", &own) < 0)
		return -errno;
	*ret_own = root.st_dev == own.st_dev && root.st_ino == own.st_ino;
	return 0;
}

int names_new(int root_fd, struct names **ret_names)
{
	_cleanup_(names_free_p) struct names *n = calloc(1, sizeof(*n));
	int r = n ? is_own(root_fd, &n->own) : -ENOMEM;

	for (size_t kind = 0; r == 0 && !n->own && kind < ARRAY_SIZE(paths); kind++) {
		r = fs_read(root_fd, paths[kind], FILE_BYTES_MAX, &n->texts[kind], NULL);
		/* A name is a help: what cannot be read leaves numbers. */
		if (r < 0 && r != -ENOMEM)
			r = 0;
	}
	if (r < 0)
		return r;
	*ret_names = take_ptr(n);
	return 0;
}

void names_free(struct names *n)
{
	if (!n)
		return;
	for (size_t i = 0; i < n->count; i++)
		free(n->known[i].name);
	for (size_t kind = 0; kind < ARRAY_SIZE(paths); kind++)
		free(n->texts[kind]);
	free(n->last);
	free(n);
}

void names_free_p(struct names **n)
{
	names_free(*n);
}

/* ---- in the files of another root ---- */

/* What lies between the colons @skip and @skip + 1 of a line, a copy in @out; false when the line
 * has less, or it does not fit. */
static bool field(const char *line, size_t len, int skip, char *out, size_t size)
{
	const char *end = line + len, *stop;

	for (; skip > 0; skip--) {
		line = memchr(line, ':', end - line);
		if (!line)
			return false;
		line++;
	}
	stop = memchr(line, ':', end - line);
	stop = stop ? stop : end;
	if ((size_t)(stop - line) >= size)
		return false;
	memcpy(out, line, stop - line);
	out[stop - line] = '\0';
	return true;
}

/* In the first line whose field @by is @value, the field @want: 0 is the name, 2 the number. */
static bool look_up(const char *text, int by, const char *value, int want, char out[256])
{
	for (const char *line = text ? text : ""; *line;) {
		size_t len = strcspn(line, "\n");

		if (field(line, len, by, out, 256) && str_equal(out, value) &&
		    field(line, len, want, out, 256))
			return true;
		line += len + (line[len] == '\n');
	}
	return false;
}

/* ---- both ---- */

/* The raw name into @out; false when there is none. */
static bool ask(const struct names *n, enum names_kind kind, uint32_t id, char out[256])
{
	const struct passwd *user;
	const struct group *group;
	char number[16];

	if (!n->own) {
		snprintf(number, sizeof(number), "%u", id);
		return look_up(n->texts[kind], 2, number, 0, out);
	}
	user = kind == NAMES_USER ? getpwuid(id) : NULL;
	group = kind == NAMES_GROUP ? getgrgid(id) : NULL;
	if (!user && !group)
		return false;
	snprintf(out, 256, "%s", user ? user->pw_name : group->gr_name);
	return true;
}

const char *names_of(struct names *n, enum names_kind kind, uint32_t id)
{
	char raw[256], *name;

	for (size_t i = 0; i < n->count; i++)
		if (n->known[i].id == id && n->known[i].kind == kind)
			return n->known[i].name;
	if (!ask(n, kind, id, raw))
		snprintf(raw, sizeof(raw), "%u", id);
	if (text_clean(raw, strlen(raw), &name) < 0) {
		snprintf(n->number, sizeof(n->number), "%u", id);
		return n->number;
	}
	if (n->count < KNOWN_MAX) {
		n->known[n->count++] = (struct known){kind, id, name};
		return name;
	}
	free(n->last);
	n->last = name;
	return name;
}

int names_find_user(const struct names *n, const char *name, uint32_t *ret_uid)
{
	const struct passwd *user;
	char number[256], *end;
	unsigned long uid;

	if (n->own) {
		user = getpwnam(name);
		if (!user)
			return -ENOENT;
		*ret_uid = user->pw_uid;
		return 0;
	}
	if (!look_up(n->texts[NAMES_USER], 0, name, 2, number))
		return -ENOENT;
	errno = 0;
	uid = strtoul(number, &end, 10);
	if (errno || *end || end == number || uid >= UINT32_MAX)
		return -ENOENT;
	*ret_uid = uid;
	return 0;
}
