/*
 * The kernel's names of numbers, for programs of BPF: libbpf's headers want them, and such a
 * program has no header of the system.
 */
#ifndef BASE_BPFTYPES_H
#define BASE_BPFTYPES_H

typedef unsigned char __u8;
typedef unsigned short __u16;
typedef unsigned int __u32;
typedef unsigned long long __u64;
typedef short __s16;
typedef int __s32;
typedef long long __s64;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u32 __wsum;
typedef _Bool bool;

#endif
