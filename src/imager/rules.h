/*
 * The rules of an image: which paths no package lists and why they are there all the same, and
 * which paths or contents are left out.
 *
 * One rule a line, `KIND NAME GLOB...`; blank lines and lines starting with # are left out.
 */
#ifndef IMAGER_RULES_H
#define IMAGER_RULES_H

#include <stdbool.h>
#include <stddef.h>

#include "err.h"

enum rule_kind { RULE_SCRIPT, RULE_TRIGGER, RULE_STEP, RULE_DROP, RULE_EMPTY };

struct glob;

struct rule {
	enum rule_kind kind;
	char *name;
	char *file; /* where it was read, for messages */
	unsigned line;
	bool shared; /* from a file that serves several images: most may match nothing */
	bool used;
	struct glob **globs;
	size_t glob_count;
};

struct rules {
	struct rule *rules;
	size_t count, allocated;
};

void rules_deinit(struct rules *rules);

/* Adds the rules in @text, which is cut into pieces; @file names it in messages. */
int rules_parse(struct rules *rules, char *text, const char *file, bool shared, struct err *err);

/* Adds the rules in the file @path, relative to the directory @dirfd; @name is used in messages. */
int rules_load(struct rules *rules, int dirfd, const char *path, const char *name, bool shared,
	       struct err *err);

/* The first rule of those kinds (a mask of 1 << kind) that matches @path, or NULL; marks it used.
 */
struct rule *rules_find(struct rules *rules, unsigned kinds, const char *path);

/* The word for a kind in a rules file and in an origin. */
const char *rule_kind_name(enum rule_kind kind);

#endif
