/*
 * Control groups; see groups.h. A look goes down level by level and lists the groups, and then
 * reads what they used from the last to the first: a parent after its children, so that it never
 * seems to have used less than they.
 */
#include "pwrapis/attrib/groups.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/def.h"
#include "base/fs.h"
#include "base/io.h"
#include "base/parse.h"
#include "base/str.h"
#include "base/time.h"

/* Whoever may make groups may make any number of them: a look sees no more than so many. */
enum { STAT_BYTES = 4096, SEEN_MAX = 2 * GROUPS_MAX };

enum kind { NONE, UNIFIED, ACCOUNTING };

/* The first of these that is there. */
static const struct {
	enum kind kind;
	const char *folder, *proof;
} hierarchies[] = {
	{UNIFIED, "/sys/fs/cgroup", "/sys/fs/cgroup/cgroup.controllers"},
	{ACCOUNTING, "/sys/fs/cgroup/cpuacct", "/sys/fs/cgroup/cpuacct/cpuacct.usage"},
	{ACCOUNTING, "/sys/fs/cgroup/cpu,cpuacct", "/sys/fs/cgroup/cpu,cpuacct/cpuacct.usage"},
};

struct groups {
	enum kind kind;
	int fd; /* of the folder; -1 without */
	struct group **list; /* GROUPS_MAX of them */
	size_t count;
	bool complete; /* the last look has listed all there are */
	bool looked; /* there was a look before this one */
	size_t listing, reading; /* where the look is */
	size_t seen; /* by the look */
};

/* ---- the table ---- */

static void group_free(struct group *group)
{
	free(group->path);
	free(group);
}

/* Takes @path. NULL: no room, or no memory. */
static struct group *add(struct groups *g, char *path, struct group *parent)
{
	_cleanup_free_ char *owned = path;
	struct group *group;

	if (!path || g->count == GROUPS_MAX)
		return NULL;
	group = calloc(1, sizeof(*group));
	if (!group)
		return NULL;
	group->path = take_ptr(owned);
	group->parent = parent;
	if (parent)
		parent->refs++;
	g->list[g->count++] = group;
	return group;
}

/* Those that are gone and held by nobody; children stand behind their parents. */
static void sweep(struct groups *g)
{
	size_t kept = 0;

	for (size_t i = g->count; i-- > 1;) {
		struct group *group = g->list[i];

		if (group->there || group->refs)
			continue;
		group->parent->refs--;
		group_free(group);
		g->list[i] = NULL;
	}
	for (size_t i = 0; i < g->count; i++)
		if (g->list[i])
			g->list[kept++] = g->list[i];
	g->count = kept;
}

size_t groups_count(const struct groups *g)
{
	return g->count;
}

struct group *groups_at(const struct groups *g, size_t at)
{
	return g->list[at];
}

struct group *groups_root(const struct groups *g)
{
	return g->list[0];
}

struct group *groups_by_path(const struct groups *g, const char *path)
{
	for (size_t i = 0; i < g->count; i++)
		if (str_equal(g->list[i]->path, path))
			return g->list[i];
	return NULL;
}

struct group *groups_by_id(const struct groups *g, uint64_t id)
{
	/* Ids are of the unified hierarchy; where there is but one group, it is that. */
	if (g->kind != UNIFIED)
		return g->count == 1 ? g->list[0] : NULL;
	for (size_t i = 0; i < g->count; i++)
		if (g->list[i]->id == id)
			return g->list[i];
	return NULL;
}

/* ---- listing ---- */

static int open_in(const struct groups *g, const struct group *group, const char *name, int flags,
		   int *ret_fd)
{
	_cleanup_free_ char *path = NULL;

	if (g->fd < 0)
		return -ENOENT;
	if (asprintf(&path, ".%s%s%s", group->path, group->parent ? "/" : "", name) < 0)
		return -ENOMEM;
	return fs_open_beneath(g->fd, path, flags, 0, ret_fd);
}

static void found(struct groups *g, struct group *parent, const char *name)
{
	struct group *group;
	char *path = NULL;

	if (asprintf(&path, "%s/%s", parent->parent ? parent->path : "", name) < 0) {
		g->complete = false;
		return;
	}
	group = groups_by_path(g, path);
	if (group) {
		free(path);
		group->there = true;
		return;
	}
	group = add(g, path, parent);
	if (!group) {
		g->complete = false;
		return;
	}
	group->there = true;
	group->fresh = true;
}

static void list_children(struct groups *g, struct group *group, int *fd)
{
	_cleanup_closedir_ DIR *dir = fdopendir(*fd);
	struct dirent *e;

	if (!dir)
		return;
	take_fd(fd);
	while (g->seen < SEEN_MAX && (e = readdir(dir))) {
		if (e->d_type != DT_DIR || e->d_name[0] == '.')
			continue;
		found(g, group, e->d_name);
		g->seen++;
	}
	if (g->seen == SEEN_MAX)
		g->complete = false;
}

/* Folders of groups have a link for each group below, and two. */
static void list_one(struct groups *g, struct group *group)
{
	_cleanup_close_ int fd = -1;
	struct stat st;

	if (!group->there)
		return;
	if (open_in(g, group, "", O_RDONLY | O_DIRECTORY, &fd) < 0 || fstat(fd, &st) < 0) {
		group->there = group->parent == NULL;
		return;
	}
	/* One of the same name that is another. */
	if (group->id && group->id != st.st_ino) {
		group->fresh = true;
		group->total_ns = 0;
	}
	group->id = st.st_ino;
	if (st.st_nlink > 2)
		list_children(g, group, &fd);
}

/* ---- reading ---- */

static int read_text(const struct groups *g, const struct group *group, const char *name,
		     char text[STAT_BYTES + 1])
{
	_cleanup_close_ int fd = -1;
	size_t len = 0;
	int r = open_in(g, group, name, O_RDONLY | O_NONBLOCK, &fd);

	if (r == 0)
		r = io_read_up_to(fd, text, STAT_BYTES, &len);
	text[r == 0 ? len : 0] = '\0';
	return r;
}

static int parse_number(char *text, uint64_t factor, uint64_t *ret_ns)
{
	uint64_t v;

	text[strcspn(text, "\n")] = '\0';
	if (parse_u64(text, 0, UINT64_MAX / factor, &v) < 0)
		return -EBADMSG;
	*ret_ns = v * factor;
	return 0;
}

static int read_total(const struct groups *g, const struct group *group, uint64_t *ret_ns)
{
	static const char key[] = "usage_usec ";
	char text[STAT_BYTES + 1];
	char *line = text;
	int r;

	if (g->kind == ACCOUNTING) {
		r = read_text(g, group, "cpuacct.usage", text);
		return r < 0 ? r : parse_number(text, 1, ret_ns);
	}
	r = read_text(g, group, "cpu.stat", text);
	while (r == 0 && line && !str_starts(line, key)) {
		line = strchr(line, '\n');
		line = line ? line + 1 : NULL;
	}
	if (r == 0 && !line)
		r = -EBADMSG;
	return r < 0 ? r : parse_number(line + strlen(key), NS_PER_US, ret_ns);
}

/* One that is new has used all of it since the last look, if all was listed then. */
static void read_one(struct groups *g, struct group *group)
{
	uint64_t total = 0;

	group->counted = false;
	group->used_ns = 0;
	if (!group->there || (g->kind == UNIFIED && !group->parent) || g->kind == NONE)
		return;
	if (read_total(g, group, &total) < 0) {
		group->there = group->parent == NULL;
		return;
	}
	if (group->fresh && g->looked)
		group->counted = true;
	else
		group->counted = !group->fresh && total >= group->total_ns;
	if (group->counted)
		group->used_ns = total - (group->fresh ? 0 : group->total_ns);
	group->total_ns = total;
	group->fresh = false;
}

/* ---- a look ---- */

void groups_begin(struct groups *g)
{
	sweep(g);
	for (size_t i = 1; i < g->count; i++)
		g->list[i]->there = false;
	g->looked = g->complete;
	g->complete = true;
	g->listing = g->reading = g->seen = 0;
}

bool groups_list(struct groups *g)
{
	if (g->listing == g->count)
		return false;
	list_one(g, g->list[g->listing++]);
	g->reading = g->count;
	return true;
}

bool groups_read(struct groups *g)
{
	if (!g->reading)
		return false;
	read_one(g, g->list[--g->reading]);
	return true;
}

/* ---- names ---- */

/* "0::/path" of the unified hierarchy, "4:cpu,cpuacct:/path" of version 1. */
static bool is_ours(const struct groups *g, char *controllers)
{
	char *word, *rest = controllers;

	if (g->kind != ACCOUNTING)
		return !*controllers;
	while ((word = strsep(&rest, ",")))
		if (str_equal(word, "cpuacct"))
			return true;
	return false;
}

char *groups_path_in(const struct groups *g, char *text)
{
	char *line, *rest = text;

	while ((line = strsep(&rest, "\n"))) {
		char *controllers = strchr(line, ':');
		char *path = controllers ? strchr(controllers + 1, ':') : NULL;

		if (!path)
			continue;
		*path++ = '\0';
		if (*path == '/' && is_ours(g, controllers + 1))
			return path;
	}
	return NULL;
}

static bool is_slice(const char *name, size_t len)
{
	static const char end[] = ".slice";

	return len > strlen(end) && memcmp(name + len - strlen(end), end, strlen(end)) == 0;
}

static bool is_unit(const char *name, size_t len)
{
	static const char *const ends[] = {".service", ".scope", ".socket", ".mount", ".swap"};

	for (size_t i = 0; i < ARRAY_SIZE(ends); i++) {
		size_t end = strlen(ends[i]);

		if (len > end && memcmp(name + len - end, ends[i], end) == 0)
			return true;
	}
	return false;
}

size_t groups_unit(const char *path, const char **ret_unit)
{
	size_t slice = 0;

	while (*path == '/') {
		size_t len = strcspn(++path, "/");

		if (is_unit(path, len)) {
			*ret_unit = path;
			return len;
		}
		if (!is_slice(path, len))
			break;
		*ret_unit = path;
		slice = len;
		path += len;
	}
	return slice;
}

/* ---- beginning and end ---- */

static void find_hierarchy(struct groups *g, int root_fd)
{
	for (size_t i = 0; i < ARRAY_SIZE(hierarchies); i++) {
		if (fs_exists(root_fd, hierarchies[i].proof) != 1 ||
		    fs_open(root_fd, hierarchies[i].folder, O_RDONLY | O_DIRECTORY, 0, &g->fd) < 0)
			continue;
		g->kind = hierarchies[i].kind;
		return;
	}
}

int groups_new(int root_fd, struct groups **ret_groups)
{
	struct groups *g = calloc(1, sizeof(*g));
	struct group *root;

	if (!g)
		return -ENOMEM;
	g->fd = -1;
	g->list = calloc(GROUPS_MAX, sizeof(*g->list));
	root = g->list ? add(g, strdup("/"), NULL) : NULL;
	if (!root) {
		groups_free(g);
		return -ENOMEM;
	}
	root->there = root->fresh = true;
	find_hierarchy(g, root_fd);
	*ret_groups = g;
	return 0;
}

void groups_free(struct groups *g)
{
	if (!g)
		return;
	for (size_t i = 0; i < g->count; i++)
		group_free(g->list[i]);
	free(g->list);
	cleanup_close_p(&g->fd);
	free(g);
}
