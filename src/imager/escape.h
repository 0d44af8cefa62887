/*
 * Bytes as one line of UTF-8: every byte that is no part of valid UTF-8, every control character
 * (C0, DEL and C1) and the backslash are written \xHH, in lower case. The form is reversible.
 */
#ifndef IMAGER_ESCAPE_H
#define IMAGER_ESCAPE_H

#include <stdio.h>

/* Writes @text, escaped, to @out; errors stay with the stream (ferror). */
void escape_print(FILE *out, const char *text);

/* The escaped text in memory of the caller's, or NULL without memory. */
char *escape_dup(const char *text);

#endif
