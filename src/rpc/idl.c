/*
 * An interface: made of its text, searched, freed; and the names of access classes; see idl.h.
 */
#include "rpc/idl_int.h"

#include <errno.h>
#include <string.h>

#include "base/def.h"
#include "base/str.h"

/* What an interface is allocated as. */
struct idl_file {
	struct idl idl; /* the first member: what callers see */
	struct idl_arena arena; /* everything that idl points to */
	const struct idl_member **by_name;
};

static int index_members(struct idl_file *f, const struct idl_source *s)
{
	f->by_name = idl_arena_alloc(&f->arena, s->decl_count * sizeof(*f->by_name));
	if (!f->by_name)
		return -ENOMEM;
	for (size_t i = 0; i < s->decl_count; i++)
		f->by_name[i] = &f->idl.members[s->labels[i].decl->index];
	return 0;
}

static int parse(struct idl_file *f, struct idl_source *s, bool strict)
{
	int r = idl_parse_tree(s);

	if (r == 0)
		r = idl_resolve(s);
	if (r == 0)
		r = idl_note(s, strict);
	if (r == 0 && strict)
		r = idl_strict(s);
	if (r == 0)
		r = idl_build(s, &f->idl);
	return r < 0 ? r : index_members(f, s);
}

/* Interfaces travel as JSON strings, and the rest of the parser uses the functions for strings. */
static int check_text(struct idl_source *s)
{
	uint32_t codepoint;
	size_t unit;

	for (const char *p = s->text; p < s->end; p += unit) {
		unit = str_utf8_sequence(p, s->end - p, &codepoint);
		if (unit == 0)
			return idl_read_fail(s, p, "not UTF-8: the byte 0x%02x", *p & 0xff);
		if (codepoint == 0)
			return idl_read_fail(s, p, "not a text: a NUL byte");
	}
	return 0;
}

/* Takes a copy of the text; what is too long is not copied, but has a first place to name. */
static int take_text(struct idl_source *s, const char *text, size_t len)
{
	size_t kept = len > IDL_BYTES_MAX ? 0 : len;

	s->text = s->pos = idl_arena_text(s->keep, text, kept);
	if (!s->text)
		return -ENOMEM;
	s->end = s->text + kept;
	if (kept != len)
		return idl_read_fail(s, s->text, "more than %d bytes", IDL_BYTES_MAX);
	return check_text(s);
}

int idl_parse(const char *text, size_t len, bool strict, struct idl **ret_idl, char **ret_problem)
{
	struct idl_file *f = calloc(1, sizeof(*f));
	struct idl_source s = {};
	int r;

	if (!f)
		return -ENOMEM;
	s.keep = &f->arena;
	r = take_text(&s, text, len);
	if (r == 0)
		r = parse(f, &s, strict);
	idl_arena_deinit(&s.scratch);
	if (r == 0) {
		*ret_idl = &f->idl;
		return 0;
	}
	idl_free(&f->idl);
	if (r == -EINVAL && ret_problem)
		*ret_problem = take_ptr(s.problem);
	free(s.problem);
	return r;
}

void idl_free(struct idl *idl)
{
	struct idl_file *f = (struct idl_file *)idl;

	if (!f)
		return;
	idl_arena_deinit(&f->arena);
	free(f);
}

void idl_free_p(struct idl **idl)
{
	idl_free(*idl);
}

const struct idl_member *idl_find(const struct idl *idl, enum idl_member_kind kind,
				  const char *name)
{
	const struct idl_file *f = (const struct idl_file *)idl;
	size_t low = 0, high = idl->member_count;

	while (low < high) {
		size_t middle = (low + high) / 2;
		const struct idl_member *m = f->by_name[middle];
		int r = strcmp(name, m->name);

		if (r == 0)
			return m->kind == kind ? m : NULL;
		if (r < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

static const char *const class_names[] = {
	[ACCESS_NONE] = "none",
	[ACCESS_OBSERVE] = "observe",
	[ACCESS_CONTROL] = "control",
	[ACCESS_ADMIN] = "admin",
};

const char *access_class_name(enum access_class c)
{
	return class_names[c];
}

int access_class_parse(const char *text, enum access_class *ret_class)
{
	for (size_t i = 0; i < ARRAY_SIZE(class_names); i++)
		if (strcmp(class_names[i], text) == 0) {
			*ret_class = i;
			return 0;
		}
	return -EINVAL;
}
