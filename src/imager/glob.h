/*
 * Patterns over absolute paths.
 *
 *   *      any bytes, also none, but no '/'
 *   **     any bytes, also none, '/' among them
 *   ?      one byte, but no '/'
 *   [a-z]  one byte of the set, [!a-z] or [^a-z] one outside of it; never a '/'
 *   \c     the byte c itself
 *
 * A pattern matches a whole path or not at all. All of it is about bytes, not characters. The
 * time of a match is bounded by pattern length times path length, for any pattern: see glob.c.
 */
#ifndef IMAGER_GLOB_H
#define IMAGER_GLOB_H

#include <stdbool.h>

/* More pieces than this (a literal byte is one piece) make no pattern. */
#define GLOB_PIECES_MAX 1024

struct glob;

/* -EINVAL when @pattern is none: empty, not starting with / or *, an open set, a last backslash. */
int glob_new(const char *pattern, struct glob **ret_glob);
void glob_free(struct glob *g);

bool glob_match(const struct glob *g, const char *path);

#endif
