/*
 * Classes, grants and priorities; see who.h.
 */
#include "pwrapis/who.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/def.h"
#include "base/fs.h"
#include "base/str.h"
#include "base/time.h"
#include "rpc/accounts.h"

enum { LOOK_MS = 1000 };

__attribute__((format(printf, 2, 3))) static void tell(const struct who *w, const char *format, ...)
{
	_cleanup_free_ char *text = NULL;
	va_list ap;
	int n;

	if (!w->problem)
		return;
	va_start(ap, format);
	n = vasprintf(&text, format, ap);
	va_end(ap);
	if (n < 0)
		text = NULL;
	else
		w->problem(text);
}

/* ---- access.conf ---- */

static bool is_same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec &&
	       a->st_ctim.tv_sec == b->st_ctim.tv_sec && a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

/* Whether nobody has touched it for a while: an editor may be at work. */
static bool was_left_alone(const struct stat *st)
{
	uint64_t changed_ns = st->st_ctim.tv_sec * NS_PER_S + st->st_ctim.tv_nsec;
	uint64_t now_ns = time_now_ns(CLOCK_REALTIME);

	return st->st_ino && now_ns > changed_ns && now_ns - changed_ns >= LOOK_MS * NS_PER_MS;
}

/* All zero when there is no such file. */
static struct stat stat_access(const struct who *w)
{
	_cleanup_close_ int fd = -1;
	struct stat st;

	if (fs_open(w->root_fd, ACCESS_PATH, O_PATH, 0, &fd) < 0 || fstat(fd, &st) < 0)
		return (struct stat){};
	return st;
}

static void load_access(struct who *w)
{
	_cleanup_(str_vector_free_p) char **unknown = NULL;
	_cleanup_free_ char *problem = NULL;
	struct access *fresh;
	int r = access_load(w->root_fd, ACCESS_PATH, &fresh, &unknown, &problem);

	if (r < 0) {
		tell(w, "%s; it was not taken", problem ? problem : strerror(-r));
		return;
	}
	access_free(w->access);
	w->access = fresh;
	w->load_count++;
	for (char **name = unknown; name && *name; name++)
		tell(w, ACCESS_PATH ": there is no user or group %s here", *name);
}

void who_init(struct who *w, int root_fd, void (*problem)(const char *text))
{
	*w = (struct who){.root_fd = root_fd, .problem = problem};
	w->stat = w->seen = stat_access(w);
	load_access(w);
}

void who_deinit(struct who *w)
{
	access_free(w->access);
	w->access = NULL;
}

void who_refresh(struct who *w, uint64_t now_ms)
{
	struct stat st;

	if (now_ms - w->looked_ms < LOOK_MS)
		return;
	w->looked_ms = now_ms;
	st = stat_access(w);
	if (!is_same_file(&st, &w->stat) && (is_same_file(&st, &w->seen) || was_left_alone(&st))) {
		w->stat = st;
		load_access(w);
	}
	w->seen = st;
}

enum access_class who_class(const struct who *w, const struct peer *p)
{
	if (w->access)
		return access_class_of(w->access, p);
	return p->uid == 0 ? ACCESS_ADMIN : ACCESS_NONE;
}

/* ---- grants and priorities ---- */

/* 0 and the id; -ESRCH was told. */
static int find(const struct who *w, const struct accounts *accounts, enum account_kind kind,
		const char *name, uint32_t *ret_id)
{
	int r = accounts_find(accounts, kind, name, ret_id);

	if (r < 0)
		tell(w, "pwrapis.conf: there is no %s %s here",
		     kind == ACCOUNT_GROUP ? "group" : "user", name);
	return r;
}

static void load_grants(struct who *w, const struct accounts *accounts, enum account_kind kind,
			const struct settings_grants *g)
{
	for (unsigned i = 0; i < g->count; i++) {
		struct who_grant grant = {
			.group = kind == ACCOUNT_GROUP,
			.item = g->list[i].value,
		};

		if (find(w, accounts, kind, g->list[i].account, &grant.id) == 0)
			w->grants[w->grant_count++] = grant;
	}
}

/* That there is nobody of the name is usual here: the default names a user that few machines have.
 */
static void load_priorities(struct who *w, const struct accounts *accounts,
			    const struct settings_priorities *p)
{
	for (unsigned i = 0; i < p->count; i++) {
		struct who_priority priority = {.value = p->list[i].value};

		if (accounts_find(accounts, ACCOUNT_USER, p->list[i].account, &priority.uid) == 0)
			w->priorities[w->priority_count++] = priority;
	}
}

void who_load(struct who *w, const struct settings *s)
{
	_cleanup_(accounts_deinit) struct accounts accounts = {};
	const char *path = NULL;
	int r = accounts_init(&accounts, w->root_fd, &path);

	w->grant_count = w->priority_count = 0;
	if (r < 0) {
		tell(w, "%s: %s; nothing is granted", path, strerror(-r));
		return;
	}
	load_grants(w, &accounts, ACCOUNT_USER, &s->grant_users);
	load_grants(w, &accounts, ACCOUNT_GROUP, &s->grant_groups);
	load_priorities(w, &accounts, &s->priorities);
}

static bool is_in(const struct peer *p, uint32_t gid)
{
	if (p->gid == gid)
		return true;
	for (size_t i = 0; i < p->group_count; i++)
		if (p->groups[i] == gid)
			return true;
	return false;
}

static bool concerns(const struct who_grant *g, const struct peer *p)
{
	return g->group ? is_in(p, g->id) : p->uid == g->id;
}

bool who_is_granted(const struct who *w, const struct peer *p, unsigned item)
{
	for (unsigned i = 0; i < w->grant_count; i++)
		if (w->grants[i].item == item && concerns(&w->grants[i], p))
			return true;
	return false;
}

bool who_has_grants(const struct who *w, const struct peer *p)
{
	for (unsigned i = 0; i < w->grant_count; i++)
		if (concerns(&w->grants[i], p))
			return true;
	return false;
}

unsigned who_priority(const struct who *w, uid_t uid)
{
	for (unsigned i = 0; i < w->priority_count; i++)
		if (w->priorities[i].uid == uid)
			return w->priorities[i].value;
	return SETTINGS_PRIORITY_USUAL;
}
