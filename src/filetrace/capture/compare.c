/*
 * Looking at what is under watch and recording what is not as it was; see capture.h.
 *
 * The walk finds what is there, new or changed; the baselines find what is gone. Only then each of
 * the paths is settled. An edit's event comes before what it has changed can be seen: so a path is
 * looked at, then the events are read that wait, and what edits are busy with by then is theirs.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/def.h"
#include "base/notify.h"
#include "base/str.h"
#include "base/time.h"
#include "filetrace/capture/capture.h"
#include "filetrace/look.h"

struct looking {
	struct capture *c;
	const struct compare *how;
	struct strbuf paths; /* to be settled, each with its NUL */
	uint64_t alive_ns; /* when it was last told that something is done */
};

enum { SETTLE_TRIES = 3 };

/* Of what nobody saw, the time of change is the best that there is, where it makes sense. */
static int64_t when(const struct state *old, const struct state *new)
{
	int64_t now_ns = time_now_ns(CLOCK_REALTIME);

	if (new->kind == STATE_ABSENT || new->ctime_ns <= old->ctime_ns || new->ctime_ns > now_ns)
		return now_ns;
	return new->ctime_ns;
}

static enum method how_changed(const struct compare *how, const struct state *old,
			       const struct state *new)
{
	bool moved = old->key.dev != new->key.dev || old->key.ino != new->key.ino;

	if (how->method == METHOD_MOUNT && moved)
		return METHOD_MOUNT;
	if (new->kind == STATE_ABSENT)
		return METHOD_DELETE;
	return old->kind == STATE_ABSENT ? METHOD_CREATE : METHOD_UNKNOWN;
}

int compare_record(struct capture *c, const struct compare *how, const char *path,
		   const struct state *old, const struct state *new)
{
	struct record r = {
		.time_ns = when(old, new),
		.path = strdup(path),
		.method = how_changed(how, old, new),
		.op_count = 1,
		.old = *old,
		.new = *new,
	};

	if (!r.path)
		return -ENOMEM;
	if (how->actor) {
		r.actor = *how->actor;
		r.attribution = images_attribution(c->images, r.actor.image);
	} else {
		r.actor.login_uid = r.actor.session = FT_UNSET;
	}
	return world_ops.emit(c, &r);
}

/* Who mounts a file system has not done what else is found on the way. */
static bool is_theirs(const struct compare *how, const struct state *old, const struct state *new)
{
	if (how->method == METHOD_MOUNT && how_changed(how, old, new) != METHOD_MOUNT)
		return false;
	return how->actor;
}

/* It is as it is: with a record, or without one where none is due. Where nobody is known to be
 * behind it, somebody may still become known. */
static int settle(struct looking *l, const char *path, const struct state *old,
		  const struct state *new)
{
	bool first = old->kind == STATE_ABSENT && watches_is_fresh(l->c, path);

	if (first || state_same(old, new))
		return world_accept(l->c, path, new);
	if (is_theirs(l->how, old, new))
		return compare_record(l->c, l->how, path, old, new);
	return suspect_add(l->c, path, new, l->how->method);
}

static int add_path(struct looking *l, const char *path)
{
	return strbuf_add(&l->paths, path, strlen(path) + 1);
}

/* To an edit, which knows better; where events got lost, only what it knows of. */
static int leave(struct looking *l, const char *path)
{
	return l->how->closely ? suspect_add_busy(l->c, path) : 0;
}

int compare_file(void *data, const char *path, const struct ft_key *key, int fd)
{
	struct capture *c = data;
	struct looking *l = c->looking;
	struct state old, new;
	int r;

	if (!l)
		return 0;
	if (edits_busy(c->edits, path))
		return leave(l, path);
	r = store_get_baseline(c->store, path, &old);
	if (r == 0 && !l->how->closely && old.kind != STATE_ABSENT) {
		r = look_state(c->daemon->root_fd, path, &new);
		if (r == 0)
			new.key = *key;
		if (r == 0 && state_untouched(&old, &new))
			return 0;
	}
	return r < 0 ? r : add_path(l, path);
}

static bool is_below(const char *path, const char *below)
{
	size_t len = below ? strlen(below) : 0;

	return len <= 1 || (!strncmp(path, below, len) && (!path[len] || path[len] == '/'));
}

/* A baseline whose path the walk has not found, or that nobody watches any more. */
static int on_baseline(void *data, const char *path, const struct state *state)
{
	struct looking *l = data;
	struct ft_key key;

	if (!is_below(path, l->how->below) ||
	    (tree_inode(l->c->tree, path, &key) == 0 && watchset_matches(l->c->set, path)))
		return 0;
	return add_path(l, path);
}

/* Many files take long: that is no reason to be taken for dead. */
static void tell_alive(struct looking *l)
{
	uint64_t now_ns = time_now_ns(CLOCK_BOOTTIME);

	if (now_ns < l->alive_ns + NS_PER_S)
		return;
	l->alive_ns = now_ns;
	notify_send("WATCHDOG=1\nEXTEND_TIMEOUT_USEC=60000000");
}

/* 1 when it is settled, or is an edit's; 0 when another record of it came in between. */
static int try_path(struct looking *l, const char *path)
{
	struct capture *c = l->c;
	struct state old, new, now;
	int r = store_get_baseline(c->store, path, &old);

	if (r == 0)
		r = world_ops.snapshot(c, path, &new);
	if (r == 0)
		r = consume_waiting(c);
	if (r == 0 && edits_busy(c->edits, path)) {
		r = leave(l, path);
		return r < 0 ? r : 1;
	}
	if (r == 0)
		r = store_get_baseline(c->store, path, &now);
	if (r < 0 || !state_untouched(&old, &now) || !state_same_content(&old, &now))
		return r;
	r = settle(l, path, &old, &new);
	return r < 0 ? r : 1;
}

static int settle_path(struct looking *l, const char *path)
{
	struct capture *c = l->c;
	int r = 0;

	if (!watchset_matches(c->set, path))
		return store_put_baseline(c->store, path, &(struct state){});
	tell_alive(l);
	if (edits_busy(c->edits, path))
		return leave(l, path);
	for (int i = 0; i < SETTLE_TRIES && r == 0; i++)
		r = try_path(l, path);
	return r < 0 ? r : 0;
}

static int settle_all(struct looking *l)
{
	int r = 0;

	for (size_t at = 0; at < l->paths.len && r == 0; at += strlen(l->paths.text + at) + 1)
		r = settle_path(l, l->paths.text + at);
	return r;
}

int compare(struct capture *c, const struct compare *how)
{
	struct looking l = {.c = c, .how = how};
	int r;

	c->looking = &l;
	r = resolve_run(c->resolve, c->set, how->below);
	c->looking = NULL;
	if (r == 0)
		r = store_each_baseline(c->store, on_baseline, &l);
	if (r == 0)
		r = settle_all(&l);
	if (r == 0 && !how->below)
		watches_settled(c);
	strbuf_deinit(&l.paths);
	return r;
}
