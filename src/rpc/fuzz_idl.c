/*
 * Fuzzing the interface parser: whatever it takes must print and be found, and what it takes
 * strictly it must take otherwise.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/def.h"
#include "rpc/idl.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool condition)
{
	if (!condition)
		__builtin_trap();
}

static void print(const struct idl_type *t)
{
	_cleanup_free_ char *text = NULL;

	must(idl_type_text(t, &text) == 0 && *text);
	if (t->element)
		print(t->element);
	for (size_t i = 0; t->fields && i < t->count; i++) {
		must(*t->fields[i].name && t->fields[i].comment);
		print(&t->fields[i].type);
	}
}

static void use(const struct idl *idl)
{
	for (size_t i = 0; i < idl->member_count; i++) {
		const struct idl_member *m = &idl->members[i];

		for (enum idl_member_kind kind = IDL_TYPE; kind <= IDL_ERROR; kind++)
			must(idl_find(idl, kind, m->name) == (kind == m->kind ? m : NULL));
		must(m->comment && access_class_name(m->access));
		print(&m->type);
		if (m->kind == IDL_METHOD)
			print(&m->reply);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(idl_free_p) struct idl *strict = NULL, *idl = NULL;
	_cleanup_free_ char *problem = NULL, *strict_problem = NULL;
	int r = idl_parse((const char *)data, size, false, &idl, &problem);
	int strict_r = idl_parse((const char *)data, size, true, &strict, &strict_problem);

	must(strict_r < 0 || r == 0);
	must((r < 0) == (problem != NULL) && (strict_r < 0) == (strict_problem != NULL));
	if (r == 0) {
		must(strlen(idl->text) == size && memcmp(idl->text, data, size) == 0);
		use(idl);
	}
	return 0;
}
