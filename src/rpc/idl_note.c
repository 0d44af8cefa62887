/*
 * Notes: the lines "access: CLASS", perhaps with "or granted" behind it, and "unit: FIELD = UNIT"
 * in the comment directly above a method; see idl_int.h. They are taken out of the comment's text.
 *
 * FIELD is a name in the parameters or the reply, dotted to go into structs, named ones as well;
 * arrays, maps and "?" on the way are passed through. A unit line that says nothing of the kind is
 * plain text in other people's interfaces, and an error in ours (strict).
 */
#include "rpc/idl_int.h"

#include <errno.h>
#include <string.h>

#include "base/def.h"

static struct idl_span trim(struct idl_span t)
{
	while (t.begin < t.end && (*t.begin == ' ' || *t.begin == '\t'))
		t.begin++;
	while (t.begin < t.end && (t.end[-1] == ' ' || t.end[-1] == '\t'))
		t.end--;
	return t;
}

enum idl_note idl_note_of(struct idl_span line, struct idl_span *ret_value)
{
	static const char *const notes[] = {
		[IDL_NOTE_ACCESS] = "access:",
		[IDL_NOTE_UNIT] = "unit:",
	};

	line = trim(line);
	for (size_t i = IDL_NOTE_ACCESS; i < ARRAY_SIZE(notes); i++) {
		size_t len = strlen(notes[i]);

		if ((size_t)(line.end - line.begin) >= len &&
		    memcmp(line.begin, notes[i], len) == 0) {
			*ret_value = trim((struct idl_span){line.begin + len, line.end});
			return i;
		}
	}
	return IDL_NOTE_TEXT;
}

/* Takes @end off the end of the text. */
static bool cut_end(char *text, const char *end)
{
	size_t len = strlen(text), end_len = strlen(end);

	if (len < end_len || memcmp(text + len - end_len, end, end_len) != 0)
		return false;
	text[len - end_len] = '\0';
	return true;
}

static int take_access(struct idl_source *s, struct idl_decl *d, struct idl_span value)
{
	char text[32] = "";

	if (d->access)
		return idl_read_fail(s, value.begin, "a second access line of \"%s\"", d->name);
	if ((size_t)(value.end - value.begin) < sizeof(text))
		memcpy(text, value.begin, value.end - value.begin);
	d->granted = cut_end(text, " or granted");
	if (access_class_parse(text, &d->access) < 0 || d->access == ACCESS_NONE)
		return idl_read_fail(s, value.begin, "the access is not observe, control or admin");
	return 0;
}

/* The struct at the bottom of arrays and maps, or NULL. */
static const struct idl_node *struct_of(const struct idl_node *n)
{
	while (n->kind == IDL_ARRAY || n->kind == IDL_MAP)
		n = n->children;
	if (n->kind == IDL_NAMED)
		n = &n->target->type;
	return n->kind == IDL_STRUCT ? n : NULL;
}

/* @path, NUL-terminated, is cut at its dots. */
static struct idl_node *find_field(struct idl_node *list, char *path)
{
	struct idl_node *found = list;

	for (int depth = 0; found && path && depth < IDL_DEPTH_MAX; depth++) {
		const char *name = strsep(&path, ".");
		const struct idl_node *in = struct_of(found);
		const struct idl_label *label =
			in ? idl_resolve_label(in->labels, in->count, name) : NULL;

		found = label ? label->node : NULL;
	}
	return path ? NULL : found;
}

/* The field of that name in the parameters (@in[0]) and in the reply, each NULL when there is none.
 */
static int find_fields(struct idl_source *s, struct idl_decl *d, struct idl_span field,
		       struct idl_node *in[2])
{
	struct idl_node *lists[] = {&d->type, &d->reply};

	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		char *path = idl_arena_text(&s->scratch, field.begin, field.end - field.begin);

		if (!path)
			return -ENOMEM;
		in[i] = find_field(lists[i], path);
	}
	return 0;
}

static bool is_number(const struct idl_node *n)
{
	while (n->kind == IDL_ARRAY || n->kind == IDL_MAP)
		n = n->children;
	return n->kind == IDL_INT || n->kind == IDL_FLOAT;
}

static int set_unit(struct idl_source *s, struct idl_node *n, struct idl_span unit, bool strict)
{
	const char *text = idl_arena_text(s->keep, unit.begin, unit.end - unit.begin);

	if (!text)
		return -ENOMEM;
	if (strict && !is_number(n))
		return idl_read_fail(s, unit.begin, "a unit of \"%s\", which is not a number",
				     n->name);
	if (n->unit && strcmp(n->unit, text) != 0)
		return idl_read_fail(s, unit.begin, "\"%s\" has another unit since line %u",
				     n->name, idl_read_line(s, n->unit_at));
	n->unit = text;
	n->unit_at = unit.begin;
	return 0;
}

/* FIELD = UNIT, neither empty, without blanks in FIELD. */
static bool split_unit(struct idl_span value, struct idl_span *ret_field, struct idl_span *ret_unit)
{
	const char *equal = memchr(value.begin, '=', value.end - value.begin);
	struct idl_span field, unit;

	if (!equal)
		return false;
	field = trim((struct idl_span){value.begin, equal});
	unit = trim((struct idl_span){equal + 1, value.end});
	if (field.begin == field.end || unit.begin == unit.end)
		return false;
	for (const char *p = field.begin; p < field.end; p++)
		if (*p <= 0x20 || *p > 0x7e)
			return false;
	*ret_field = field;
	*ret_unit = unit;
	return true;
}

/* 1: the line is none of ours. */
static int take_unit(struct idl_source *s, struct idl_decl *d, struct idl_span value, bool strict)
{
	struct idl_span field, unit;
	struct idl_node *in[2];
	int r;

	if (!split_unit(value, &field, &unit))
		return strict ? idl_read_fail(s, value.begin, "expected FIELD = UNIT") : 1;
	r = find_fields(s, d, field, in);
	if (r < 0)
		return r;
	if (!in[0] && !in[1])
		return strict ? idl_read_fail(s, value.begin, "\"%s\" has no field \"%.*s\"",
					      d->name, (int)(field.end - field.begin), field.begin)
			      : 1;
	for (int i = 0; r == 0 && i < 2; i++)
		if (in[i])
			r = set_unit(s, in[i], unit, strict);
	return r;
}

/* Takes a line of a method's comment, or leaves it: 1. */
static int take_line(struct idl_source *s, struct idl_decl *d, struct idl_span line, bool strict)
{
	struct idl_span value;

	switch (idl_note_of(line, &value)) {
	case IDL_NOTE_ACCESS:
		return take_access(s, d, value);
	case IDL_NOTE_UNIT:
		return take_unit(s, d, value, strict);
	case IDL_NOTE_TEXT:
		break;
	}
	return 1;
}

/* Lines joined, without empty ones at both ends. @method: its notes are taken out. */
static int comment_text(struct idl_source *s, struct idl_span comment, struct idl_decl *method,
			bool strict, char **ret_text)
{
	/* As long as the comment, whose "#" make room for the line ends. */
	size_t len = comment.begin ? comment.end - comment.begin : 0, n = 0;
	char *text = idl_arena_alloc(s->keep, len + 2);
	struct idl_span line;

	if (!text)
		return -ENOMEM;
	while (idl_read_comment_line(&comment, &line)) {
		int r = method ? take_line(s, method, line, strict) : 1;

		if (r < 0)
			return r;
		if (r == 0 || (n == 0 && line.begin == line.end))
			continue;
		memcpy(text + n, line.begin, line.end - line.begin);
		n += line.end - line.begin;
		text[n++] = '\n';
	}
	while (n && text[n - 1] == '\n')
		n--;
	text[n] = '\0';
	*ret_text = text;
	return 0;
}

char *idl_note_text(struct idl_source *s, struct idl_span comment)
{
	char *text;

	return comment_text(s, comment, NULL, false, &text) < 0 ? NULL : text;
}

int idl_note(struct idl_source *s, bool strict)
{
	char *text;
	int r;

	for (struct idl_decl *d = s->decls; d; d = d->next) {
		r = comment_text(s, d->comment, d->kind == IDL_METHOD ? d : NULL, strict, &text);
		if (r < 0)
			return r;
		d->text = text;
	}
	return 0;
}
