/*
 * A type as the grammar writes it, on one line; see idl.h. A named type is its name, so that the
 * depth is that of one declaration.
 */
#include "rpc/idl.h"

#include <errno.h>
#include <stdio.h>

#include "base/def.h"

static void put_type(FILE *f, const struct idl_type *t);

static void put_struct(FILE *f, const struct idl_type *t)
{
	fputc('(', f);
	for (size_t i = 0; i < t->count; i++) {
		fprintf(f, "%s%s: ", i ? ", " : "", t->fields[i].name);
		put_type(f, &t->fields[i].type);
	}
	fputc(')', f);
}

static void put_enum(FILE *f, const struct idl_type *t)
{
	fputc('(', f);
	for (size_t i = 0; i < t->count; i++)
		fprintf(f, "%s%s", i ? ", " : "", t->names[i]);
	fputc(')', f);
}

static void put_type(FILE *f, const struct idl_type *t)
{
	static const char *const words[] = {
		[IDL_BOOL] = "bool",	 [IDL_INT] = "int",	  [IDL_FLOAT] = "float",
		[IDL_STRING] = "string", [IDL_OBJECT] = "object", [IDL_ARRAY] = "[]",
		[IDL_MAP] = "[string]",
	};

	if (t->maybe)
		fputc('?', f);
	if (t->kind == IDL_NAMED)
		fputs(t->named->name, f);
	else if (t->kind == IDL_STRUCT)
		put_struct(f, t);
	else if (t->kind == IDL_ENUM)
		put_enum(f, t);
	else
		fputs(words[t->kind], f);
	if (t->kind == IDL_ARRAY || t->kind == IDL_MAP)
		put_type(f, t->element);
}

int idl_type_text(const struct idl_type *type, char **ret_text)
{
	_cleanup_free_ char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);
	bool failed;

	if (!f)
		return -ENOMEM;
	put_type(f, type);
	failed = ferror(f);
	if (fclose(f) != 0 || failed)
		return -ENOMEM;
	*ret_text = take_ptr(text);
	return 0;
}
