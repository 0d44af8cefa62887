/*
 * What the person at the keyboard may ask of services; see standing.h.
 */
#include "leo/standing.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/conf.h"
#include "base/def.h"
#include "base/fs.h"
#include "base/str.h"

enum { FILE_BYTES_MAX = 256 * 1024, GROUPS_MAX = 65536 };

static int session_peer(struct peer *ret_peer)
{
	struct peer p = {.pid = getpid(), .uid = getuid(), .gid = getgid()};
	int count = getgroups(0, NULL);

	if (count < 0)
		return -errno;
	p.groups = calloc(count + 1, sizeof(*p.groups));
	if (!p.groups)
		return -ENOMEM;
	count = getgroups(count, p.groups);
	if (count < 0) {
		peer_deinit(&p);
		return -errno;
	}
	p.group_count = count;
	*ret_peer = p;
	return 0;
}

/* The groups of the database, which a session has only if it began after they were given. */
static int database_peer(struct peer *ret_peer)
{
	const struct passwd *user = getpwuid(getuid());
	struct peer p = {.pid = getpid(), .uid = getuid(), .gid = getgid()};
	int count = 0;

	if (!user)
		return -ESRCH;
	getgrouplist(user->pw_name, user->pw_gid, NULL, &count);
	if (count < 0 || count > GROUPS_MAX)
		return -E2BIG;
	p.groups = calloc(count + 1, sizeof(*p.groups));
	if (!p.groups)
		return -ENOMEM;
	if (getgrouplist(user->pw_name, user->pw_gid, p.groups, &count) < 0) {
		peer_deinit(&p);
		return -EAGAIN;
	}
	p.group_count = count;
	*ret_peer = p;
	return 0;
}

/* Keeps who has the lowest class above the person's own. The file was loaded: it is valid. */
static int on_entry(void *data, const char *section, const char *key, const char *value,
		    const char **ret_problem)
{
	struct standing *s = data;
	enum access_class class;
	char **list;

	if (access_class_parse(section, &class) < 0 || class <= s->now || !*value)
		return 0;
	if (s->next && class > s->next)
		return 0;
	if (class < s->next || !s->next) {
		free(take_ptr(s->groups));
		free(take_ptr(s->users));
	}
	s->next = class;
	list = str_equal(key, "groups") ? &s->groups : &s->users;
	free(take_ptr(*list));
	*list = strdup(value);
	return *list ? 0 : -ENOMEM;
}

static int find_next(int root_fd, struct standing *s)
{
	_cleanup_free_ char *text = NULL;
	const char *problem;
	unsigned line;
	size_t len;
	int r = fs_read(root_fd, ACCESS_PATH, FILE_BYTES_MAX, &text, &len);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	return conf_parse_text(text, len, on_entry, s, &line, &problem);
}

static int classify(const struct access *a, struct standing *s)
{
	_cleanup_(peer_deinit) struct peer session = {}, database = {};
	int r = session_peer(&session);

	if (r < 0)
		return r;
	s->now = s->after_login = access_class_of(a, &session);
	/* Somebody without an entry has no more groups than the session. */
	if (database_peer(&database) == 0)
		s->after_login = access_class_of(a, &database);
	return 0;
}

int standing_look(int root_fd, struct standing *ret_standing, char **ret_problem)
{
	_cleanup_(standing_deinit) struct standing s = {};
	_cleanup_(str_vector_free_p) char **unknown = NULL;
	struct access *a;
	int r = access_load(root_fd, ACCESS_PATH, &a, &unknown, ret_problem);

	if (r < 0)
		return r;
	r = classify(a, &s);
	access_free(a);
	if (r == 0)
		r = find_next(root_fd, &s);
	if (r < 0)
		return r;
	*ret_standing = s;
	s = (struct standing){};
	return 0;
}

void standing_deinit(struct standing *s)
{
	free(s->groups);
	free(s->users);
	*s = (struct standing){};
}
