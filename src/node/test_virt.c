/*
 * Tests of virt.c: what each witness says, and who is believed when they do not agree.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/testroot.h"
#include "node/virt.h"

static const struct testroot *root;

struct file {
	const char *path, *text;
};

static void test_witnesses(void **state)
{
	static const struct {
		const char *hypervisor;
		struct file files[3];
		const char *name, *evidence; /* evidence: how it begins */
	} cases[] = {
		{NULL, {}, "none", "no container manager or firmware"},
		{"", {}, "none", "no container manager, firmware or processor"},
		{"KVMKVMKVM", {}, "kvm", "CPUID leaf 0x40000000 says KVMKVMKVM"},
		{"TCGTCGTCGTCG", {}, "qemu", "CPUID"},
		{"NewNewNewNew", {}, "vm", "CPUID leaf 0x40000000 says NewNewNewNew"},
		{"KVMKVMKVM",
		 {{"sys/class/dmi/id/sys_vendor", "QEMU\n"}},
		 "kvm",
		 "CPUID leaf 0x40000000 says KVMKVMKVM; /sys/class/dmi/id/sys_vendor says QEMU "
		 "(qemu)"},
		{NULL, {{"sys/class/dmi/id/sys_vendor", "QEMU\n"}}, "qemu", "/sys/class/dmi"},
		{"KVMKVMKVM", {{"sys/class/dmi/id/sys_vendor", "Amazon EC2\n"}}, "amazon", "/sys"},
		{"",
		 {{"sys/class/dmi/id/sys_vendor", "Amazon EC2\n"},
		  {"sys/class/dmi/id/product_name", "m5.metal\n"}},
		 "none",
		 "/sys/class/dmi/id/product_name says bare metal"},
		{"", {{"sys/class/dmi/id/board_vendor", "Notebook KVM\n"}}, "none", "no"},
		{"XenVMMXenVMM", {{"sys/hypervisor/type", "xen\n"}}, "xen", "/sys/hypervisor/type"},
		{"XenVMMXenVMM",
		 {{"sys/hypervisor/type", "xen\n"}, {"proc/xen/capabilities", "control_d\n"}},
		 "none",
		 "/proc/xen/capabilities says control_d"},
		{NULL,
		 {{"sys/firmware/devicetree/base/hypervisor/compatible", "linux,kvm"}},
		 "kvm",
		 "the device tree"},
		{NULL,
		 {{"sys/firmware/devicetree/base/hypervisor/compatible", "new"}},
		 "vm",
		 "the device tree"},
		{NULL,
		 {{"sys/firmware/devicetree/base/model", "linux,dummy-virt"}},
		 "qemu",
		 "the device tree"},
		{NULL, {{"proc/cpuinfo", "flags : fpu hypervisor\n"}}, "vm", "/proc/cpuinfo"},
		{NULL, {{".dockerenv", ""}}, "docker", "/.dockerenv is there"},
		{NULL, {{"run/.containerenv", ""}}, "podman", "/run/.containerenv is there"},
		{NULL, {{"run/systemd/container", ""}}, "none", "no"},
		{NULL, {{"proc/vz/x", ""}}, "openvz", "/proc/vz"},
		{NULL, {{"proc/vz/x", ""}, {"proc/bc/x", ""}}, "none", "no"},
		{NULL,
		 {{"proc/sys/kernel/osrelease", "5.15.1-microsoft-WSL2\n"}},
		 "wsl",
		 "the kernel's release"},
		{"VMwareVMware",
		 {{"run/systemd/container", "lxc\n"}},
		 "lxc",
		 "/run/systemd/container says lxc; around it vmware: CPUID"},
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct machine m = {.root_fd = root->fd, .hypervisor = cases[i].hypervisor};
		struct virt v;

		for (size_t f = 0; f < ARRAY_SIZE(cases[i].files) && cases[i].files[f].path; f++)
			testroot_write(root, cases[i].files[f].path, cases[i].files[f].text);
		virt_detect(&m, &v);
		assert_string_equal(v.name, cases[i].name);
		assert_memory_equal(v.evidence, cases[i].evidence, strlen(cases[i].evidence));
		testroot_clear(root);
	}
}

/* A virtual machine whose root was made from a container's is none. */
static void test_leftover(void **state)
{
	const struct machine m = {
		.root_fd = root->fd, .hypervisor = "KVMKVMKVM", .first_namespaces = true};
	struct virt v;

	testroot_write(root, ".dockerenv", "");
	virt_detect(&m, &v);
	assert_string_equal(v.name, "kvm");
	testroot_write(root, "run/systemd/container", "docker\n");
	virt_detect(&m, &v);
	assert_string_equal(v.name, "docker");
	testroot_clear(root);
}

static int setup(void **state)
{
	int r = testroot_setup(state);

	root = *state;
	return r;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_witnesses),
		cmocka_unit_test(test_leftover),
	};

	return cmocka_run_group_tests(tests, setup, testroot_teardown);
}
