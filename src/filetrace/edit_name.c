/*
 * Names that come, go, or lead elsewhere: files, links and the like; directories are in edit_dir.c.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/def.h"
#include "base/str.h"
#include "filetrace/editint.h"

/* The edit of a name's change. What was open at the path cannot touch it any more. */
static struct edit *name_edit(struct edits *e, const char *path, const struct ft_name_event *event,
			      unsigned flags)
{
	struct edit *edit = edit_join(e, path, &event->actor, FT_NAME, 0, event->event.time_ns);

	if (!edit)
		return NULL;
	edit_slot_close(edit->slot);
	edit_name(e, edit, &event->actor);
	edit->flags = (edit->flags & ~EDIT_LINKED) | flags;
	edit->named_ns = event->event.time_ns;
	return edit;
}

void edit_appear(struct edits *e, const char *path, const struct ft_name_event *event,
		 const struct ft_key *key, unsigned flags, uint64_t generation)
{
	struct edit *edit;

	edit_note(e, tree_add_name(e->tree, key, path));
	edit = name_edit(e, path, event, flags);
	if (edit)
		edit_look(e, edit->slot, key, generation, event->event.time_ns);
}

void edit_vanish(struct edits *e, const char *path, const struct ft_name_event *event)
{
	static const struct state absent;
	struct edit *edit;

	tree_remove_name(e->tree, path);
	edit = name_edit(e, path, event, EDIT_REMOVED);
	if (edit)
		edit_slot_settle(e, edit->slot, &absent, 0, event->event.time_ns);
}

/* The path of a place under watch, or NULL. */
static char *watched(struct edits *e, const struct ft_place *place)
{
	char *path = NULL;
	int r = edit_place_path(e, place, &path);

	edit_note(e, r == -ENOENT ? 0 : r);
	return path;
}

static void appear_at(struct edits *e, const struct ft_place *place,
		      const struct ft_name_event *event, unsigned flags)
{
	_cleanup_free_ char *path = watched(e, place);

	if (path)
		edit_appear(e, path, event, &event->inode, flags, event->generation);
}

static void on_create(struct edits *e, const struct ft_name_event *event)
{
	appear_at(e, &event->place, event, EDIT_PLACED | EDIT_NEW);
}

static void on_symlink(struct edits *e, const struct ft_name_event *event)
{
	appear_at(e, &event->place, event, EDIT_PLACED | EDIT_LINKED | EDIT_NEW);
}

static void on_link(struct edits *e, const struct ft_name_event *event)
{
	appear_at(e, &event->to, event, EDIT_PLACED | EDIT_LINKED);
}

static void on_unlink(struct edits *e, const struct ft_name_event *event)
{
	_cleanup_free_ char *path = watched(e, &event->place);

	if (path)
		edit_vanish(e, path, event);
}

/* ---- moving ---- */

/* A process that has the file open when it is moved goes on with it at its new path. */
static void move_open(struct edits *e, const struct edit *edit, const char *to, uint64_t now_ns)
{
	struct edit *moved = edit_join(e, to, &edit->actor, FT_BEGIN, 0, now_ns);

	if (!moved)
		return;
	moved->open += edit->open;
	moved->begun_by = edit->begun_by;
	moved->ops |= edit->ops;
	moved->flags |= edit->flags & (EDIT_CONTENT | EDIT_CUT | EDIT_PARTIAL | EDIT_EXITED);
	moved->slot->check_ns = now_ns + EDIT_CHECK_NS;
	edit_slot_hurry(e, moved->slot);
	if (moved->image != edit->image)
		edit_set_image(e, moved, edit->image);
}

static void move_all_open(struct edits *e, const char *from, const char *to, uint64_t now_ns)
{
	struct slot *s = edit_slot_find(e, from);
	struct edit *edit;

	if (!s)
		return;
	for (list_each(edit, &s->edits, link))
		if (edit->open)
			move_open(e, edit, to, now_ns);
}

static void on_rename(struct edits *e, const struct ft_name_event *event)
{
	_cleanup_free_ char *from = watched(e, &event->place), *to = watched(e, &event->to);
	struct edit *edit = NULL;

	if (from && to && str_equal(from, to))
		return;
	if (to) {
		edit_note(e, tree_add_name(e->tree, &event->inode, to));
		edit = name_edit(e, to, event, EDIT_PLACED);
	}
	if (from && edit)
		move_all_open(e, from, to, event->event.time_ns);
	if (from)
		edit_vanish(e, from, event);
	if (edit)
		edit_look(e, edit->slot, &event->inode, event->generation, event->event.time_ns);
}

static void on_exchange(struct edits *e, const struct ft_name_event *event)
{
	_cleanup_free_ char *from = watched(e, &event->place), *to = watched(e, &event->to);

	if (from && to && str_equal(from, to))
		return;
	if (from)
		tree_remove_name(e->tree, from);
	if (to)
		edit_appear(e, to, event, &event->inode, EDIT_PLACED, event->generation);
	if (from)
		edit_appear(e, from, event, &event->victim, EDIT_PLACED, 0);
}

void edit_on_name(struct edits *e, const struct ft_name_event *event)
{
	static void (*const fns[])(struct edits *e, const struct ft_name_event *event) = {
		[FT_NAME_CREATE] = on_create,  [FT_NAME_UNLINK] = on_unlink,
		[FT_NAME_RENAME] = on_rename,  [FT_NAME_EXCHANGE] = on_exchange,
		[FT_NAME_LINK] = on_link,      [FT_NAME_SYMLINK] = on_symlink,
		[FT_NAME_MKDIR] = edit_on_dir, [FT_NAME_RMDIR] = edit_on_dir,
	};
	/* Where no mode is told, the tree may know. */
	bool dir =
		event->mode & S_IFMT ? S_ISDIR(event->mode) : tree_has_dir(e->tree, &event->inode);

	if (event->op == FT_NAME_EXCHANGE)
		dir |= tree_has_dir(e->tree, &event->victim);
	if (event->op >= ARRAY_SIZE(fns) || !fns[event->op])
		edit_note(e, -EBADMSG);
	else if (dir)
		edit_on_dir(e, event);
	else
		fns[event->op](e, event);
}
