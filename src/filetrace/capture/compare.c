/*
 * Looking at what is under watch and recording what is not as it was; see capture.h.
 *
 * Two passes: the walk finds what is there, new or changed; the baselines find what is gone. What
 * edits are busy with is theirs.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/def.h"
#include "base/str.h"
#include "base/time.h"
#include "filetrace/capture/capture.h"
#include "filetrace/look.h"

struct looking {
	struct capture *c;
	const struct compare *how;
	struct strbuf gone; /* paths, each with its NUL */
};

/* Nothing at all has happened to it, as far as a file system tells. */
static bool untouched(const struct state *a, const struct state *b)
{
	return a->kind == b->kind && a->size == b->size && state_same_outside(a, b) &&
	       a->mtime_ns == b->mtime_ns && a->ctime_ns == b->ctime_ns &&
	       a->key.ino == b->key.ino && a->key.dev == b->key.dev &&
	       a->igeneration == b->igeneration;
}

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

/* It is as it is: with a record, or without one where none is due. Where nobody is known to be
 * behind it, somebody may still become known. */
static int settle(struct looking *l, const char *path, const struct state *old,
		  const struct state *new)
{
	bool first = old->kind == STATE_ABSENT && watches_is_fresh(l->c, path);

	if (first || (state_same_content(old, new) && state_same_outside(old, new)))
		return world_accept(l->c, path, new);
	if (l->how->actor)
		return compare_record(l->c, l->how, path, old, new);
	return suspect_add(l->c, path, new, l->how->method);
}

int compare_file(void *data, const char *path, const struct ft_key *key, int fd)
{
	struct capture *c = data;
	struct looking *l = c->looking;
	struct state old, new;
	int r;

	if (!l || edits_busy(c->edits, path))
		return 0;
	r = store_get_baseline(c->store, path, &old);
	if (r == 0 && !l->how->closely && old.kind != STATE_ABSENT) {
		r = look_state(c->daemon->root_fd, path, &new);
		if (r == 0)
			new.key = *key;
		if (r == 0 && untouched(&old, &new))
			return 0;
	}
	if (r == 0)
		r = world_ops.snapshot(c, path, &new);
	/* What vanished meanwhile is the second pass's. */
	if (r < 0 || new.kind == STATE_ABSENT)
		return r;
	return settle(l, path, &old, &new);
}

/* A baseline whose path the walk has not found, or that nobody watches any more. */
static int on_baseline(void *data, const char *path, const struct state *state)
{
	struct looking *l = data;
	struct ft_key key;

	if (tree_inode(l->c->tree, path, &key) == 0 && watchset_matches(l->c->set, path))
		return 0;
	return strbuf_add(&l->gone, path, strlen(path) + 1);
}

static int settle_gone(struct looking *l, const char *path)
{
	struct capture *c = l->c;
	struct state old, new;
	int r;

	if (!watchset_matches(c->set, path))
		return store_put_baseline(c->store, path, &(struct state){});
	if (edits_busy(c->edits, path))
		return 0;
	r = store_get_baseline(c->store, path, &old);
	if (r == 0)
		r = world_ops.snapshot(c, path, &new);
	return r < 0 ? r : settle(l, path, &old, &new);
}

static int settle_all_gone(struct looking *l)
{
	int r = 0;

	for (size_t at = 0; at < l->gone.len && r == 0; at += strlen(l->gone.text + at) + 1)
		r = settle_gone(l, l->gone.text + at);
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
		r = settle_all_gone(&l);
	strbuf_deinit(&l.gone);
	return r;
}
