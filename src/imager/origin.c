/*
 * Explaining every path; see origin.h.
 */
#include "origin.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/def.h"
#include "escape.h"
#include "rules.h"
#include "tree.h"

#define PRINTED_MAX 50

static const unsigned explaining = 1 << RULE_SCRIPT | 1 << RULE_TRIGGER | 1 << RULE_STEP;

/* SHA-256 of nothing, FIPS 180-4: what an emptied file has. */
static const unsigned char sha256_empty[TREE_SHA256_LEN] = {
	0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4,
	0xc8, 0x99, 0x6f, 0xb9, 0x24, 0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b,
	0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55,
};

struct trim {
	struct tree *tree;
	struct rules *rules;
};

/* A directory comes before what is below it: whether it is dropped is known by then. */
static bool is_below_dropped(const struct tree *tree, const struct dentry *e)
{
	char directory[PATH_MAX];
	size_t len = e->name - e->path - 1;
	const struct dentry *parent;

	memcpy(directory, e->path, len);
	directory[len] = '\0';
	parent = len ? tree_find(tree, directory) : NULL;
	return parent && parent->dropped;
}

static int trim_entry(struct dentry *e, void *data)
{
	const struct trim *t = data;
	const struct rule *rule;

	if (is_below_dropped(t->tree, e) || rules_find(t->rules, 1 << RULE_DROP, e->path)) {
		e->dropped = true;
		return 0;
	}
	if (e->step || !S_ISREG(e->node->mode))
		return 0;
	rule = rules_find(t->rules, 1 << RULE_EMPTY, e->path);
	if (!rule)
		return 0;
	e->emptied = rule->name;
	e->node->size_bytes = 0;
	memcpy(e->node->sha256, sha256_empty, sizeof(sha256_empty));
	return 0;
}

/* mke2fs makes this directory, as it likes: what the tree has there gives way. */
static int enter_lost_found(struct tree *tree, int64_t epoch_s, struct err *err)
{
	_cleanup_(node_unrefp) struct node *node = node_new(S_IFDIR | 0700);
	struct dentry *e = tree_find(tree, "/lost+found");

	if (e && !S_ISDIR(e->node->mode))
		return err_set(err, -ENOTDIR, "/lost+found is not a directory");
	if (!node)
		return err_oom(err);
	node->mtime_s = epoch_s;
	if (tree_insert(tree, "/lost+found", node, &e) < 0)
		return err_oom(err);
	e->dropped = false;
	free(e->origin);
	e->origin = strdup("step:mke2fs");
	return e->origin ? 0 : err_oom(err);
}

int origin_trim(struct tree *tree, struct rules *rules, int64_t epoch_s, struct err *err)
{
	struct trim t = {tree, rules};

	tree_walk(tree, trim_entry, &t);
	return enter_lost_found(tree, epoch_s, err);
}

/* Does the entry need a rule? @ret_why is what to say when there is none. */
static bool needs_rule(const struct dentry *e, const char **ret_why)
{
	if (!e->package) {
		*ret_why = "no package and no rule explains";
		return true;
	}
	*ret_why = "no rule explains the change to the package's";
	return e->md5_known && !e->md5_matched && !e->emptied;
}

static int set_origin(struct dentry *e, const struct rule *rule)
{
	const char *parts[][2] = {
		{"package", e->package},
		{rule ? rule_kind_name(rule->kind) : NULL, rule ? rule->name : NULL},
		{"empty", e->emptied},
	};
	size_t len = 0;
	FILE *f = open_memstream(&e->origin, &len);

	if (!f)
		return -ENOMEM;
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		if (parts[i][1])
			fprintf(f, "%s%s:%s", ftell(f) ? "," : "", parts[i][0], parts[i][1]);
	return fclose(f) == 0 ? 0 : -ENOMEM;
}

/* Sets the origin of one entry; 1 when nothing explains it. */
static int assign(struct dentry *e, struct rules *rules, const char **ret_why)
{
	const struct rule *rule = NULL;

	if (e->origin)
		return 0;
	if (e->step) {
		e->origin = strdup("step:tree");
		return e->origin ? 0 : -ENOMEM;
	}
	if (needs_rule(e, ret_why)) {
		rule = rules_find(rules, explaining, e->path);
		if (!rule)
			return 1;
	}
	return set_origin(e, rule);
}

static void print(const struct dentry *e, const char *why)
{
	fprintf(stderr, "imager: %s ", why);
	escape_print(stderr, e->path);
	if (e->package)
		fprintf(stderr, " (package %s)", e->package);
	fputc('\n', stderr);
}

int origin_assign(struct tree *tree, struct rules *rules, struct err *err)
{
	size_t unexplained = 0;

	for (size_t i = 0; i < tree->count; i++) {
		const char *why;
		int r = assign(tree->entries[i], rules, &why);

		if (r < 0)
			return err_oom(err);
		if (r > 0 && unexplained++ < PRINTED_MAX)
			print(tree->entries[i], why);
	}
	if (unexplained > PRINTED_MAX)
		fprintf(stderr, "imager: and %zu more\n", unexplained - PRINTED_MAX);
	if (unexplained)
		return err_set(err, -EPERM, "%zu paths of the tree are not explained", unexplained);
	return 0;
}
