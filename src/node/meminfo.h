/*
 * /proc/meminfo, and the meminfo of a NUMA node, whose lines begin with "Node N".
 */
#ifndef NODE_MEMINFO_H
#define NODE_MEMINFO_H

#include <stdint.h>

/*
 * The value of the line "@key: N kB" in bytes, or as it is where it has no unit. -ENOENT when there
 * is no such line, -EINVAL when it is none of these, -ERANGE when it does not fit.
 */
int meminfo_find(const char *text, const char *key, uint64_t *ret_value);

#endif
