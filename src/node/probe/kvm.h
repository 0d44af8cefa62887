/*
 * Trials of KVM: whether a guest really boots, and what the kernel says about recording what it
 * writes.
 */
#ifndef NODE_PROBE_KVM_H
#define NODE_PROBE_KVM_H

#include "node/finding.h"

/* Trial functions; @data is NULL. */
void kvm_trial_boot(struct finding *f, const void *data);
void kvm_trial_dirty_ring(struct finding *f, const void *data);

/* Opens /dev/kvm and checks its API version; a descriptor, or a negative errno, of which the
 * finding tells already. */
int kvm_open(struct finding *f);

/* Boots a guest of this machine's architecture with the open /dev/kvm: kvm_x86_64.c, kvm_other.c.
 */
void kvm_boot(struct finding *f, int kvm);

#endif
