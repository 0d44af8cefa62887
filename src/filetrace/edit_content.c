/*
 * What was done to an inode: content and metadata, at each path under watch that leads to it; and
 * when that can be read.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/def.h"
#include "filetrace/editint.h"

/* ---- looking ---- */

int edit_snapshot(struct edits *e, const char *path, struct state *ret_state)
{
	struct state state = {};
	struct ft_key key;
	int r = e->ops->snapshot(e->data, path, &state);

	if (r < 0)
		return r;
	/* A file system may tell users another device than its events have. */
	if (state.kind != STATE_ABSENT && tree_inode(e->tree, path, &key) == 0 &&
	    key.ino == state.key.ino)
		state.key = key;
	*ret_state = state;
	return 0;
}

/* The generation of an inode that nobody is changing: 0 when that is so, 1 when it is not. One that
 * is not under watch has none. */
static int quiet(struct edits *e, const struct ft_key *key, uint64_t expected,
		 uint64_t *ret_generation)
{
	struct ft_inode inode;
	int r = e->ops->inode(e->data, key, &inode);

	if (r == -ENOENT) {
		*ret_generation = 0;
		return 0;
	}
	if (r < 0)
		return r;
	*ret_generation = inode.generation;
	return inode.edits || (expected && inode.generation != expected);
}

/* 0 with the state, 1 when it cannot be had yet. */
static int read_quiet(struct edits *e, const char *path, const struct ft_key *key,
		      uint64_t expected, struct state *ret_state, uint64_t *ret_generation)
{
	uint64_t before, after;
	struct state state;
	int r = quiet(e, key, expected, &before);

	if (r)
		return r;
	r = edit_snapshot(e, path, &state);
	if (r < 0)
		return r;
	if (state.kind == STATE_ABSENT || !edit_key_equal(&state.key, key))
		return 1;
	r = quiet(e, key, 0, &after);
	if (r || after != before)
		return r ? r : 1;
	*ret_state = state;
	*ret_generation = after;
	return 0;
}

void edit_look(struct edits *e, struct slot *s, const struct ft_key *key, uint64_t generation,
	       uint64_t now_ns)
{
	struct state state;
	uint64_t seen;
	int r;

	if (s->settled)
		return;
	r = edit_slot_open(s) ? 1 : read_quiet(e, s->path, key, generation, &state, &seen);
	if (r == 0) {
		edit_slot_settle(e, s, &state, seen, now_ns);
		return;
	}
	edit_note(e, r);
	edit_slot_wait(e, s, now_ns);
}

/* ---- which paths ---- */

int edit_place_path(struct edits *e, const struct ft_place *place, char **ret_path)
{
	_cleanup_free_ char *path = NULL;
	int r;

	if (!*place->name || strchr(place->name, '/'))
		return -ENOENT;
	r = tree_path(e->tree, &place->dir, place->name, &path);
	if (r < 0)
		return r == -ENAMETOOLONG ? -ENOENT : r;
	if (!watchset_matches(e->set, path))
		return -ENOENT;
	*ret_path = take_ptr(path);
	return 0;
}

/*
 * An event names a place that the tree does not know for this inode. Either its coming was lost, or
 * the file was removed and is still open: the path tells.
 */
static void learn_place(struct edits *e, const struct ft_place *place, const struct ft_key *key)
{
	_cleanup_free_ char *path = NULL;
	struct ft_key there;
	struct state state = {};
	int r = edit_place_path(e, place, &path);

	if (r < 0) {
		edit_note(e, r == -ENOENT ? 0 : r);
		return;
	}
	if (tree_has_dir(e->tree, key) ||
	    (tree_inode(e->tree, path, &there) == 0 && edit_key_equal(&there, key)))
		return;
	r = e->ops->snapshot(e->data, path, &state);
	if (r == 0 && state.kind != STATE_ABSENT && state.kind != STATE_DIRECTORY &&
	    state.key.ino == key->ino)
		r = tree_add_name(e->tree, key, path);
	edit_note(e, r);
}

/* Calls @fn for each path under watch of an inode. */
static void each_path(struct edits *e, const struct ft_key *key,
		      void (*fn)(struct edits *e, const char *path, const void *event),
		      const void *event)
{
	char path[PATH_MAX];
	const char *name;

	for (size_t i = 0; i < EDIT_PATHS_MAX && (name = tree_name(e->tree, key, i)); i++) {
		memcpy(path, name, strlen(name) + 1);
		if (watchset_matches(e->set, path))
			fn(e, path, event);
	}
}

/* ---- events ---- */

static void begin_at(struct edits *e, const char *path, const void *data)
{
	const struct ft_begin_event *event = data;
	struct edit *edit = edit_join(e, path, &event->actor, FT_BEGIN, event->generation + 1,
				      event->event.time_ns);

	if (!edit)
		return;
	edit_name(e, edit, &event->actor);
	if (event->ops & FT_OP_TRUNCATE && !(edit->flags & EDIT_CONTENT))
		edit->flags |= EDIT_CUT;
	edit->flags |= EDIT_CONTENT;
	edit->ops |= event->ops;
	edit->open++;
	edit->begun_by = event->actor.image;
	if (!edit->slot->check_ns)
		edit->slot->check_ns = event->event.time_ns + EDIT_CHECK_NS;
	edit_slot_wait(e, edit->slot, event->event.time_ns);
}

void edit_on_begin(struct edits *e, const struct ft_begin_event *event)
{
	learn_place(e, &event->place, &event->inode);
	each_path(e, &event->inode, begin_at, event);
}

/* The open edit that an FT_END is of. */
static struct edit *open_edit(struct slot *s, const struct ft_end_event *event)
{
	struct edit *edit;

	for (list_each(edit, &s->edits, link))
		if (edit->open && (edit->begun_by == event->image || edit->image == event->image))
			return edit;
	return NULL;
}

/* The beginning was lost, or was at a name that is not under watch. */
static struct edit *end_alone(struct edits *e, const char *path, const struct ft_end_event *event)
{
	struct ft_actor actor = {
		.image = event->last_image ? event->last_image : event->image,
		.login_uid = FT_UNSET,
		.session = FT_UNSET,
	};
	struct edit *edit = edit_join(e, path, &actor, FT_END, 0, event->event.time_ns);

	if (edit && !edit->actor.pid)
		edit->flags |= EDIT_PARTIAL;
	return edit;
}

static void end_edit(struct edits *e, struct edit *edit, const struct ft_end_event *event)
{
	if (edit->open)
		edit->open--;
	edit->ops |= event->ops;
	edit->flags |= EDIT_CONTENT | EDIT_ENDED;
	edit->last_ns = event->event.time_ns;
	edit_to_last(edit);
	if (!event->last_image)
		return;
	edit->actor.image = event->last_image;
	edit_set_image(e, edit, event->last_image);
}

static void end_at(struct edits *e, const char *path, const void *data)
{
	const struct ft_end_event *event = data;
	struct slot *s = edit_slot_find(e, path);
	struct edit *edit = s ? open_edit(s, event) : NULL;

	if (!edit)
		edit = end_alone(e, path, event);
	if (!edit)
		return;
	end_edit(e, edit, event);
	if (event->others)
		edit_slot_wait(e, edit->slot, event->event.time_ns);
	else
		edit_look(e, edit->slot, &event->inode, event->generation, event->event.time_ns);
}

void edit_on_end(struct edits *e, const struct ft_end_event *event)
{
	each_path(e, &event->inode, end_at, event);
}

static void meta_at(struct edits *e, const char *path, const void *data)
{
	const struct ft_meta_event *event = data;
	struct edit *edit =
		edit_join(e, path, &event->actor, FT_META, event->generation, event->event.time_ns);

	if (!edit)
		return;
	edit_name(e, edit, &event->actor);
	edit->flags |= EDIT_META;
	edit_look(e, edit->slot, &event->inode, event->generation, event->event.time_ns);
}

void edit_on_meta(struct edits *e, const struct ft_meta_event *event)
{
	learn_place(e, &event->place, &event->inode);
	each_path(e, &event->inode, meta_at, event);
}
