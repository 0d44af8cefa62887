/*
 * What strict mode asks for, so that the build refuses an interface of ours that says too little:
 * members at all, an access line for every method, a unit or a comment for every number that
 * travels, and no note where nothing reads it; see idl_int.h.
 */
#include "rpc/idl_int.h"

#include <string.h>

/* Whether @at is in the comment of the method @d. */
static bool in_comment(const struct idl_decl *d, const char *at)
{
	return d && d->kind == IDL_METHOD && d->comment.begin && at >= d->comment.begin &&
	       at < d->comment.end;
}

/* Finds notes that belong to no method. There are no strings in the grammar: every # is a comment.
 */
static int check_notes(struct idl_source *s)
{
	const struct idl_decl *next = s->decls;
	const char *at = s->text;

	while ((at = strchr(at, '#'))) {
		struct idl_span rest = {at, s->end}, line, value;

		while (next && next->at < at)
			next = next->next;
		if (idl_read_comment_line(&rest, &line) && idl_note_of(line, &value) &&
		    !in_comment(next, at))
			return idl_read_fail(s, at,
					     "access and units belong directly above a method");
		at = rest.begin;
	}
	return 0;
}

/* Types that travel and whose own parts were not looked at yet. */
struct queue {
	struct idl_decl *first, **end;
};

static void mark_travelling(struct queue *q, const struct idl_node *n)
{
	if (n->kind == IDL_NAMED && !n->target->travels) {
		n->target->travels = true;
		*q->end = n->target;
		q->end = &n->target->next_travelling;
	}
	for (const struct idl_node *child = n->children; child; child = child->next)
		mark_travelling(q, child);
}

static void find_travelling(struct idl_source *s)
{
	struct queue q = {.end = &q.first};

	for (struct idl_decl *d = s->decls; d; d = d->next)
		if (d->kind != IDL_TYPE) {
			mark_travelling(&q, &d->type);
			mark_travelling(&q, &d->reply);
		}
	for (struct idl_decl *d = q.first; d; d = d->next_travelling)
		mark_travelling(&q, &d->type);
}

/* Whether a comment says anything. */
static bool has_text(struct idl_span comment)
{
	struct idl_span line;

	while (idl_read_comment_line(&comment, &line))
		if (line.begin < line.end)
			return true;
	return false;
}

static int check_numbers(struct idl_source *s, const struct idl_node *list)
{
	int r = 0;

	if (list->kind != IDL_STRUCT)
		return 0;
	for (const struct idl_node *n = list->children; r == 0 && n; n = n->next) {
		const struct idl_node *leaf = n;

		while (leaf->kind == IDL_ARRAY || leaf->kind == IDL_MAP)
			leaf = leaf->children;
		if ((leaf->kind == IDL_INT || leaf->kind == IDL_FLOAT) && !n->unit &&
		    !has_text(n->comment))
			return idl_read_fail(s, n->at,
					     "the number \"%s\" has neither a unit nor a comment",
					     n->name);
		r = check_numbers(s, leaf);
	}
	return r;
}

static int check_member(struct idl_source *s, struct idl_decl *d)
{
	int r = 0;

	if (d->kind == IDL_METHOD && !d->access)
		return idl_read_fail(s, d->at, "the method \"%s\" has no access line", d->name);
	if (d->kind != IDL_TYPE || d->travels)
		r = check_numbers(s, &d->type);
	return r < 0 || d->kind != IDL_METHOD ? r : check_numbers(s, &d->reply);
}

int idl_strict(struct idl_source *s)
{
	int r = s->decls ? check_notes(s)
			 : idl_read_fail(s, s->end, "the interface has no members");

	find_travelling(s);
	for (struct idl_decl *d = s->decls; r == 0 && d; d = d->next)
		r = check_member(s, d);
	return r;
}
