/*
 * /proc/cpuinfo of all architectures: who made the processor, what it is called, and whether it
 * says that it is in a virtual machine.
 */
#ifndef NODE_CPUINFO_H
#define NODE_CPUINFO_H

#include <stdbool.h>

enum { CPUINFO_NAME_MAX = 128 };

struct cpuinfo {
	char vendor[CPUINFO_NAME_MAX],
		model[CPUINFO_NAME_MAX]; /* escaped; "" where it is not told */
	unsigned processors; /* entries in @text */
	bool hypervisor; /* the flag of that name */
};

/*
 * Reads as much of the file as @text holds; the names are those of its first entry that has them.
 * -ENOMEM.
 */
int cpuinfo_parse(const char *text, struct cpuinfo *ret_info);

#endif
