/*
 * From the tree of the parser to the immutable interface of idl.h; see idl_int.h. Nothing is
 * checked here any more: what can fail is memory.
 */
#include "rpc/idl_int.h"

#include <errno.h>

struct build {
	struct idl_source *source;
	struct idl_member *members;
};

static int build_type(const struct build *b, const struct idl_node *n, struct idl_type *ret_type);

static int build_fields(const struct build *b, const struct idl_node *list, struct idl_type *type)
{
	struct idl_field *f = idl_arena_alloc(b->source->keep, list->count * sizeof(*f));

	if (!f)
		return -ENOMEM;
	type->fields = f;
	for (const struct idl_node *n = list->children; n; n = n->next, f++) {
		*f = (struct idl_field){.name = n->name, .unit = n->unit, .comment = ""};
		if (n->comment.begin)
			f->comment = idl_note_text(b->source, n->comment);
		if (!f->comment || build_type(b, n, &f->type) < 0)
			return -ENOMEM;
	}
	return 0;
}

static int build_names(const struct build *b, const struct idl_node *list, struct idl_type *type)
{
	const char **names = idl_arena_alloc(b->source->keep, list->count * sizeof(*names));

	if (!names)
		return -ENOMEM;
	type->names = names;
	for (const struct idl_node *n = list->children; n; n = n->next)
		*names++ = n->name;
	return 0;
}

static int build_element(const struct build *b, const struct idl_node *n, struct idl_type *type)
{
	struct idl_type *element = idl_arena_alloc(b->source->keep, sizeof(*element));

	if (!element)
		return -ENOMEM;
	type->element = element;
	return build_type(b, n->children, element);
}

static int build_type(const struct build *b, const struct idl_node *n, struct idl_type *ret_type)
{
	*ret_type = (struct idl_type){.kind = n->kind, .maybe = n->maybe};
	switch (n->kind) {
	case IDL_STRUCT:
		ret_type->count = n->count;
		return build_fields(b, n, ret_type);
	case IDL_ENUM:
		ret_type->count = n->count;
		return build_names(b, n, ret_type);
	case IDL_ARRAY:
	case IDL_MAP:
		return build_element(b, n, ret_type);
	case IDL_NAMED:
		ret_type->named = &b->members[n->target->index];
		return 0;
	default:
		return 0;
	}
}

static int build_member(const struct build *b, const struct idl_decl *d)
{
	struct idl_member *m = &b->members[d->index];
	int r;

	*m = (struct idl_member){
		.kind = d->kind,
		.name = d->name,
		.comment = d->text,
		.access = d->access,
		.granted = d->granted,
	};
	r = build_type(b, &d->type, &m->type);
	return r < 0 || d->kind != IDL_METHOD ? r : build_type(b, &d->reply, &m->reply);
}

int idl_build(struct idl_source *s, struct idl *idl)
{
	struct build b = {.source = s};

	b.members = idl_arena_alloc(s->keep, s->decl_count * sizeof(*b.members));
	idl->comment = idl_note_text(s, s->name_comment);
	if (!b.members || !idl->comment)
		return -ENOMEM;
	for (const struct idl_decl *d = s->decls; d; d = d->next)
		if (build_member(&b, d) < 0)
			return -ENOMEM;
	idl->name = s->name;
	idl->text = s->text;
	idl->members = b.members;
	idl->member_count = s->decl_count;
	return 0;
}
