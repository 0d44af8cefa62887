/*
 * Which sockets can be made, and what can be asked of them: seccomp filters; see sandboxint.h and
 * seccomp(2).
 *
 * The families that are let through are named, not those that are refused: more families than
 * INET reach the network, some of them by way of it (AF_SMC, AF_TIPC, AF_PACKET, …).
 */
#include "base/sandboxint.h"

#include <endian.h>
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "base/def.h"

/* The architecture whose system calls have the numbers of SYS_*; 0 where we do not know it. */
#if defined(__x86_64__)
#define NATIVE_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define NATIVE_ARCH AUDIT_ARCH_AARCH64
#elif defined(__riscv) && __riscv_xlen == 64
#define NATIVE_ARCH AUDIT_ARCH_RISCV64
#else
#define NATIVE_ARCH 0
#endif

/* The x32 calls of x86-64 carry this bit: numbers of their own, for the same calls. */
#define FOREIGN_BIT 0x40000000

/* socket(2) takes an int, and ioctl(2) a request of 32 bits, so what the upper half of the register
 * holds does not count. */
#define ARGUMENT(n)                                                     \
	(offsetof(struct seccomp_data, args) + (n) * sizeof(uint64_t) + \
	 (BYTE_ORDER == BIG_ENDIAN ? sizeof(uint32_t) : 0))

#define LOAD(offset) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset)
#define RETURN(action) BPF_STMT(BPF_RET | BPF_K, action)
#define ERRNO(number) (SECCOMP_RET_ERRNO | (number))
/* Each decides whether the one instruction behind it is executed. */
#define IF_EQUAL(value) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1)
#define IF_NOT_EQUAL(value) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 1, 0)
#define IF_AT_LEAST(value) BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, value, 0, 1)

/* Refuses the calls of other architectures; then the number of the call is there. */
#define NATIVE_CALL                                                             \
	LOAD(offsetof(struct seccomp_data, arch)), IF_NOT_EQUAL(NATIVE_ARCH),   \
		RETURN(ERRNO(ENOSYS)), LOAD(offsetof(struct seccomp_data, nr)), \
		IF_AT_LEAST(FOREIGN_BIT), RETURN(ERRNO(ENOSYS))

enum { IOCTLS_MAX = 32 };

static const struct sock_filter program[] = {
	NATIVE_CALL,
	IF_EQUAL(SYS_io_uring_setup),
	RETURN(ERRNO(ENOSYS)),
	IF_NOT_EQUAL(SYS_socket),
	RETURN(SECCOMP_RET_ALLOW),
	LOAD(ARGUMENT(0)),
	IF_EQUAL(AF_UNIX),
	RETURN(SECCOMP_RET_ALLOW),
	IF_EQUAL(AF_NETLINK),
	RETURN(SECCOMP_RET_ALLOW),
	RETURN(ERRNO(EAFNOSUPPORT)),
};

static int enforce(const struct sock_filter *filter, size_t len)
{
	struct sock_fprog prog = {
		.len = (unsigned short)len,
		.filter = (struct sock_filter *)filter,
	};

	if (!NATIVE_ARCH)
		return -EOPNOTSUPP;
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog, 0, 0) == 0)
		return 0;
	/* EINVAL: the program is well-formed, so it is the mode that is not known. */
	return errno == EINVAL || errno == ENOSYS ? -EOPNOTSUPP : -errno;
}

int sandboxnet_enforce(void)
{
	return enforce(program, ARRAY_SIZE(program));
}

int sandboxnet_limit_ioctls(const uint32_t *requests)
{
	static const struct sock_filter head[] = {
		NATIVE_CALL,
		IF_NOT_EQUAL(SYS_ioctl),
		RETURN(SECCOMP_RET_ALLOW),
		LOAD(ARGUMENT(1)),
	};
	struct sock_filter filter[ARRAY_SIZE(head) + 2 * IOCTLS_MAX + 1];
	size_t len = ARRAY_SIZE(head);

	memcpy(filter, head, sizeof(head));
	for (; *requests; requests++) {
		if (len + 3 > ARRAY_SIZE(filter))
			return -E2BIG;
		filter[len++] = (struct sock_filter)IF_EQUAL(*requests);
		filter[len++] = (struct sock_filter)RETURN(SECCOMP_RET_ALLOW);
	}
	filter[len++] = (struct sock_filter)RETURN(ERRNO(ENOTTY));
	return enforce(filter, len);
}
