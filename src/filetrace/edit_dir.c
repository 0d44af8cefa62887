/*
 * Directories that are made, removed, moved and exchanged, with the files in them.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/def.h"
#include "base/str.h"
#include "filetrace/editint.h"

/* The files below a directory, as they were before it moved. */
struct below {
	struct ft_key key;
	char *path; /* owned */
};

struct belows {
	struct below *items;
	size_t count, room;
};

static void belows_deinit(struct belows *b)
{
	for (size_t i = 0; i < b->count; i++)
		free(b->items[i].path);
	free(b->items);
}

static int add_below(void *data, const struct ft_key *key, const char *path)
{
	struct belows *b = data;

	if (b->count == b->room) {
		size_t room = b->room ? b->room * 2 : 16;
		struct below *items = reallocarray(b->items, room, sizeof(*items));

		if (!items)
			return -ENOMEM;
		b->items = items;
		b->room = room;
	}
	b->items[b->count].key = *key;
	b->items[b->count].path = strdup(path);
	return b->items[b->count].path ? b->count++, 0 : -ENOMEM;
}

/* The path of an entry, under watch or not; NULL when its directory is not known. */
static char *path_of(struct edits *e, const struct ft_place *place)
{
	char *path = NULL;
	int r = -ENOENT;

	if (*place->name && !strchr(place->name, '/'))
		r = tree_path(e->tree, &place->dir, place->name, &path);
	edit_note(e, r == -ENOMEM ? r : 0);
	return path;
}

static enum reach reach_of(struct edits *e, const char *path)
{
	return path ? watchset_reach(e->set, path) : REACH_NONE;
}

/* A directory is at @path now, and in the tree. */
static void came(struct edits *e, const char *path, const struct ft_key *key,
		 const struct ft_actor *actor, bool moved)
{
	if (watchset_reach(e->set, path) == REACH_NAMES)
		edit_note(e, e->ops->resolve(e->data, path, actor));
	else
		edit_note(e, e->ops->directory(e->data, path, key, actor, moved));
}

static void made(struct edits *e, const struct ft_name_event *event)
{
	_cleanup_free_ char *path = path_of(e, &event->place);

	if (reach_of(e, path) == REACH_NONE)
		return;
	edit_note(e, tree_add_dir(e->tree, &event->inode, path));
	came(e, path, &event->inode, &event->actor, false);
}

static void removed(struct edits *e, const struct ft_name_event *event)
{
	_cleanup_free_ char *path = path_of(e, &event->place);

	tree_remove_dir(e->tree, &event->inode);
	if (reach_of(e, path) == REACH_NAMES)
		edit_note(e, e->ops->resolve(e->data, path, &event->actor));
}

/* ---- moved ---- */

static void vanish_all(struct edits *e, const struct belows *b, const struct ft_name_event *event)
{
	for (size_t i = 0; i < b->count; i++) {
		if (watchset_matches(e->set, b->items[i].path))
			edit_vanish(e, b->items[i].path, event);
		else
			tree_remove_name(e->tree, b->items[i].path);
		edit_make_room(e, event->event.time_ns);
	}
}

/* The files are below @to now, as they were below @from. */
static void appear_all(struct edits *e, const struct belows *b, const char *from, const char *to,
		       const struct ft_name_event *event)
{
	for (size_t i = 0; i < b->count; i++) {
		_cleanup_free_ char *path = NULL;

		if (asprintf(&path, "%s%s", to, b->items[i].path + strlen(from)) < 0) {
			path = NULL;
			edit_note(e, -ENOMEM);
			continue;
		}
		if (watchset_matches(e->set, path))
			edit_appear(e, path, event, &b->items[i].key, EDIT_PLACED, 0);
		edit_make_room(e, event->event.time_ns);
	}
}

/* Moves the directory in the tree. Whether it is under watch where it is now. */
static bool move(struct edits *e, const struct ft_key *key, const char *to)
{
	int r;

	if (reach_of(e, to) == REACH_NONE) {
		tree_remove_dir(e->tree, key);
		return false;
	}
	r = tree_move_dir(e->tree, key, to);
	if (r == -ENOENT || r == -EINVAL)
		r = tree_add_dir(e->tree, key, to);
	edit_note(e, r);
	return r == 0;
}

static void renamed(struct edits *e, const struct ft_name_event *event)
{
	_cleanup_free_ char *from = NULL, *place = path_of(e, &event->place),
			    *to = path_of(e, &event->to);
	_cleanup_(belows_deinit) struct belows files = {};

	if (tree_path(e->tree, &event->inode, NULL, &from) == 0)
		edit_note(e, tree_each_name(e->tree, from, add_below, &files));
	vanish_all(e, &files, event);
	tree_remove_dir(e->tree, &event->victim);
	if (move(e, &event->inode, to)) {
		if (from)
			appear_all(e, &files, from, to, event);
		came(e, to, &event->inode, &event->actor, true);
	}
	if (reach_of(e, place) != REACH_NONE)
		edit_note(e, e->ops->resolve(e->data, place, &event->actor));
}

/* ---- exchanged ---- */

/* What is below is looked at: the other directory may hold a file of the same name. */
static void look_all(struct edits *e, const struct belows *b, const struct ft_name_event *event)
{
	for (size_t i = 0; i < b->count; i++) {
		struct state state = {};
		struct edit *edit;
		int r;

		if (!watchset_matches(e->set, b->items[i].path))
			continue;
		edit = edit_join(e, b->items[i].path, &event->actor, FT_NAME, 0,
				 event->event.time_ns);
		if (!edit)
			continue;
		edit_slot_close(edit->slot);
		edit->flags |= EDIT_REMOVED | EDIT_PLACED;
		edit->named_ns = event->event.time_ns;
		r = edit_snapshot(e, b->items[i].path, &state);
		edit_note(e, r);
		if (r == 0)
			edit_slot_settle(e, edit->slot, &state, 0, event->event.time_ns);
		else
			edit_slot_wait(e, edit->slot, event->event.time_ns);
		edit_make_room(e, event->event.time_ns);
	}
}

/* One of the two is at @path now. */
static void put(struct edits *e, const char *path, const struct ft_key *key, bool dir,
		const struct ft_name_event *event)
{
	if (!path)
		return;
	if (!dir && watchset_matches(e->set, path))
		edit_appear(e, path, event, key, EDIT_PLACED, 0);
	if (!dir || watchset_reach(e->set, path) == REACH_NONE)
		return;
	edit_note(e, tree_add_dir(e->tree, key, path));
	came(e, path, key, &event->actor, true);
}

/* A name of this inode, or a directory that nobody knew. */
static bool is_dir(struct edits *e, const struct ft_key *key)
{
	return tree_has_dir(e->tree, key) || !tree_name(e->tree, key, 0);
}

static void exchanged(struct edits *e, const struct ft_name_event *event)
{
	_cleanup_free_ char *from = path_of(e, &event->place), *to = path_of(e, &event->to);
	_cleanup_(belows_deinit) struct belows files = {};
	bool inode_dir = is_dir(e, &event->inode), victim_dir = is_dir(e, &event->victim);

	if (from)
		edit_note(e, tree_each_name(e->tree, from, add_below, &files));
	if (to)
		edit_note(e, tree_each_name(e->tree, to, add_below, &files));
	tree_remove_dir(e->tree, &event->inode);
	tree_remove_dir(e->tree, &event->victim);
	look_all(e, &files, event);
	put(e, to, &event->inode, inode_dir, event);
	put(e, from, &event->victim, victim_dir, event);
}

void edit_on_dir(struct edits *e, const struct ft_name_event *event)
{
	static void (*const fns[])(struct edits *e, const struct ft_name_event *event) = {
		[FT_NAME_MKDIR] = made,
		[FT_NAME_RMDIR] = removed,
		[FT_NAME_RENAME] = renamed,
		[FT_NAME_EXCHANGE] = exchanged,
	};

	if (event->op >= ARRAY_SIZE(fns) || !fns[event->op])
		edit_note(e, -EBADMSG);
	else
		fns[event->op](e, event);
}
