/*
 * What the assembly of edits asks of the world, and where its records go.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#include "base/def.h"
#include "base/time.h"
#include "filetrace/capture/capture.h"
#include "filetrace/diff.h"
#include "filetrace/look.h"
#include "filetrace/redact.h"

/* That the store is damaged is not to be taken for an event that makes no sense. */
static int store_said(int r)
{
	return r == -EBADMSG ? -EUCLEAN : r;
}

static int baseline(void *data, const char *path, struct state *ret_state)
{
	struct capture *c = data;

	return store_said(store_get_baseline(c->store, path, ret_state));
}

/* The digest of what there is now waits under the path's name with this in front, until a record is
 * made of it. No path begins so. */
#define NEW_DIGEST "now:"

static int put_new_digest(struct capture *c, const char *path, const struct look *l)
{
	_cleanup_free_ char *name = NULL, *digest = NULL;
	struct redact_key key;
	int r;

	store_redact_key(c->store, &key);
	r = redact_digest(&key, path, l->content, l->len, &digest);
	if (r == 0 && asprintf(&name, NEW_DIGEST "%s", path) < 0)
		r = -ENOMEM;
	return r < 0 ? r : store_put_digest(c->store, name, digest);
}

enum { ROOM_BYTES = 16 * 1024 * 1024 };

/* When the disk was full before, contents may not fill it again: what changed is then told without
 * them, rather than nothing at all. */
static bool has_room(const struct capture *c, size_t len)
{
	struct statvfs fs;

	if (c->failed != -ENOSPC || fstatvfs(c->store_fd, &fs) < 0)
		return true;
	return (uint64_t)fs.f_bavail * fs.f_frsize > 2 * (uint64_t)len + ROOM_BYTES;
}

/* Hash and content; or, of what is secret, neither. */
static int keep_content(struct capture *c, const char *path, struct look *l)
{
	enum redact_kind kind = redact_kind(path, l->content, l->len);
	int r;

	l->state.secret = kind != REDACT_NONE;
	if (!l->content)
		return 0;
	if (kind == REDACT_ACCOUNTS)
		return put_new_digest(c, path, l);
	if (kind != REDACT_NONE)
		return 0;
	r = sha256_of(l->content, l->len, &l->state.sha256);
	l->state.hashed = r == 0;
	if (r < 0 || !has_room(c, l->len))
		return r;
	return store_put_content(c->store, &l->state.sha256, l->content, l->len);
}

static int snapshot(void *data, const char *path, struct state *ret_state)
{
	struct capture *c = data;
	_cleanup_(look_deinit) struct look l = {.fd = -1};
	struct ft_key key;
	int r = look_at(c->daemon->root_fd, path, c->settings->content_max_bytes, &l);

	if (r < 0)
		return r;
	if (tree_inode(c->tree, path, &key) == 0 && key.ino == l.state.key.ino)
		l.state.key = key;
	r = keep_content(c, path, &l);
	if (r == 0)
		*ret_state = l.state;
	return store_said(r);
}

static int inode(void *data, const struct ft_key *key, struct ft_inode *ret_inode)
{
	struct capture *c = data;

	return c->ops->inode(c->source, key, ret_inode);
}

/* One side of a difference: NULL where there is nothing. -ENOENT when it is not kept. */
static int side(struct capture *c, const struct state *state, char **ret_bytes, size_t *ret_len)
{
	if (state->kind == STATE_ABSENT) {
		*ret_bytes = NULL;
		*ret_len = 0;
		return 0;
	}
	return state->hashed ? store_get_content(c->store, &state->sha256, ret_bytes, ret_len)
			     : -ENOENT;
}

static bool has_content(const struct state *state)
{
	return !state->secret && (state->kind == STATE_FILE || state->kind == STATE_SYMLINK);
}

/* A difference that cannot be told whole is told to be missing. */
static int add_diff(struct capture *c, struct record *r)
{
	_cleanup_free_ char *old = NULL, *new = NULL;
	size_t old_len, new_len;
	int result;

	if (r->old.secret || r->new.secret || (!has_content(&r->old) && !has_content(&r->new)))
		return 0;
	result = side(c, &r->old, &old, &old_len);
	if (result == 0)
		result = side(c, &r->new, &new, &new_len);
	if (result == 0)
		result = diff_unified(r->path, old, old_len, new, new_len, DIFF_MAX_BYTES, &r->diff,
				      &r->diff_len);
	r->diff_truncated = result == -EFBIG || result == -ENOENT;
	return r->diff_truncated ? 0 : result;
}

/* The digest that waits becomes that of the path; both go to the caller. */
static int turn_digest(struct capture *c, const char *path, bool gone, char **ret_old,
		       char **ret_new)
{
	_cleanup_free_ char *name = NULL;
	int r;

	if (asprintf(&name, NEW_DIGEST "%s", path) < 0)
		return -ENOMEM;
	r = store_get_digest(c->store, path, ret_old);
	/* Of what is gone, what waits is of before. */
	if (r == 0 && !gone)
		r = store_get_digest(c->store, name, ret_new);
	if (r == 0)
		r = store_put_digest(c->store, path, *ret_new);
	return r < 0 ? r : store_put_digest(c->store, name, NULL);
}

/* Whose field changed, of a file with secrets by account. */
static int add_fields(struct capture *c, struct record *r)
{
	_cleanup_free_ char *old = NULL, *new = NULL;
	int result;

	if (!r->old.secret && !r->new.secret)
		return 0;
	result = turn_digest(c, r->path, r->new.kind == STATE_ABSENT, &old, &new);
	return result < 0 ? result : redact_compare(r->path, old, new, &r->fields, &r->field_count);
}

int world_accept(struct capture *c, const char *path, const struct state *state)
{
	_cleanup_free_ char *old = NULL, *new = NULL;
	int r = state->secret ? turn_digest(c, path, false, &old, &new) : 0;

	return r < 0 ? r : store_put_baseline(c->store, path, state);
}

static int emit(void *data, struct record *r)
{
	struct capture *c = data;
	_cleanup_(record_deinit) struct record owned = *r;
	int result = add_diff(c, &owned);

	*r = (struct record){};
	if (result == 0)
		result = add_fields(c, &owned);
	if (result == 0)
		result = store_put_record(c->store, c->boot_id, &owned, &owned.id);
	if (result == 0)
		result = store_put_baseline(c->store, owned.path, &owned.new);
	if (result < 0)
		return store_said(result);
	c->attributed[owned.attribution]++;
	if (owned.old.kind != owned.new.kind)
		c->watches.stale = true;
	c->told = false;
	return 0;
}

static enum attribution known(void *data, uint64_t image)
{
	struct capture *c = data;

	return images_attribution(c->images, image);
}

/* Whether the old content is how the new one begins. */
static bool is_prefix(void *data, const struct state *old, const struct state *new)
{
	struct capture *c = data;
	_cleanup_free_ char *before = NULL, *after = NULL;
	size_t before_len, after_len;

	return side(c, old, &before, &before_len) == 0 && side(c, new, &after, &after_len) == 0 &&
	       before && after && before_len <= after_len && !memcmp(before, after, before_len);
}

static int directory(void *data, const char *path, const struct ft_key *key,
		     const struct ft_actor *actor, bool moved)
{
	return chore_directory(data, path, actor);
}

static int resolve(void *data, const char *path, const struct ft_actor *actor)
{
	return chore_resolve(data, path, actor);
}

static int mounts(void *data, const struct ft_actor *actor)
{
	return chore_mounts(data, actor);
}

static int64_t wall_ns(void *data, uint64_t boot_ns)
{
	/* The distance between the clocks is that of now: a clock that was set meanwhile is right.
	 */
	return time_now_ns(CLOCK_REALTIME) - (time_now_ns(CLOCK_BOOTTIME) - boot_ns);
}

const struct edits_ops world_ops = {
	.baseline = baseline,
	.snapshot = snapshot,
	.inode = inode,
	.emit = emit,
	.known = known,
	.is_prefix = is_prefix,
	.directory = directory,
	.resolve = resolve,
	.mounts = mounts,
	.wall_ns = wall_ns,
};
