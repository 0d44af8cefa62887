/*
 * Values against their types; see idl.h.
 *
 * The walk goes down the value and the type together, so that a type which refers to itself costs
 * nothing: the value ends, at most IDL_DEPTH_MAX arrays and objects deep. Where something is wrong
 * is known from a chain of places on the stack, which becomes a text only then.
 */
#include "rpc/idl.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Where to write what is wrong. */
struct path {
	char *text;
	size_t size, len;
};

/* A value within another: a member of an object or, without a name, an element of an array. */
struct place {
	const struct place *parent; /* NULL: the value itself */
	const char *name;
	size_t index;
	unsigned depth; /* 1: the value itself */
	struct path *path;
};

typedef int (*check_fn)(const struct idl_type *type, const json_t *value, const struct place *p);

static int check(const struct idl_type *type, const json_t *value, const struct place *p);

/* Adds @text; what there is no room for is cut off, between characters, and ends the path. */
static void add(struct path *path, const char *text)
{
	size_t len = strlen(text), room = path->size - path->len - 1;

	if (len > room) {
		for (len = room; len && ((unsigned char)text[len] & 0xc0) == 0x80;)
			len--;
		path->size = path->len + len + 1;
	}
	memcpy(path->text + path->len, text, len);
	path->len += len;
	path->text[path->len] = '\0';
}

/* Recursion of IDL_DEPTH_MAX + 1 at most: so long are the chains that check() makes. */
static void add_place(const struct place *p)
{
	char index[32];

	if (!p->parent)
		return;
	add_place(p->parent);
	if (p->name) {
		add(p->path, p->path->len ? "." : "");
		add(p->path, p->name);
		return;
	}
	snprintf(index, sizeof(index), "[%zu]", p->index);
	add(p->path, index);
}

static int wrong(const struct place *p)
{
	if (p->path->size == 0)
		return -EINVAL;
	p->path->text[0] = '\0';
	add_place(p);
	return -EINVAL;
}

static struct place member_of(const struct place *p, const char *name)
{
	return (struct place){.parent = p, .name = name, .depth = p->depth + 1, .path = p->path};
}

static struct place element_of(const struct place *p, size_t index)
{
	return (struct place){.parent = p, .index = index, .depth = p->depth + 1, .path = p->path};
}

static int check_bool(const struct idl_type *type, const json_t *value, const struct place *p)
{
	return json_is_boolean(value) ? 0 : wrong(p);
}

static int check_int(const struct idl_type *type, const json_t *value, const struct place *p)
{
	return json_is_integer(value) ? 0 : wrong(p);
}

static int check_float(const struct idl_type *type, const json_t *value, const struct place *p)
{
	return json_is_number(value) ? 0 : wrong(p);
}

static int check_string(const struct idl_type *type, const json_t *value, const struct place *p)
{
	return json_is_string(value) ? 0 : wrong(p);
}

static int check_enum(const struct idl_type *type, const json_t *value, const struct place *p)
{
	const char *name = json_string_value(value);

	for (size_t i = 0; name && i < type->count; i++)
		if (strcmp(type->names[i], name) == 0)
			return 0;
	return wrong(p);
}

/* Anything, as long as it ends: the inside of an "object". */
static int check_depth(const json_t *value, const struct place *p)
{
	const char *name;
	json_t *inner;
	size_t i;
	int r = 0;

	if ((json_is_object(value) || json_is_array(value)) && p->depth > IDL_DEPTH_MAX)
		return wrong(p);
	json_object_foreach((json_t *)value, name, inner)
	{
		struct place member = member_of(p, name);

		r = check_depth(inner, &member);
		if (r < 0)
			return r;
	}
	json_array_foreach(value, i, inner)
	{
		struct place element = element_of(p, i);

		r = check_depth(inner, &element);
		if (r < 0)
			return r;
	}
	return 0;
}

static int check_object(const struct idl_type *type, const json_t *value, const struct place *p)
{
	return json_is_object(value) ? check_depth(value, p) : wrong(p);
}

static bool has_field(const struct idl_type *type, const char *name)
{
	for (size_t i = 0; i < type->count; i++)
		if (strcmp(type->fields[i].name, name) == 0)
			return true;
	return false;
}

/* @value may be NULL, which has no members. */
static int check_members(const struct idl_type *type, const json_t *value, const struct place *p)
{
	const char *name;
	json_t *inner;
	size_t known = 0;

	for (size_t i = 0; i < type->count; i++) {
		const struct idl_field *f = &type->fields[i];
		struct place member = member_of(p, f->name);
		int r;

		inner = json_object_get(value, f->name);
		known += inner != NULL;
		r = check(&f->type, inner, &member);
		if (r < 0)
			return r;
	}
	if (known == json_object_size(value))
		return 0;
	json_object_foreach((json_t *)value, name, inner) if (!has_field(type, name))
	{
		struct place member = member_of(p, name);

		return wrong(&member);
	}
	return 0;
}

static int check_struct(const struct idl_type *type, const json_t *value, const struct place *p)
{
	return json_is_object(value) ? check_members(type, value, p) : wrong(p);
}

static int check_array(const struct idl_type *type, const json_t *value, const struct place *p)
{
	json_t *inner;
	size_t i;

	if (!json_is_array(value))
		return wrong(p);
	json_array_foreach(value, i, inner)
	{
		struct place element = element_of(p, i);
		int r = check(type->element, inner, &element);

		if (r < 0)
			return r;
	}
	return 0;
}

static int check_map(const struct idl_type *type, const json_t *value, const struct place *p)
{
	const char *name;
	json_t *inner;

	if (!json_is_object(value))
		return wrong(p);
	json_object_foreach((json_t *)value, name, inner)
	{
		struct place member = member_of(p, name);
		int r = check(type->element, inner, &member);

		if (r < 0)
			return r;
	}
	return 0;
}

static const check_fn checks[] = {
	[IDL_BOOL] = check_bool,     [IDL_INT] = check_int,	  [IDL_FLOAT] = check_float,
	[IDL_STRING] = check_string, [IDL_OBJECT] = check_object, [IDL_ENUM] = check_enum,
	[IDL_STRUCT] = check_struct, [IDL_ARRAY] = check_array,	  [IDL_MAP] = check_map,
};

/* @value NULL: a member that is not there. */
static int check(const struct idl_type *type, const json_t *value, const struct place *p)
{
	if (!value || json_is_null(value))
		return type->maybe ? 0 : wrong(p);
	if ((json_is_object(value) || json_is_array(value)) && p->depth > IDL_DEPTH_MAX)
		return wrong(p);
	/* The grammar has no name for a name: one step leads to the type itself. */
	if (type->kind == IDL_NAMED)
		type = &type->named->type;
	return checks[type->kind](type, value, p);
}

int idl_check(const struct idl_type *type, const json_t *value, char *ret_path, size_t size)
{
	struct path path = {.text = ret_path, .size = size};
	struct place root = {.depth = 1, .path = &path};

	if (!value && type->kind == IDL_STRUCT)
		return check_members(type, NULL, &root);
	return check(type, value, &root);
}
