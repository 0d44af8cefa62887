/*
 * When the content after edits is known, and what is over; see editint.h.
 */
#include <errno.h>
#include <string.h>

#include "filetrace/editint.h"

/* Emits the closed edits of a slot, but for @keep. */
static void emit_closed(struct edits *e, struct slot *s, const struct edit *keep)
{
	struct edit *edit;

	for (list_each(edit, &s->edits, link)) {
		if (edit == keep || edit->open)
			continue;
		edit_note(e, edit_emit(e, s, edit));
		edit_free(e, edit);
	}
}

/* What was new is old for what comes. Those who wait longest are in front. */
static void turn(struct edits *e, struct slot *s)
{
	s->old = s->new;
	s->settled = false;
	s->wait_ns = 0;
	list_remove(&s->link);
	list_add_last(&e->slots, &s->link);
}

void edit_slot_unsettle(struct edits *e, struct slot *s, const struct edit *keep)
{
	emit_closed(e, s, keep);
	s->settled = false;
	if (keep)
		return;
	turn(e, s);
	s->coalesced = false;
}

static bool is_run(struct slot *s)
{
	const struct edit *edit = edit_last(s);

	return edit->count > 1 || edit != list_first(&s->edits, struct edit, link);
}

void edit_slot_settle(struct edits *e, struct slot *s, const struct state *state,
		      uint64_t generation, uint64_t now_ns)
{
	s->new = *state;
	s->generation = generation;
	s->settled = true;
	s->wait_ns = s->check_ns = 0;
	s->coalesced |= is_run(s);
	edit_slot_ripen(e, s, now_ns);
}

void edit_slot_ripen(struct edits *e, struct slot *s, uint64_t now_ns)
{
	struct edit *last = edit_last(s);

	if (!s->settled)
		return;
	/* Only the last one can go on. */
	emit_closed(e, s, last);
	if (now_ns <= edit_over_ns(last)) {
		edit_slot_hurry(e, s);
		return;
	}
	emit_closed(e, s, NULL);
	edit_slot_free(e, s);
}

/* The content between these and those that go on is not known, nor will it be. */
void edit_slot_force(struct edits *e, struct slot *s, bool forget, uint64_t now_ns)
{
	int r = s->settled ? 0 : edit_snapshot(e, s->path, &s->new);

	edit_note(e, r);
	if (r < 0 && !forget) {
		s->wait_ns = now_ns;
		edit_slot_hurry(e, s);
		return;
	}
	s->coalesced |= !s->settled;
	if (r == 0)
		emit_closed(e, s, NULL);
	if (forget || list_is_empty(&s->edits))
		edit_slot_free(e, s);
	else
		turn(e, s);
}

uint64_t edit_slot_due_ns(struct slot *s)
{
	uint64_t due = UINT64_MAX;

	if (s->settled)
		return edit_over_ns(edit_last(s)) + 1;
	if (s->wait_ns)
		due = s->wait_ns + EDIT_RUN_NS;
	return s->check_ns && s->check_ns < due ? s->check_ns : due;
}

void edit_slot_hurry(struct edits *e, struct slot *s)
{
	uint64_t due = edit_slot_due_ns(s);

	if (due < e->due_ns)
		e->due_ns = due;
}

/* An FT_END may be lost: what cannot write any more, the inode tells. */
static void doubt_open(struct edits *e, struct slot *s, uint64_t now_ns)
{
	struct ft_inode inode;
	struct ft_key key;
	bool gone = tree_inode(e->tree, s->path, &key) < 0 ||
		    e->ops->inode(e->data, &key, &inode) < 0 || inode.edits == 0;
	struct edit *edit;

	for (list_each(edit, &s->edits, link))
		if (edit->open && (gone || edit->flags & EDIT_EXITED)) {
			edit->open = 0;
			edit->flags |= EDIT_ENDED;
		}
	s->check_ns = edit_slot_open(s) ? now_ns + EDIT_CHECK_NS : 0;
	edit_slot_wait(e, s, now_ns);
	if (tree_inode(e->tree, s->path, &key) == 0)
		edit_look(e, s, &key, 0, now_ns);
}

void edit_slot_tick(struct edits *e, struct slot *s, uint64_t now_ns)
{
	if (now_ns < edit_slot_due_ns(s))
		return;
	if (s->settled)
		edit_slot_ripen(e, s, now_ns);
	else if (s->wait_ns && now_ns >= s->wait_ns + EDIT_RUN_NS)
		edit_slot_force(e, s, false, now_ns);
	else
		doubt_open(e, s, now_ns);
}

void edit_make_room(struct edits *e, uint64_t now_ns)
{
	while (e->edit_count > EDITS_MAX)
		edit_slot_force(e, list_first(&e->slots, struct slot, link), true, now_ns);
}
