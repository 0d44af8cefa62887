/*
 * Long output on a terminal: through the program that the person has named in $PAGER, else less.
 */
#ifndef LEO_PAGER_H
#define LEO_PAGER_H

#include <stddef.h>

/*
 * Shows @len bytes and returns when the person has left the pager. $PAGER is split at white space
 * and started without a shell; "cat" or nothing in it means none. -ENOENT when there is none, or it
 * could not be started: nothing was shown.
 */
int pager_show(const char *text, size_t len);

#endif
