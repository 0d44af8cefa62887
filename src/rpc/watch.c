/*
 * access.conf, loaded, watched and loaded again.
 *
 * What is watched is the directory of the file, or, while it is not there, the next one above that
 * is. Editors write a new file and rename it, or truncate the old one: between two such steps the
 * file is missing or empty, which would mean that nobody may do anything. So it is read only when
 * the directory has been quiet for a moment. A file that does not parse changes nothing.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/def.h"
#include "base/fs.h"
#include "base/str.h"
#include "rpc/serverint.h"

enum { QUIET_MS = 200 };

static bool is_same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec &&
	       a->st_ctim.tv_sec == b->st_ctim.tv_sec && a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

/* All zero when there is no such file. */
static struct stat stat_access(const struct rpc_server *s)
{
	_cleanup_close_ int fd = -1;
	struct stat st;

	if (fs_open(s->config.root_fd, ACCESS_PATH, O_PATH, 0, &fd) < 0 || fstat(fd, &st) < 0)
		return (struct stat){};
	return st;
}

enum access_class watch_class_of(const struct rpc_server *s, const struct peer *p)
{
	if (s->access)
		return access_class_of(s->access, p);
	return p->uid == 0 ? ACCESS_ADMIN : ACCESS_NONE;
}

static void report_unknown(struct rpc_server *s, char *const *names)
{
	for (; names && *names; names++)
		server_problem(s, ACCESS_PATH ": there is no user or group %s here", *names);
}

/* 0 when the file was taken. */
static int load(struct rpc_server *s)
{
	_cleanup_(str_vector_free_p) char **unknown = NULL;
	_cleanup_free_ char *problem = NULL;
	struct access *fresh;
	int r;

	s->access_stat = stat_access(s);
	r = access_load(s->config.root_fd, ACCESS_PATH, &fresh, &unknown, &problem);
	if (r < 0) {
		server_problem(s, "%s; it was not taken", problem ? problem : strerror(-r));
		return r;
	}
	access_free(s->access);
	s->access = fresh;
	s->access_generation++;
	report_unknown(s, unknown);
	return 0;
}

/* Streams go on only for those who may still ask for them. */
static void end_revoked(struct rpc_server *s)
{
	struct connection *c;

	for (list_each(c, &s->connections, link)) {
		struct rpc_call *call = c->call;

		if (call && call->more && !call_judge(call))
			call_end_with(call, RPC_STANDARD "PermissionDenied", NULL);
		/* The handler that was told may have closed everything. */
		if (s->closing)
			break;
		connection_update(c);
	}
}

/* The directory of the file, or the next above it. */
static int open_nearest(const struct rpc_server *s, int *ret_fd)
{
	char path[] = ACCESS_PATH;
	char *slash;
	int r = -ENOENT;

	while (r < 0 && (slash = strrchr(path, '/'))) {
		*slash = '\0';
		r = fs_open(s->config.root_fd, *path ? path : "/", O_PATH | O_DIRECTORY, 0, ret_fd);
	}
	return r;
}

static void on_quiet(uv_timer_t *timer)
{
	struct rpc_server *s = timer->data;
	struct stat st;

	/* The directory itself may be a new one. */
	watch_start(s);
	st = stat_access(s);
	if (!is_same_file(&st, &s->access_stat) && load(s) == 0)
		end_revoked(s);
}

static void on_event(uv_fs_event_t *event, const char *name, int events, int status)
{
	struct rpc_server *s = event->data;

	uv_timer_start(&s->watch_delay, on_quiet, QUIET_MS, 0);
}

static int watch_nearest(struct rpc_server *s, struct stat *ret_stat)
{
	_cleanup_close_ int fd = -1;
	char path[32];
	int r = open_nearest(s, &fd);

	if (r < 0)
		return r;
	if (fstat(fd, ret_stat) < 0)
		return -errno;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	uv_fs_event_stop(&s->watch);
	return uv_fs_event_start(&s->watch, on_event, path, 0);
}

/* A directory that appears between the look and the watch would be missed: look again. */
void watch_start(struct rpc_server *s)
{
	struct stat watched = {}, nearest = {};
	int r = watch_nearest(s, &nearest);

	while (r == 0 && (watched.st_ino != nearest.st_ino || watched.st_dev != nearest.st_dev)) {
		watched = nearest;
		r = watch_nearest(s, &nearest);
	}
	if (r < 0)
		server_problem(s, ACCESS_PATH ": changes will not be seen: %s", strerror(-r));
}

void watch_init(struct rpc_server *s)
{
	uv_fs_event_init(s->loop, &s->watch);
	uv_timer_init(s->loop, &s->watch_delay);
	s->watch.data = s->watch_delay.data = s;
	server_handle_opened(s);
	server_handle_opened(s);
	watch_start(s);
	load(s);
}

void watch_close(struct rpc_server *s)
{
	uv_close((uv_handle_t *)&s->watch, server_on_handle_closed);
	uv_close((uv_handle_t *)&s->watch_delay, server_on_handle_closed);
}
