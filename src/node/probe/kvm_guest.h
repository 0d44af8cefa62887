/*
 * What the trial's guest and its host agree on; also read by the assembler.
 */
#ifndef NODE_PROBE_KVM_GUEST_H
#define NODE_PROBE_KVM_GUEST_H

#define GUEST_PORT 0xe9
#define GUEST_VECTOR 0x40

/* Selectors in the guest's table of segments. SYSRET takes data at +8 and code at +16 from its
 * base. */
#define GUEST_CODE_SELECTOR 0x08
#define GUEST_DATA_SELECTOR 0x10
#define GUEST_USER_BASE 0x10
#define GUEST_USER_DATA_SELECTOR 0x18
#define GUEST_USER_CODE_SELECTOR 0x20

#endif
