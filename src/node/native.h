/*
 * What is in no file: what the processor itself says about a hypervisor, and in whose namespaces
 * this process is.
 */
#ifndef NODE_NATIVE_H
#define NODE_NATIVE_H

#include <stdbool.h>

enum { HYPERVISOR_SIGNATURE_MAX = 13 };

/* The signature of the hypervisor, escaped for printing: letters only; "" when there is none or the
 * architecture has no such thing (native_x86.c, native_other.c). */
void hypervisor_signature(char ret_signature[HYPERVISOR_SIGNATURE_MAX]);

/* Whether process ids, host name and cgroups are those that the kernel booted with. No engine
 * starts a container without at least one of its own. */
bool namespaces_are_first(void);

#endif
