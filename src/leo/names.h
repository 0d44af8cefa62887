/*
 * Names of the users and groups of a machine, for who reads and for who types.
 *
 * The machine's own are asked of the C library, which knows all that the machine knows (getpwuid);
 * below another root only its /etc/passwd and /etc/group are read. Each is asked once.
 */
#ifndef LEO_NAMES_H
#define LEO_NAMES_H

#include <stdint.h>

enum names_kind { NAMES_USER, NAMES_GROUP };

struct names;

int names_new(int root_fd, struct names **ret_names);
void names_free(struct names *n);
void names_free_p(struct names **n);

/* The name, clean (text.h), or the number as text where there is none; lives as long as @n. */
const char *names_of(struct names *n, enum names_kind kind, uint32_t id);

/* The number of a user. -ENOENT when there is no such name. */
int names_find_user(const struct names *n, const char *name, uint32_t *ret_uid);

#endif
