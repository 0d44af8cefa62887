/*
 * A command line as a shell takes it, and text of many lines fit for a terminal.
 */
#ifndef LEO_QUOTE_H
#define LEO_QUOTE_H

#include <jansson.h>
#include <stdio.h>

/*
 * One argument, escaped as services send it (base/str.h), as a word that bash, zsh and ksh read as
 * those bytes: as it is, in '' where it has characters that mean something, in $'' where it has
 * escapes. It has no control character. The caller's.
 */
int quote_word(const char *escaped, char **ret_word);

/* All strings of an array, with blanks between; other members are left out. The caller's. */
int quote_command(const json_t *argv, char **ret_line);

/*
 * Prints @len bytes: lines as lines, tabs as tabs, and every other control character and byte of an
 * invalid sequence as \xHH. @style gives the colour of each line, an escape sequence or
 * ""; NULL: none. The bytes end with a NUL that is not among them.
 */
int quote_lines(FILE *f, const char *bytes, size_t len, const char *(*style)(const char *));

/* A style: as git colours a unified diff. */
const char *quote_diff_style(const char *line);

#endif
