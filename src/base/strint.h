/*
 * What the files behind str.h, the log and a table's layout share about single characters.
 */
#ifndef BASE_STRINT_H
#define BASE_STRINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* C0 and C1 controls and DEL. */
static inline bool str_is_control(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c <= 0x9f);
}

/* Terminal columns of a character: 0, 1 or 2. */
unsigned str_codepoint_width(uint32_t c);

/*
 * How many bytes of @s, whole characters with what combines with them, take @width columns at
 * most; the columns they do take go to *@ret_width.
 */
size_t str_fit(const char *s, size_t width, size_t *ret_width);

#endif
