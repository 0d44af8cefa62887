/*
 * Words for completion; see words.h. What cannot be read offers nothing: a completion is no place
 * for messages.
 */
#include "leo/words.h"

#include <string.h>

#include "base/def.h"
#include "base/str.h"
#include "leo/api.h"
#include "leo/registry.h"
#include "leo/service.h"
#include "leo/text.h"

void words_dirs(struct leo *l, const char *word, FILE *f)
{
	fputs(WORDS_DIRS "\n", f);
}

void words_commands(struct leo *l, const char *word, FILE *f)
{
	for (size_t i = 0; i < registry_count(); i++)
		fprintf(f, "%s\t%s\n", registry_at(i)->name, registry_at(i)->summary);
}

void words_services(struct leo *l, const char *word, FILE *f)
{
	_cleanup_(service_list_deinit) struct service_list list = {};

	if (service_list(l->root_fd, &list) < 0)
		return;
	for (size_t i = 0; i < list.count; i++)
		fprintf(f, "%s\t%s\n", list.items[i].name, list.items[i].interface);
}

/* The first sentence of a comment, as what stands behind a word. */
static void describe(FILE *f, const char *comment)
{
	_cleanup_free_ char *text = NULL;

	if (text_summary(comment, &text) == 0 && *text)
		fprintf(f, "\t%s", text);
	fputc('\n', f);
}

static void print_members(FILE *f, const struct idl *idl, bool only_methods)
{
	for (size_t i = 0; i < idl->member_count; i++) {
		const struct idl_member *m = &idl->members[i];

		if (only_methods && m->kind != IDL_METHOD)
			continue;
		fprintf(f, "%s.%s", api_short(idl->name), m->name);
		describe(f, m->comment);
	}
}

static void offer(struct leo *l, FILE *f, bool interfaces, bool members, bool only_methods)
{
	_cleanup_(str_vector_free_p) char **names = NULL;

	if (api_list(l->root_fd, &names) < 0)
		return;
	for (size_t i = 0; names[i]; i++) {
		_cleanup_(idl_free_p) struct idl *idl = NULL;
		_cleanup_free_ char *problem = NULL;

		if (api_load(l->root_fd, names[i], &idl, &problem) < 0)
			continue;
		if (interfaces) {
			fputs(api_short(names[i]), f);
			describe(f, idl->comment);
		}
		if (members)
			print_members(f, idl, only_methods);
	}
}

void words_members(struct leo *l, const char *word, FILE *f)
{
	bool dot = strchr(word, '.');

	offer(l, f, !dot, dot, false);
}

void words_methods(struct leo *l, const char *word, FILE *f)
{
	offer(l, f, false, true, true);
}
