/*
 * Text: UTF-8, the reversible escaping of bytes from the kernel, vectors and growing buffers.
 *
 * Escaping (docs/format/escape.md): paths and arguments are bytes, JSON is UTF-8. Valid UTF-8
 * travels as it is; every byte of an invalid sequence, every control character (U+0000 to U+001F,
 * U+007F, U+0080 to U+009F, each byte of it) and the backslash travel as \xHH, two lower-case
 * hex digits. Reading takes that form alone, its digits in either case; an escape of what travels
 * as it is, is an error. So each byte string has exactly one written form, and each written form
 * exactly one byte string.
 */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The length, 1 to 4 bytes, of the UTF-8 sequence at @s; 0 when it is no valid one (RFC 3629). */
size_t str_utf8_sequence(const void *s, size_t len, uint32_t *ret_codepoint);
bool str_utf8_valid(const void *s, size_t len);

/*
 * Terminal columns of @s: wide characters count 2, combining and control characters 0, and a byte
 * that is no UTF-8 counts 1.
 */
size_t str_width(const char *s);

/* The escaped form of @len bytes, NUL-terminated, the caller's. -ENOMEM. */
int str_escape(const void *bytes, size_t len, char **ret_text);

/*
 * The bytes that @text stands for, with a NUL added behind them. -EINVAL for a text that is not
 * what str_escape() writes, apart from the case of digits.
 */
int str_unescape(const char *text, char **ret_bytes, size_t *ret_len);

static inline bool str_equal(const char *a, const char *b)
{
	return __builtin_strcmp(a, b) == 0;
}
bool str_starts(const char *s, const char *prefix);
bool str_ends(const char *s, const char *suffix);

/* Cuts white space at both ends, in place; returns the start. */
char *str_strip(char *s);

/* Splits at white space into a new NULL-terminated vector; empty text gives an empty one. */
int str_split(const char *text, char ***ret_words);
/* Frees the vector and its strings; takes NULL. For _cleanup_: str_vector_free_p. */
void str_vector_free(char **words);
void str_vector_free_p(char ***words);
size_t str_vector_count(char *const *words);
bool str_vector_contains(char *const *words, const char *word);

/* A growing buffer. Zero is the empty one. An append that fails leaves it as it was. */
struct strbuf {
	char *text; /* NUL-terminated once anything was added; else NULL */
	size_t len, cap;
};

void strbuf_deinit(struct strbuf *b);
int strbuf_add(struct strbuf *b, const void *bytes, size_t len);
__attribute__((format(printf, 2, 3))) int strbuf_addf(struct strbuf *b, const char *format, ...);
/* Hands the text out (never NULL on success; "" when empty) and empties the buffer. */
int strbuf_steal(struct strbuf *b, char **ret_text);

#endif
