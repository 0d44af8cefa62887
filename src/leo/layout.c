/*
 * An interface laid out for people; see layout.h.
 */
#include "leo/layout.h"

#include <errno.h>
#include <string.h>

#include "base/def.h"
#include "base/str.h"
#include "base/table.h"
#include "leo/out.h"
#include "leo/text.h"

/* A longer name or type, which a service may send, is not what the others are aligned with. */
enum { INDENT = 2, FIELD_INDENT = 4, NAME_MAX_COLUMNS = 40, TYPE_MAX_COLUMNS = 24 };

static const char *const kinds[] = {
	[IDL_TYPE] = "type", [IDL_METHOD] = "method", [IDL_ERROR] = "error"};

/* How wide the columns of a list of fields are: those of all its names and types. */
struct columns {
	unsigned name, type;
};

static void measure(const struct idl_field *f, const char *type, struct columns *c)
{
	unsigned name = str_width(f->name), text = str_width(type);

	c->name = name > c->name && name <= NAME_MAX_COLUMNS ? name : c->name;
	c->type = text > c->type && text <= TYPE_MAX_COLUMNS ? text : c->type;
}

static int measure_all(const struct idl_type *t, struct columns *c)
{
	for (size_t i = 0; i < t->count; i++) {
		_cleanup_free_ char *type = NULL;
		int r = idl_type_text(&t->fields[i].type, &type);

		if (r < 0)
			return r;
		measure(&t->fields[i], type, c);
	}
	return 0;
}

/* "bytes; bytes of memory on the node": what a number is in, and what it means. */
static int remark(const struct idl_field *f, char **ret_text)
{
	const char *unit = f->unit ? f->unit : "";
	char *text;

	if (asprintf(&text, "%s%s%s", unit, *unit && *f->comment ? "; " : "", f->comment) < 0)
		return -ENOMEM;
	*ret_text = text;
	return 0;
}

static int print_field(struct leo *l, const struct idl_field *f, const struct columns *c)
{
	unsigned behind = FIELD_INDENT + c->name + INDENT + c->type + INDENT;
	unsigned column = str_width(f->name);
	_cleanup_free_ char *type = NULL, *text = NULL;
	int r = idl_type_text(&f->type, &type);

	if (r == 0)
		r = remark(f, &text);
	if (r < 0)
		return r;
	fprintf(l->out, "%*s%s%*s%s%s%s", FIELD_INDENT, "", f->name,
		(int)(c->name > column ? c->name - column : 0) + INDENT, "", out_dim(l), type,
		out_plain(l));
	column = FIELD_INDENT + (c->name > column ? c->name : column) + INDENT + str_width(type);
	if (*text)
		text_wrap(l->out, text, behind, column, l->width);
	else
		fputc('\n', l->out);
	return 0;
}

static int print_fields(struct leo *l, const struct idl_type *t, const char *title)
{
	struct columns c = {};
	int r;

	if (t->kind != IDL_STRUCT || t->count == 0)
		return 0;
	if (title)
		fprintf(l->out, "%*s%s\n", INDENT, "", title);
	r = measure_all(t, &c);
	for (size_t i = 0; r == 0 && i < t->count; i++)
		r = print_field(l, &t->fields[i], &c);
	return r;
}

static void print_names(struct leo *l, const struct idl_type *t)
{
	fprintf(l->out, "%*s", FIELD_INDENT, "");
	for (size_t i = 0; i < t->count; i++)
		fprintf(l->out, "%s%s", i ? ", " : "", t->names[i]);
	fputc('\n', l->out);
}

static void print_head(struct leo *l, const struct idl_member *m)
{
	fprintf(l->out, "%s%s%s %s%s%s", out_dim(l), kinds[m->kind], out_plain(l), out_bold(l),
		m->name, out_plain(l));
	if (m->kind == IDL_METHOD && m->access != ACCESS_NONE)
		fprintf(l->out, "  %s(%s%s)%s", out_dim(l), access_class_name(m->access),
			m->granted ? " or granted" : "", out_plain(l));
	fputc('\n', l->out);
}

int layout_member(struct leo *l, const struct idl_member *m)
{
	int r;

	print_head(l, m);
	if (*m->comment)
		text_wrap(l->out, m->comment, INDENT, 0, l->width);
	if (m->kind != IDL_METHOD && m->type.kind == IDL_ENUM) {
		print_names(l, &m->type);
		return 0;
	}
	if (m->kind != IDL_METHOD)
		return print_fields(l, &m->type, NULL);
	r = print_fields(l, &m->type, "parameters");
	return r < 0 ? r : print_fields(l, &m->reply, "reply");
}

int layout_interface(struct leo *l, const struct idl *idl)
{
	int r = 0;

	if (*idl->comment)
		text_wrap(l->out, idl->comment, 0, 0, l->width);
	for (size_t i = 0; r == 0 && i < idl->member_count; i++) {
		fputc('\n', l->out);
		r = layout_member(l, &idl->members[i]);
	}
	return r;
}

/* ---- for programs ---- */

static json_t *field_json(const struct idl_field *f)
{
	_cleanup_free_ char *type = NULL;
	json_t *object;

	if (idl_type_text(&f->type, &type) < 0)
		return NULL;
	object = json_pack("{s:s, s:s, s:s}", "name", f->name, "type", type, "comment", f->comment);
	if (object && f->unit)
		json_object_set_new(object, "unit", json_string(f->unit));
	return object;
}

static json_t *fields_json(const struct idl_type *t)
{
	json_t *list = json_array();

	for (size_t i = 0; list && t->kind == IDL_STRUCT && i < t->count; i++)
		json_array_append_new(list, field_json(&t->fields[i]));
	return list;
}

static json_t *names_json(const struct idl_type *t)
{
	json_t *list = json_array();

	for (size_t i = 0; list && i < t->count; i++)
		json_array_append_new(list, json_string(t->names[i]));
	return list;
}

static void add_parts(json_t *object, const struct idl_member *m)
{
	if (m->kind == IDL_METHOD) {
		json_object_set_new(object, "access", json_string(access_class_name(m->access)));
		if (m->granted)
			json_object_set_new(object, "granted", json_true());
		json_object_set_new(object, "parameters", fields_json(&m->type));
		json_object_set_new(object, "reply", fields_json(&m->reply));
	} else if (m->type.kind == IDL_ENUM) {
		json_object_set_new(object, "names", names_json(&m->type));
	} else {
		json_object_set_new(object, "fields", fields_json(&m->type));
	}
}

int layout_member_json(struct leo *l, const struct idl *idl, const struct idl_member *m, bool asked)
{
	_cleanup_(json_decrefp) json_t *object =
		json_pack("{s:s, s:s, s:s, s:s, s:s}", "interface", idl->name, "source",
			  asked ? "service" : "file", "kind", kinds[m->kind], "name", m->name,
			  "comment", m->comment);

	if (!object)
		return -ENOMEM;
	add_parts(object, m);
	return out_json(l, object);
}
