/*
 * What an edit was, all in all: from what it did, and from what was there before and is after.
 */
#include <errno.h>
#include <string.h>

#include "base/def.h"
#include "filetrace/editint.h"

/* As if nothing had happened: no time of change has moved either. */
static bool unchanged(const struct state *a, const struct state *b)
{
	if (a->kind == STATE_ABSENT && b->kind == STATE_ABSENT)
		return true;
	return state_untouched(a, b) && state_same_content(a, b);
}

static bool is_prefix(struct edits *e, const struct state *old, const struct state *new)
{
	if (new->kind != STATE_FILE || old->size > new->size)
		return false;
	if (old->size == 0)
		return true;
	return e->ops->is_prefix && old->hashed && new->hashed &&
	       e->ops->is_prefix(e->data, old, new);
}

/* Of what was written into a file that stayed where it is. */
static enum method content_method(struct edits *e, const struct edit *edit, const struct state *old,
				  const struct state *new)
{
	if (new->kind == STATE_ABSENT)
		return METHOD_IN_PLACE;
	if (old->kind == STATE_ABSENT)
		return METHOD_CREATE;
	if (new->size < old->size && edit->ops &FT_OP_TRUNCATE)
		return METHOD_TRUNCATE;
	if (new->size > old->size && is_prefix(e, old, new))
		return METHOD_APPEND;
	/* Cut first, then written anew. */
	return edit->flags & EDIT_CUT && old->size ? METHOD_TRUNCATE : METHOD_IN_PLACE;
}

static enum method name_method(const struct edit *edit, const struct state *old,
			       const struct state *new)
{
	if (new->kind == STATE_ABSENT)
		return METHOD_DELETE;
	if (new->kind == STATE_SYMLINK || edit->flags & EDIT_LINKED)
		return METHOD_LINK;
	return old->kind == STATE_ABSENT ? METHOD_CREATE : METHOD_REPLACE;
}

static enum method method_of(struct edits *e, const struct slot *s, const struct edit *edit)
{
	const struct state *old = &s->old, *new = &s->new;
	bool came_back = !(edit->flags & EDIT_NEW) && old->kind && new->kind;

	came_back = came_back && state_same_inode(old, new);
	/* Taken away and put back where it was: that is no other file. */
	if (edit->flags & (EDIT_REMOVED | EDIT_PLACED) && !came_back)
		return name_method(edit, old, new);
	if (edit->flags & EDIT_CONTENT)
		return content_method(e, edit, old, new);
	if (edit->flags & (EDIT_META | EDIT_REMOVED | EDIT_PLACED))
		return state_same_content(old, new) || edit->flags & EDIT_META ? METHOD_METADATA
									       : METHOD_REPLACE;
	return METHOD_UNKNOWN;
}

static enum attribution attribution_of(struct edits *e, const struct edit *edit)
{
	const struct ft_actor *actor = &edit->actor;
	enum attribution known = ATTRIBUTION_FULL;

	if (!actor->image)
		return actor->pid ? ATTRIBUTION_PARTIAL : ATTRIBUTION_NONE;
	if (e->ops->known)
		known = e->ops->known(e->data, actor->image);
	if (known == ATTRIBUTION_FULL && edit->flags & EDIT_PARTIAL)
		known = ATTRIBUTION_PARTIAL;
	return known;
}

int edit_emit(struct edits *e, const struct slot *s, const struct edit *edit)
{
	struct record r = {
		.time_ns = e->ops->wall_ns(e->data, edit->first_ns),
		.coalesced = s->coalesced,
		.op_count = edit->count,
		.actor = edit->actor,
		.old = s->old,
		.new = s->new,
	};

	if (unchanged(&s->old, &s->new))
		return 0;
	r.method = method_of(e, s, edit);
	r.attribution = attribution_of(e, edit);
	r.path = strdup(s->path);
	return r.path ? e->ops->emit(e->data, &r) : -ENOMEM;
}
