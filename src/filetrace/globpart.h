/*
 * One part of a pattern, without a slash, against one name: *, ? and [] of glob(7).
 *
 * Bytes, not characters: ? is one byte. A dot in front is a byte like any other, for people watch
 * dotfiles with "*" too. [a-z], [!a-z], [^a-z] and classes such as [[:digit:]], of ASCII; a [ that
 * nothing closes is itself. A backslash is itself as well: names of units hold it ("a\x2db.mount");
 * [*] is how a star is meant as such. Time is at most the product of both lengths.
 */
#ifndef FILETRACE_GLOBPART_H
#define FILETRACE_GLOBPART_H

#include <stdbool.h>
#include <stddef.h>

/* The number of bytes in front that are no wildcard; @len when there is none. */
size_t globpart_head(const char *part, size_t len);
bool globpart_matches(const char *part, size_t part_len, const char *name, size_t len);

#endif
