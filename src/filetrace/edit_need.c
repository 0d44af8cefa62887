/*
 * Which events are needed until the edits that they are of have been emitted; see edit.h.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/def.h"
#include "filetrace/editint.h"

/* An event of whom, and when. */
struct whose {
	uint64_t time_ns;
	uint32_t pid;
	const struct ft_end_event *end; /* it has images and no process; NULL for others */
};

static bool is_of(const struct edit *edit, const struct whose *w)
{
	if (edit->first_ns > w->time_ns)
		return false;
	if (!w->end)
		return edit->actor.pid == w->pid;
	return edit->begun_by == w->end->image || edit->image == w->end->image ||
	       (w->end->last_image && edit->image == w->end->last_image);
}

static bool needs_at(const struct edits *e, const char *path, const struct whose *w)
{
	struct slot *s = edit_slot_find(e, path);
	struct edit *edit;

	if (!s)
		return false;
	for (list_each(edit, &s->edits, link))
		if (is_of(edit, w))
			return true;
	return false;
}

static bool needs_of_inode(const struct edits *e, const struct ft_key *key, const struct whose *w)
{
	const char *path;

	for (size_t i = 0; i < EDIT_PATHS_MAX && (path = tree_name(e->tree, key, i)); i++)
		if (needs_at(e, path, w))
			return true;
	return false;
}

static bool needs_of_place(const struct edits *e, const struct ft_place *place,
			   const struct whose *w)
{
	_cleanup_free_ char *path = NULL;
	int r = *place->name ? tree_path(e->tree, &place->dir, place->name, &path) : -ENOENT;

	return r == -ENOMEM || (r == 0 && needs_at(e, path, w));
}

static bool needs_begin(const struct edits *e, const struct ft_event *event)
{
	const struct ft_begin_event *begin = (const void *)event;
	const struct whose w = {event->time_ns, begin->actor.pid, NULL};

	return needs_of_inode(e, &begin->inode, &w);
}

static bool needs_end(const struct edits *e, const struct ft_event *event)
{
	const struct ft_end_event *end = (const void *)event;
	const struct whose w = {event->time_ns, 0, end};

	return needs_of_inode(e, &end->inode, &w);
}

static bool needs_meta(const struct edits *e, const struct ft_event *event)
{
	const struct ft_meta_event *meta = (const void *)event;
	const struct whose w = {event->time_ns, meta->actor.pid, NULL};

	return needs_of_inode(e, &meta->inode, &w);
}

static bool needs_name(const struct edits *e, const struct ft_event *event)
{
	struct ft_name_event name = {};
	struct whose w = {.time_ns = event->time_ns};

	/* Names are sent as far as they go. */
	memcpy(&name, event, event->size < sizeof(name) ? event->size : sizeof(name));
	name.place.name[FT_NAME_BYTES - 1] = name.to.name[FT_NAME_BYTES - 1] = '\0';
	w.pid = name.actor.pid;
	return needs_of_place(e, &name.place, &w) || needs_of_place(e, &name.to, &w);
}

static bool needs_exit(const struct edits *e, const struct ft_event *event)
{
	const struct ft_exit_event *exit = (const void *)event;

	return edit_has_image(e, exit->image) || (exit->next && edit_has_image(e, exit->next));
}

bool edits_need(const struct edits *e, const struct ft_event *event)
{
	static bool (*const fns[FT_TYPE_END])(const struct edits *e,
					      const struct ft_event *event) = {
		[FT_BEGIN] = needs_begin, [FT_END] = needs_end,	  [FT_META] = needs_meta,
		[FT_NAME] = needs_name,	  [FT_EXIT] = needs_exit,
	};

	return event->type < FT_TYPE_END && fns[event->type] && fns[event->type](e, event);
}
