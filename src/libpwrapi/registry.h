/*
 * The one registration of a program: which connection its calls use.
 *
 * A child of fork() has none: it neither closes, ends nor reads its parent's connection.
 */
#ifndef LIBPWRAPI_REGISTRY_H
#define LIBPWRAPI_REGISTRY_H

struct connection;

/* For the next registration. A code of pwrerr.h. */
int registry_set_path(const char *path);

/* Codes of pwrerr.h. Registering again changes nothing; so does ending what there is not. */
int registry_begin(void);
int registry_end(void);

/* NULL, or a reference for the caller. */
struct connection *registry_get(void);

#endif
