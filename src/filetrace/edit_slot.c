/*
 * Paths at which something goes on, and the edits there; see editint.h.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/def.h"
#include "filetrace/editint.h"

static uint64_t path_hash(const char *path)
{
	return hashmap_hash(path, strlen(path), 0);
}

/* Processes whose image is not known are told apart by their number. */
static uint64_t image_hash(uint64_t image, uint32_t pid)
{
	return image ? hashmap_hash(&image, sizeof(image), 0) : pid;
}

/* ---- edits ---- */

static bool same_process(const struct edit *edit, const struct ft_actor *actor)
{
	return edit->image == actor->image && (actor->image || edit->actor.pid == actor->pid);
}

static struct edit *edit_find(struct slot *s, const struct ft_actor *actor)
{
	struct edit *edit;

	for (list_each(edit, &s->edits, link))
		if (same_process(edit, actor))
			return edit;
	return NULL;
}

static struct edit *edit_new(struct edits *e, struct slot *s, const struct ft_actor *actor,
			     uint64_t now_ns)
{
	struct edit *edit = calloc(1, sizeof(*edit));

	if (!edit) {
		edit_note(e, -ENOMEM);
		return NULL;
	}
	edit->slot = s;
	edit->actor = *actor;
	edit->image = actor->image;
	edit->count = 1;
	edit->first_ns = now_ns;
	list_add_last(&s->edits, &edit->link);
	hashmap_add(&e->by_image, &edit->by_image, image_hash(actor->image, actor->pid));
	e->edit_count++;
	return edit;
}

void edit_free(struct edits *e, struct edit *edit)
{
	list_remove(&edit->link);
	hashmap_remove(&e->by_image, &edit->by_image);
	e->edit_count--;
	free(edit);
}

struct edit *edit_last(struct slot *s)
{
	return list_last(&s->edits, struct edit, link);
}

void edit_to_last(struct edit *edit)
{
	list_remove(&edit->link);
	list_add_last(&edit->slot->edits, &edit->link);
}

void edit_set_image(struct edits *e, struct edit *edit, uint64_t image)
{
	hashmap_remove(&e->by_image, &edit->by_image);
	edit->image = image;
	hashmap_add(&e->by_image, &edit->by_image, image_hash(image, edit->actor.pid));
}

static bool in_name_window(const struct edit *edit, uint64_t now_ns)
{
	return edit->named_ns && now_ns <= edit->named_ns + EDIT_NAME_NS;
}

uint64_t edit_over_ns(const struct edit *edit)
{
	uint64_t end = edit->last_ns + EDIT_END_NS, name = edit->named_ns + EDIT_NAME_NS;

	if (edit->flags & EDIT_EXITED)
		return 0;
	return edit->named_ns && name > end ? name : end;
}

/* Whether an event divides what the process does at the path: something was ended, and this is no
 * dance of names. */
static bool divides(const struct edit *edit, enum ft_type type, uint64_t now_ns)
{
	return (type == FT_BEGIN || type == FT_NAME) && (edit->flags & EDIT_ENDED) &&
	       !in_name_window(edit, now_ns);
}

/* ---- slots ---- */

struct slot *edit_slot_find(const struct edits *e, const char *path)
{
	for (struct hashmap_link *l = hashmap_first(&e->by_path, path_hash(path)); l;
	     l = hashmap_next(l)) {
		struct slot *s = hashmap_item(l, struct slot, by_path);

		if (!strcmp(s->path, path))
			return s;
	}
	return NULL;
}

static int slot_new(struct edits *e, const char *path, struct slot **ret_slot)
{
	_cleanup_free_ struct slot *s = calloc(1, sizeof(*s) + strlen(path) + 1);
	int r;

	if (!s)
		return -ENOMEM;
	memcpy(s->path, path, strlen(path) + 1);
	r = e->ops->baseline(e->data, path, &s->old);
	if (r < 0)
		return r;
	list_init(&s->edits);
	list_add_last(&e->slots, &s->link);
	hashmap_add(&e->by_path, &s->by_path, path_hash(path));
	*ret_slot = take_ptr(s);
	return 0;
}

void edit_slot_free(struct edits *e, struct slot *s)
{
	struct edit *edit;

	for (list_each(edit, &s->edits, link))
		edit_free(e, edit);
	list_remove(&s->link);
	hashmap_remove(&e->by_path, &s->by_path);
	free(s);
}

bool edit_slot_open(struct slot *s)
{
	struct edit *edit;

	for (list_each(edit, &s->edits, link))
		if (edit->open)
			return true;
	return false;
}

void edit_slot_close(struct slot *s)
{
	struct edit *edit;

	for (list_each(edit, &s->edits, link)) {
		edit->flags |= edit->open ? EDIT_ENDED : 0;
		edit->open = 0;
	}
}

void edit_slot_wait(struct edits *e, struct slot *s, uint64_t now_ns)
{
	struct edit *edit;

	if (s->settled || s->wait_ns)
		return;
	for (list_each(edit, &s->edits, link))
		if (!edit->open)
			s->wait_ns = now_ns;
	edit_slot_hurry(e, s);
}

/* Whether the last edit of a settled slot goes on with an event. */
static bool goes_on(const struct edit *edit, const struct ft_actor *actor, enum ft_type type,
		    uint64_t now_ns)
{
	return same_process(edit, actor) && now_ns <= edit_over_ns(edit) &&
	       !divides(edit, type, now_ns);
}

/* The edit that goes on in a slot, settled or not; NULL: a new one has to begin. */
static struct edit *going_on(struct edits *e, struct slot *s, const struct ft_actor *actor,
			     enum ft_type type, uint64_t now_ns)
{
	struct edit *edit = s->settled ? edit_last(s) : edit_find(s, actor);

	if (s->settled) {
		edit = goes_on(edit, actor, type, now_ns) ? edit : NULL;
		edit_slot_unsettle(e, s, edit);
	} else if (edit && divides(edit, type, now_ns)) {
		edit->count++;
		edit->flags &= ~EDIT_ENDED;
	}
	return edit;
}

struct edit *edit_join(struct edits *e, const char *path, const struct ft_actor *actor,
		       enum ft_type type, uint64_t generation, uint64_t now_ns)
{
	struct slot *s = edit_slot_find(e, path);
	struct edit *edit;

	if (!s) {
		int r = slot_new(e, path, &s);

		if (r < 0) {
			edit_note(e, r);
			return NULL;
		}
	}
	/* It was read before this event was known, and holds what the event tells of. */
	if (s->settled && generation && s->generation >= generation)
		s->settled = false;
	edit = going_on(e, s, actor, type, now_ns);
	if (!edit)
		edit = edit_new(e, s, actor, now_ns);
	if (!edit) {
		if (list_is_empty(&s->edits))
			edit_slot_free(e, s);
		return NULL;
	}
	edit->last_ns = now_ns;
	edit_to_last(edit);
	return edit;
}

void edit_name(struct edits *e, struct edit *edit, const struct ft_actor *actor)
{
	if (edit->actor.image == actor->image)
		return;
	edit->actor = *actor;
	edit_set_image(e, edit, actor->image);
}

/* The oldest edit of this image that is not known to be over with it. */
static struct edit *edit_of_image(const struct edits *e, uint64_t image)
{
	struct edit *oldest = NULL;

	for (struct hashmap_link *l = hashmap_first(&e->by_image, image_hash(image, 0)); l;
	     l = hashmap_next(l)) {
		struct edit *edit = hashmap_item(l, struct edit, by_image);

		if (edit->image == image && !(edit->flags & EDIT_EXITED))
			oldest = edit;
	}
	return oldest;
}

bool edit_has_image(const struct edits *e, uint64_t image)
{
	for (struct hashmap_link *l = hashmap_first(&e->by_image, image_hash(image, 0)); l;
	     l = hashmap_next(l))
		if (hashmap_item(l, struct edit, by_image)->image == image)
			return true;
	return false;
}

void edit_on_exit(struct edits *e, const struct ft_exit_event *event)
{
	struct edit *edit;

	if (!event->image || event->next == event->image)
		return;
	while ((edit = edit_of_image(e, event->image))) {
		if (event->next) {
			edit_set_image(e, edit, event->next);
			continue;
		}
		edit->flags |= EDIT_EXITED;
		/* What was open is closed now; FT_END tells it before long. */
		if (edit->open) {
			edit->slot->check_ns = event->event.time_ns + EDIT_RUN_NS;
			edit_slot_hurry(e, edit->slot);
		}
		edit_slot_ripen(e, edit->slot, event->event.time_ns);
	}
}
