/*
 * The tree that is mounted: folders, links, and files that the plant shows and takes.
 *
 * It is made once. Files that come and go, as those of a governor do, are asked each time whether
 * they are there. A file is one row of a table of attributes, for one or two numbers of what it is
 * of (policy 3; processor 1, state 2).
 */
#ifndef PLANT_TREE_H
#define PLANT_TREE_H

#include <stddef.h>

#include "base/str.h"
#include "plant.h"

enum { TREE_NAME_BYTES = 48, TREE_PATH_BYTES = 160, TREE_NODES_MAX = 65536 };

struct attribute {
	const char *name; /* with # for the second number */
	unsigned mode;
	void (*show)(struct plant *p, unsigned i, unsigned j, struct strbuf *out);
	/* @text has no line end. 0 or a negative errno. */
	int (*store)(struct plant *p, unsigned i, unsigned j, const char *text);
	bool (*there)(struct plant *p, unsigned i, unsigned j);
};

enum node_type { NODE_FOLDER, NODE_FILE, NODE_LINK };

struct node {
	enum node_type type;
	unsigned parent, first_child, next; /* 0: none */
	unsigned i, j;
	const struct attribute *attribute; /* of a file; of a folder that comes and goes */
	char *link; /* owned */
	char name[TREE_NAME_BYTES];
};

struct tree {
	struct plant *plant;
	struct node *nodes; /* 0 is the root */
	unsigned count, room;
};

int tree_new(struct plant *p, struct tree *ret_tree);
void tree_deinit(struct tree *t);

/* Index of the child, or 0. */
unsigned tree_find(const struct tree *t, unsigned parent, const char *name);
/* Of a whole path without a slash in front, or 0. */
unsigned tree_walk(const struct tree *t, const char *path);
/* "sys/class/…", without a slash in front. */
void tree_path(const struct tree *t, unsigned node, char path[TREE_PATH_BYTES]);
/* The fault of the node now, and whether it is there. */
const struct fault *tree_fault(const struct tree *t, unsigned node);
bool tree_there(const struct tree *t, unsigned node);
/* What is read of a file, without faults; -ENOMEM. */
int tree_show(const struct tree *t, unsigned node, struct strbuf *out);
/* As a write(2) of @len bytes: 0, or a negative errno; faults count. */
int tree_store(const struct tree *t, unsigned node, const char *bytes, size_t len);

/* ---- for those who fill it; errors are kept until the end ---- */

struct maker {
	struct tree *tree;
	int error;
};

/* Folders are made as they are needed. */
unsigned make_folder(struct maker *m, const char *path);
__attribute__((format(printf, 2, 3))) unsigned make_folderf(struct maker *m, const char *format,
							    ...);
/* All rows; a name with # gets @j. */
void make_files(struct maker *m, unsigned folder, const struct attribute *list, size_t count,
		unsigned i, unsigned j);
void make_link(struct maker *m, const char *path, const char *target);

void make_cpus(struct maker *m);
void make_cpufreq(struct maker *m);
void make_idle(struct maker *m);
void make_powercap(struct maker *m);
void make_hwmon(struct maker *m);
void make_thermal(struct maker *m);
void make_proc(struct maker *m);

/* ---- what stores share ---- */

/* A decimal number, with a sign if @min is below 0. -EINVAL for none and out of bounds. */
int store_number(const char *text, long long min, long long max, long long *ret_number);
/* 0 or 1. */
int store_flag(const char *text, bool *ret_flag);
/* The index of the word. -EINVAL. */
int store_word(const char *text, const char *const *words, unsigned count);
/* "a b c" and a line end. */
void show_words(struct strbuf *out, const char *const *words, unsigned count);

#endif
