/*
 * Dividing a whole number by weights, so that the parts are whole and together are the whole: each
 * gets what its weight is due, rounded down, and what is left over goes, one by one, to those who
 * lost most by rounding (the method of the largest remainder).
 */
#ifndef PWRAPIS_ATTRIB_DIVIDE_H
#define PWRAPIS_ATTRIB_DIVIDE_H

#include <stddef.h>
#include <stdint.h>

/*
 * @ret_parts has @count numbers, and may be @weights itself. The sum of the weights is above 0 and
 * fits 64 bits. -ENOMEM.
 */
int divide(uint64_t whole, const uint64_t *weights, size_t count, uint64_t *ret_parts);

#endif
