/*
 * Names of running labs: a name is a socket in a directory that only its user can enter.
 *
 * The directory is leonhard-lab in $XDG_RUNTIME_DIR, or /tmp/leonhard-lab-UID. A directory that
 * belongs to somebody else, or that others may write to, is refused with -EPERM.
 */
#ifndef LAB_NAMES_H
#define LAB_NAMES_H

#include <stdbool.h>

/* 1 to 64 letters, digits, dots, dashes and underlines; neither dot nor dash in front. */
bool names_valid(const char *name);

/* Opens the directory, making it when it is not there. */
int names_open_directory(int *ret_fd);

/*
 * Claims @name: a listening socket. The socket of a lab that died is replaced; -EADDRINUSE when
 * the lab with this name is alive.
 */
int names_listen(int dirfd, const char *name, int *ret_fd);
void names_release(int dirfd, const char *name);

/* -ENOENT when no lab has this name. */
int names_connect(int dirfd, const char *name, int *ret_fd);

#endif
