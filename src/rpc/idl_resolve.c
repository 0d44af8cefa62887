/*
 * Names of an interface: each declared once, each that is used known, and no type that would have
 * to hold itself; see idl_int.h.
 *
 * Types may refer to each other in circles, as long as an array, a map or a "?" is on the way
 * round: those can be empty. A circle without has no finite value. Types and the references between
 * them without such a way out are a graph, in which the search for circles walks with a pointer
 * back instead of recursion, since its depth is that of the text.
 */
#include "rpc/idl_int.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int compare_names(const void *a, const void *b)
{
	return strcmp(((const struct idl_label *)a)->name, ((const struct idl_label *)b)->name);
}

static int compare(const void *a, const void *b)
{
	const struct idl_label *x = a, *y = b;
	int r = compare_names(a, b);

	return r ? r : (x->at > y->at) - (x->at < y->at);
}

/* Sorts, and refuses the first name of the text that was there before. */
static int sort_unique(struct idl_source *s, struct idl_label *labels, size_t count)
{
	const struct idl_label *twice = NULL;

	qsort(labels, count, sizeof(*labels), compare);
	for (size_t i = 1; i < count; i++)
		if (strcmp(labels[i].name, labels[i - 1].name) == 0 &&
		    (!twice || labels[i].at < twice->at))
			twice = &labels[i];
	if (!twice)
		return 0;
	return idl_read_fail(s, twice->at, "\"%s\" is declared twice", twice->name);
}

struct idl_label *idl_resolve_label(const struct idl_label *labels, size_t count, const char *name)
{
	struct idl_label key = {.name = name};

	return bsearch(&key, labels, count, sizeof(key), compare_names);
}

static int label_decls(struct idl_source *s)
{
	size_t i = 0;

	s->labels = idl_arena_alloc(&s->scratch, s->decl_count * sizeof(*s->labels));
	if (!s->labels)
		return -ENOMEM;
	for (struct idl_decl *d = s->decls; d; d = d->next)
		s->labels[i++] = (struct idl_label){.name = d->name, .at = d->at, .decl = d};
	return sort_unique(s, s->labels, s->decl_count);
}

static int label_children(struct idl_source *s, struct idl_node *list)
{
	size_t i = 0;

	list->labels = idl_arena_alloc(&s->scratch, list->count * sizeof(*list->labels));
	if (!list->labels)
		return -ENOMEM;
	for (struct idl_node *n = list->children; n; n = n->next)
		list->labels[i++] = (struct idl_label){.name = n->name, .at = n->at, .node = n};
	return sort_unique(s, list->labels, list->count);
}

static int add_edge(struct idl_source *s, struct idl_decl *from, const struct idl_node *n)
{
	struct idl_edge *e = idl_arena_alloc(&s->scratch, sizeof(*e));

	if (!e)
		return -ENOMEM;
	*e = (struct idl_edge){.to = n->target, .at = n->type_at};
	*(from->edges_end ? from->edges_end : &from->edges) = e;
	from->edges_end = &e->next;
	return 0;
}

static int resolve_name(struct idl_source *s, struct idl_decl *d, struct idl_node *n, bool needed)
{
	const struct idl_label *l = idl_resolve_label(s->labels, s->decl_count, n->type_name);

	if (!l)
		return idl_read_fail(s, n->type_at, "there is no type \"%s\"", n->type_name);
	if (l->decl->kind != IDL_TYPE)
		return idl_read_fail(s, n->type_at, "\"%s\" is not a type", n->type_name);
	n->target = l->decl;
	return needed ? add_edge(s, d, n) : 0;
}

/* @needed: there is no value of the declaration without one of this node. */
static int resolve_node(struct idl_source *s, struct idl_decl *d, struct idl_node *n, bool needed)
{
	int r = 0;

	needed = needed && !n->maybe && n->kind != IDL_ARRAY && n->kind != IDL_MAP;
	if (n->kind == IDL_NAMED)
		return resolve_name(s, d, n, needed);
	if (n->kind == IDL_STRUCT || n->kind == IDL_ENUM)
		r = label_children(s, n);
	for (struct idl_node *child = n->children; r == 0 && child; child = child->next)
		r = resolve_node(s, d, child, needed);
	return r;
}

/* Walks along the edges from @d, each of which is gone once it was taken. */
static int find_circle(struct idl_source *s, struct idl_decl *d)
{
	d->walk = IDL_WALK_OPEN;
	while (d) {
		struct idl_edge *e = d->edges;

		if (!e) {
			d->walk = IDL_WALK_DONE;
			d = d->parent;
			continue;
		}
		d->edges = e->next;
		if (e->to->walk == IDL_WALK_OPEN)
			return idl_read_fail(s, e->at,
					     "\"%s\" would hold itself without end: no array, map "
					     "or ? on the way",
					     e->to->name);
		if (e->to->walk == IDL_WALK_NEW) {
			e->to->walk = IDL_WALK_OPEN;
			e->to->parent = d;
			d = e->to;
		}
	}
	return 0;
}

int idl_resolve(struct idl_source *s)
{
	int r = label_decls(s);

	for (struct idl_decl *d = s->decls; r == 0 && d; d = d->next) {
		r = resolve_node(s, d, &d->type, true);
		if (r == 0)
			r = resolve_node(s, d, &d->reply, true);
	}
	for (struct idl_decl *d = s->decls; r == 0 && d; d = d->next)
		if (d->walk == IDL_WALK_NEW)
			r = find_circle(s, d);
	return r;
}
