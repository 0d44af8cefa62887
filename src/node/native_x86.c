/*
 * The hypervisor's signature on x86: a bit of CPUID leaf 1 says that there is one, leaf 0x40000000
 * has twelve letters (Intel SDM volume 2, CPUID, "reserved for software").
 */
#include "node/native.h"

#include <cpuid.h>
#include <stdint.h>
#include <string.h>

enum { HYPERVISOR_BIT = 31, HYPERVISOR_LEAF = 0x40000000 };

void hypervisor_signature(char ret_signature[HYPERVISOR_SIGNATURE_MAX])
{
	uint32_t a, b, c, d;

	memset(ret_signature, 0, HYPERVISOR_SIGNATURE_MAX);
	if (!__get_cpuid(1, &a, &b, &c, &d) || !(c >> HYPERVISOR_BIT & 1))
		return;
	__cpuid(HYPERVISOR_LEAF, a, b, c, d);
	memcpy(ret_signature, &b, sizeof(b));
	memcpy(ret_signature + 4, &c, sizeof(c));
	memcpy(ret_signature + 8, &d, sizeof(d));
	for (char *p = ret_signature; *p; p++)
		if (*p < ' ' || *p > '~' || *p == '\\')
			*p = '?';
}
