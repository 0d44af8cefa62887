/*
 * Edits: when they begin and end; see fan.h.
 */
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "filetrace/fanint.h"

#define HELD_NS (NS_PER_S / 5) /* so long after its last modification an edit is not doubted */

static struct fan_edit *find_edit(struct fan_node *n, const struct fan_proc *proc)
{
	struct fan_edit *e;

	for (list_each(e, &n->edits, in_node))
		if (e->proc == proc)
			return e;
	return NULL;
}

static struct fan_edit *begin_edit(struct fan_telling *t, uint32_t op)
{
	struct fan_node *n = t->node;
	struct fan_edit *edit = calloc(1, sizeof(*edit));
	struct ft_begin_event e = {
		.event = fan_head(FT_BEGIN, sizeof(e)),
		.actor = t->actor,
		.inode = n->key,
		.generation = n->info.generation,
		.size = n->size,
		.ops = op,
	};

	if (!edit) {
		t->fan->lost++;
		return NULL;
	}
	*edit = (struct fan_edit){.node = n, .proc = t->proc, .image = t->actor.image};
	list_add_last(&n->edits, &edit->in_node);
	list_add_last(&t->fan->edits, &edit->in_fan);
	if (t->proc)
		list_add_last(&t->proc->edits, &edit->in_proc);
	n->info.edits++;
	n->info.writers[n->info.writer_count++ % FT_WRITERS] = t->actor.image;
	fan_fill_place(t->fan, &t->event->place, &e.place);
	e.event.size = offsetof(struct ft_begin_event, place) + fan_place_size(&e.place);
	eventqueue_add(&t->fan->queue, &e.event);
	return edit;
}

struct fan_edit *fan_tell_modify(struct fan_telling *t, uint32_t op)
{
	struct fan_edit *edit = find_edit(t->node, t->proc);

	if (!edit)
		edit = begin_edit(t, op);
	t->node->info.generation++;
	if (edit) {
		edit->ops |= op;
		edit->op_count++;
		edit->last_ns = time_now_ns(CLOCK_BOOTTIME);
		t->fan->check_ns = 0;
	}
	return edit;
}

void fan_end_edit(struct fan *f, struct fan_edit *edit)
{
	struct fan_node *n = edit->node;
	uint64_t last = edit->proc ? edit->proc->actor.image : 0;
	struct ft_end_event e = {
		.event = fan_head(FT_END, sizeof(e)),
		.image = edit->image,
		.last_image = last != edit->image ? last : 0,
		.inode = n->key,
		.ops = edit->ops,
		.op_count = edit->op_count,
	};

	e.others = --n->info.edits;
	e.generation = n->info.generation;
	list_remove(&edit->in_node);
	list_remove(&edit->in_fan);
	if (edit->proc)
		list_remove(&edit->in_proc);
	free(edit);
	eventqueue_add(&f->queue, &e.event);
	if (n->unlinked)
		fan_forget(f, n);
	else
		fan_stat_node(f, n);
}

/* Ends edits of the inode by processes that have no file left through which they could go on, or
 * are not known. Whether there was one. */
static bool end_stale(struct fan_telling *t)
{
	struct fan_edit *edit;
	bool ended = false;

	for (list_each(edit, &t->node->edits, in_node)) {
		if (edit->proc && fan_proc_holds(t->fan->root_fd, edit->proc, &t->node->key))
			continue;
		fan_end_edit(t->fan, edit);
		ended = true;
	}
	return ended;
}

/*
 * A file that could be written was closed. When its last user has not modified it, others have, who
 * inherited it; and if nobody was seen to, it may have been by a mapping: who reads it finds out.
 */
void fan_tell_close(struct fan_telling *t)
{
	struct fan_edit *edit = find_edit(t->node, t->proc);

	if (!edit && end_stale(t))
		return;
	if (!edit)
		edit = fan_tell_modify(t, FT_OP_MMAP);
	if (edit)
		fan_end_edit(t->fan, edit);
}

void fan_check_edits(struct fan *f)
{
	uint64_t now_ns = time_now_ns(CLOCK_BOOTTIME);
	struct fan_edit *edit;

	for (list_each(edit, &f->edits, in_fan)) {
		if (now_ns - edit->last_ns < HELD_NS)
			continue;
		if (!edit->proc || !fan_proc_holds(f->root_fd, edit->proc, &edit->node->key))
			fan_end_edit(f, edit);
	}
}
