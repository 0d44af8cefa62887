/*
 * Whether guests run under KVM here: not whether the device exists, but whether one has run.
 */
#ifndef LAB_ACCEL_H
#define LAB_ACCEL_H

#include "lab/artifacts.h"
#include "lab/loop.h"

enum { ACCEL_PROBE_MS = 20000 };

/*
 * Boots a guest that has only a kernel under KVM and runs a command in it: 0 when that went well,
 * -ENODEV when it did not, -EINTR as of loop.h.
 */
int accel_probe(struct loop *l, const struct artifacts *a);

/*
 * Whether to use KVM, as --accel says. "auto" means that a probe has passed; its answer is kept
 * beside the labs' sockets until the host boots anew, or another QEMU or kernel is used.
 */
int accel_choose(struct loop *l, const struct options *o, const struct artifacts *a, int dirfd,
		 bool *ret_kvm);

#endif
