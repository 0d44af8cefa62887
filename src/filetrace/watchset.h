/*
 * Which paths are under watch: patterns and rules of what to ignore, without the file system.
 *
 * A pattern is an absolute path whose parts may hold *, ? and [] of glob(7). What it names is under
 * watch, and when that is a directory, all below it. A rule to ignore is a pattern of the same
 * kind, or one without a slash, which is matched against each part of a path ("*.swp"). A pattern
 * that names a path literally wins over ignoring: /etc/mtab can be added although it is ignored; so
 * can a directory, and then rules count only for what is below it. How parts match: globpart.h.
 */
#ifndef FILETRACE_WATCHSET_H
#define FILETRACE_WATCHSET_H

#include <stdbool.h>
#include <stddef.h>

enum { WATCH_PATTERN_BYTES = 4096, WATCH_PATTERNS = 4096 };

struct watchset;

int watchset_new(struct watchset **ret_set);
void watchset_free(struct watchset *s);
void watchset_free_p(struct watchset **s);

/*
 * -EINVAL for a pattern that is not absolute, holds "." or ".." or an empty part, or matches
 * everything ("/", "/\*"), is too long or holds a name that no file can have. -EEXIST, -E2BIG.
 * *@ret_problem is a static text then. A trailing slash is dropped. Bytes, not escaped.
 */
int watchset_add(struct watchset *s, const char *pattern, bool user, const char **ret_problem);
/* -ENOENT. Patterns behind it move up by one. */
int watchset_remove(struct watchset *s, const char *pattern);
/* As watchset_add(); a rule that is there already is as good. */
int watchset_ignore(struct watchset *s, const char *pattern, const char **ret_problem);

/* Whether @path, a file's or a link's, is under watch. */
bool watchset_matches(const struct watchset *s, const char *path);

enum reach {
	REACH_NONE, /* nothing in it or below can match */
	REACH_NAMES, /* some names in it can: watchset_next() tells which */
	REACH_ENTRIES, /* any name in it can, by a glob, but not all below */
	REACH_ALL, /* it and all below are under watch */
};

/* What can be under watch in the directory @path. */
enum reach watchset_reach(const struct watchset *s, const char *path);

/*
 * The names in the directory @path that lead to something under watch, where they are literal: for
 * each of them @fn is called; a name twice may be told twice. @last: it ends a pattern; else it is
 * a directory on the way to one. A non-zero result of @fn ends it and is returned.
 */
int watchset_names(const struct watchset *s, const char *path,
		   int (*fn)(void *data, const char *name, bool last), void *data);

/* Patterns in order of their adding. NULL behind the last. */
const char *watchset_pattern(const struct watchset *s, size_t i, bool *ret_user);
/* The pattern by which @path is under watch, the first one; SIZE_MAX for none. */
size_t watchset_which(const struct watchset *s, const char *path);

#endif
