/*
 * Copying files and directories between the host and a guest, as tar over a command's channels.
 *
 * The result takes the name that was asked for, or goes into it when it is a directory. What comes
 * out of a guest is unpacked in a new directory first and renamed from there: a hostile guest
 * decides over the contents of what was asked for, and over nothing else.
 *
 * Functions return 0, a negative errno, or a positive status when tar, here or in the guest, has
 * failed and has said why.
 */
#ifndef LAB_COPY_H
#define LAB_COPY_H

#include "lab/loop.h"

/* @dest is absolute; directories that lead to it are made. A symbolic link @source is followed. */
int copy_in(struct loop *l, const char *source, const char *dest);

/* @source is absolute; a symbolic link is copied as one. */
int copy_out(struct loop *l, const char *source, const char *dest);

#endif
