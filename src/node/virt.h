/*
 * What the machine runs in: a container, a virtual machine, or nothing.
 */
#ifndef NODE_VIRT_H
#define NODE_VIRT_H

#include "node/machine.h"

enum { VIRT_NAME_MAX = 64, VIRT_EVIDENCE_MAX = 512 };

struct virt {
	char name[VIRT_NAME_MAX]; /* "none", "kvm", "docker", …; the innermost */
	char evidence[VIRT_EVIDENCE_MAX]; /* what says so, and what else was seen */
};

/* Always finds something: "none" where nothing speaks for another answer. */
void virt_detect(const struct machine *m, struct virt *ret_virt);

#endif
