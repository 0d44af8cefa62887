/*
 * What every file of core uses: array sizes, error numbers, and where a caller's bug ends.
 *
 * Nothing here, and nothing in core, needs more than the compiler's own headers.
 */
#ifndef CORE_DEF_H
#define CORE_DEF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ARRAY_SIZE(x) (sizeof(x) / sizeof((x)[0]))

/* The numbers of Linux; a C library that is there defines the same, before or after this. */
#ifndef EINVAL
#define EINVAL 22
#endif
#ifndef ERANGE
#define ERANGE 34
#endif

/*
 * For a bug of the caller, never for input: stops with the processor's trap instruction, before
 * memory is touched that is not the object's. It stays in release builds, and costs a compare.
 */
#define core_assert(x) ((x) ? (void)0 : __builtin_trap())

#endif
