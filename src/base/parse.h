/*
 * Numbers from text, with bounds: the whole string is a number in range, or it is an error.
 */
#ifndef BASE_PARSE_H
#define BASE_PARSE_H

#include <stdint.h>

/* Decimal digits only: no sign, no space. -EINVAL when it is none, -ERANGE out of @min..@max. */
int parse_u64(const char *text, uint64_t min, uint64_t max, uint64_t *ret_value);

/* The number at *@p, one digit at least; moves *@p behind it. -EINVAL for none, -ERANGE. */
int parse_digits(const char **p, uint64_t *ret_value);

/* As parse_u64(), with an optional suffix K, M, G or T (powers of 1024); the result is in bytes. */
int parse_bytes(const char *text, uint64_t min, uint64_t max, uint64_t *ret_bytes);

#endif
