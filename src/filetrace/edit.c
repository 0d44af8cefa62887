/*
 * Edits: events in, records out; see edit.h. Here events are checked, and handed on to what they
 * are about.
 */
#include "filetrace/edit.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/def.h"
#include "filetrace/editint.h"

int edits_new(struct tree *tree, const struct watchset *set, const struct edits_ops *ops,
	      void *data, struct edits **ret_edits)
{
	_cleanup_(edits_free_p) struct edits *e = calloc(1, sizeof(*e));

	if (!e)
		return -ENOMEM;
	*e = (struct edits){
		.tree = tree, .set = set, .ops = ops, .data = data, .due_ns = UINT64_MAX};
	list_init(&e->slots);
	if (hashmap_init(&e->by_path) < 0 || hashmap_init(&e->by_image) < 0)
		return -ENOMEM;
	*ret_edits = take_ptr(e);
	return 0;
}

void edits_free(struct edits *e)
{
	struct slot *s;

	if (!e)
		return;
	for (list_each(s, &e->slots, link))
		edit_slot_free(e, s);
	hashmap_deinit(&e->by_path);
	hashmap_deinit(&e->by_image);
	free(e);
}

void edits_free_p(struct edits **e)
{
	edits_free(*e);
}

/* ---- events ---- */

static void terminate_actor(struct ft_actor *actor)
{
	actor->tty[FT_TTY_BYTES - 1] = '\0';
	actor->cgroup[FT_CGROUP_BYTES - 1] = '\0';
}

static void terminate_place(struct ft_place *place)
{
	place->name[FT_NAME_BYTES - 1] = '\0';
}

static void on_begin(struct edits *e, union ft_any_event *event)
{
	terminate_actor(&event->begin.actor);
	terminate_place(&event->begin.place);
	edit_on_begin(e, &event->begin);
}

static void on_end(struct edits *e, union ft_any_event *event)
{
	edit_on_end(e, &event->end);
}

static void on_meta(struct edits *e, union ft_any_event *event)
{
	terminate_actor(&event->meta.actor);
	terminate_place(&event->meta.place);
	edit_on_meta(e, &event->meta);
}

static void on_name(struct edits *e, union ft_any_event *event)
{
	terminate_actor(&event->name.actor);
	terminate_place(&event->name.place);
	terminate_place(&event->name.to);
	edit_on_name(e, &event->name);
}

/* The edits of a process are over, or go on under another image. */
static void on_exit_event(struct edits *e, union ft_any_event *event)
{
	edit_on_exit(e, &event->exit);
}

static void on_mount(struct edits *e, union ft_any_event *event)
{
	terminate_actor(&event->mount.actor);
	edit_note(e, e->ops->mounts(e->data, &event->mount.actor));
}

/* What is taken of each type, and how much of it must be there: names are sent as far as needed. */
static const struct {
	void (*fn)(struct edits *e, union ft_any_event *event);
	size_t size_min, size_max;
} types[FT_TYPE_END] = {
	[FT_BEGIN] = {on_begin, offsetof(struct ft_begin_event, place.name),
		      sizeof(struct ft_begin_event)},
	[FT_END] = {on_end, sizeof(struct ft_end_event), sizeof(struct ft_end_event)},
	[FT_META] = {on_meta, offsetof(struct ft_meta_event, place.name),
		     sizeof(struct ft_meta_event)},
	[FT_NAME] = {on_name, offsetof(struct ft_name_event, place.name),
		     sizeof(struct ft_name_event)},
	[FT_EXIT] = {on_exit_event, sizeof(struct ft_exit_event), sizeof(struct ft_exit_event)},
	[FT_MOUNT] = {on_mount, sizeof(struct ft_mount_event), sizeof(struct ft_mount_event)},
};

int edits_event(struct edits *e, const struct ft_event *event)
{
	union ft_any_event copy = {};
	size_t size;

	if (event->type == FT_IMAGE || event->type == FT_ARGS)
		return 0;
	if (event->type >= ARRAY_SIZE(types) || !types[event->type].fn ||
	    event->size < types[event->type].size_min)
		return -EBADMSG;
	size = types[event->type].size_max;
	memcpy(&copy, event, event->size < size ? event->size : size);
	e->error = 0;
	types[event->type].fn(e, &copy);
	edit_make_room(e, event->time_ns);
	return e->error;
}

/* ---- time ---- */

int edits_tick(struct edits *e, uint64_t now_ns)
{
	struct slot *s;

	e->error = 0;
	if (now_ns < e->due_ns)
		return 0;
	for (list_each(s, &e->slots, link))
		edit_slot_tick(e, s, now_ns);
	e->due_ns = edits_next_ns(e);
	return e->error;
}

void edits_doubt(struct edits *e, uint64_t now_ns)
{
	struct slot *s;

	for (list_each(s, &e->slots, link))
		if (edit_slot_open(s)) {
			s->check_ns = now_ns + EDIT_DOUBT_NS;
			edit_slot_hurry(e, s);
		}
}

uint64_t edits_next_ns(const struct edits *e)
{
	uint64_t next = UINT64_MAX;
	struct slot *s;

	for (list_each(s, (struct list *)&e->slots, link)) {
		uint64_t due = edit_slot_due_ns(s);

		next = due < next ? due : next;
	}
	return next;
}

int edits_flush(struct edits *e)
{
	struct slot *s;

	e->error = 0;
	for (list_each(s, &e->slots, link))
		edit_slot_force(e, s, true, 0);
	return e->error;
}

bool edits_busy(const struct edits *e, const char *path)
{
	return edit_slot_find(e, path);
}

size_t edits_count(const struct edits *e)
{
	return e->edit_count;
}
