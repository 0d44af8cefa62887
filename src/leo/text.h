/*
 * Bytes of others made fit for a terminal, and small texts for people.
 *
 * What a service sends is escaped already, where it holds bytes of the kernel; a hostile service, a
 * log line or an argument may hold anything. text_clean() leaves nothing that a terminal would
 * obey, and leaves a backslash alone, since what is escaped already must not be escaped again.
 */
#ifndef LEO_TEXT_H
#define LEO_TEXT_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/*
 * A copy of @len bytes in which every control character (as of base/str.h) and every byte of an
 * invalid sequence is written \xHH; line ends and tabs are control characters too. The caller's.
 */
int text_clean(const char *bytes, size_t len, char **ret_text);

/* A deep copy of @value in which each string and each key is clean; the caller's, or NULL. What is
 * missing from a reply (NULL) becomes a null. */
json_t *text_clean_json(const json_t *value);

/*
 * @value as JSON on one line, the caller's. It is safe for a terminal, and still the same value:
 * DEL and the control characters from U+0080 are written \u00HH too, which JSON does not ask for.
 */
int text_json(const json_t *value, char **ret_text);

enum { TEXT_BYTES_MAX = 32 };

/* "512 B", "15.6 GiB". */
void text_bytes(uint64_t bytes, char out[TEXT_BYTES_MAX]);

/* The first sentence of a comment on one line, clean, without its full stop; the caller's. */
int text_summary(const char *comment, char **ret_text);

/*
 * Prints @text with its words wrapped at @width columns (0: 80) and a line end, each line behind
 * @indent spaces. @column is where the first line stands already: 0 at its start.
 */
void text_wrap(FILE *f, const char *text, unsigned indent, unsigned column, unsigned width);

#endif
