/*
 * Tests of qemu.c: what stands in the argument vector for which option.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/def.h"
#include "lab/qemu.h"

#define MIB (UINT64_C(1) << 20)

/* The arguments, joined by spaces. */
static char *join(const struct qemu_setup *setup)
{
	char **argv, *text = calloc(1, 16384);

	assert_int_equal(qemu_arguments(setup, &argv), 0);
	for (size_t i = 0; argv[i]; i++)
		strcat(strcat(text, argv[i]), " ");
	qemu_arguments_free(argv);
	return text;
}

static void has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("no \"%s\" in: %s", part, text);
}

static void lacks(const char *text, const char *part)
{
	if (strstr(text, part))
		fail_msg("\"%s\" in: %s", part, text);
}

static void test_kernel_only(void **state)
{
	struct options o = {.cpus = 1, .mem_bytes = 512 * MIB};
	struct qemu_setup s = {
		.options = &o, .kernel = "K", .initramfs = "I", .port_fd = 7, .console_fd = 8};
	_cleanup_free_ char *text = join(&s);

	has(text, "-kernel K -bios qboot.rom -initrd I ");
	has(text, "rdinit=/init");
	has(text, "-accel tcg,thread=multi ");
	has(text, "socket,id=port,fd=7 ");
	has(text, "socket,id=console,fd=8 ");
	has(text, "virtserialport,chardev=port,name=io.leonhard.lab ");
	lacks(text, "-netdev");
	lacks(text, "-drive");
	lacks(text, "-smbios");
	lacks(text, "-icount");
	lacks(text, "-numa");
}

static void test_image(void **state)
{
	struct options o = {
		.cpus = 5,
		.mem_bytes = 1024 * MIB,
		.numa_nodes = 2,
		.append = "a=b",
		.acpi = {"t,1"},
		.acpi_count = 1,
		.drives = {{(char *)"x", "qcow2", false, true}, {(char *)"y", "raw", true, false}},
		.drive_count = 2,
		.forwards = {{8080, 80}, {2222, 22}},
		.forward_count = 2,
	};
	struct qemu_setup s = {.options = &o,
			       .kernel = "K",
			       .rig = "r,1",
			       .image = {.file = (char *)"dir,/disk", .format = "qcow2"},
			       .kvm = true};
	_cleanup_free_ char *text = join(&s);

	has(text, "-accel kvm ");
	has(text, "-smbios type=11,value=io.systemd.credential:leonhard.lab=");
	has(text, "root=PARTLABEL=leonhard-root");
	has(text, "snapshot=on,readonly=off,file=dir,,/disk ");
	has(text, "id=disk1,format=qcow2,cache=unsafe,discard=unmap,snapshot=off,readonly=off,"
		  "file=x ");
	has(text, "snapshot=off,readonly=on,file=y ");
	has(text, "nodeid=0,cpus=0-1,memdev=node0 ");
	has(text, "nodeid=1,cpus=2-4,memdev=node1 ");
	has(text, "id=node1,size=512M ");
	has(text, "-acpitable file=t,,1 ");
	has(text, "-acpitable file=r,,1 ");
	has(text, "-device pc-testdev ");
	has(text, " acpi_power_meter.force_cap_on=1 a=b ");
	has(text, "-device ipmi-bmc-sim,id=bmc ");
	has(text, "-device isa-ipmi-kcs,bmc=bmc ");
	has(text, "restrict=on,hostfwd=tcp:127.0.0.1:8080-:80,hostfwd=tcp:127.0.0.1:2222-:22 ");
	lacks(text, "-initrd");
	lacks(text, "-bios");
}

static void test_bmc(void **state)
{
	struct options o = {.cpus = 2, .mem_bytes = 512 * MIB, .rig = true, .bmc = true};
	struct qemu_setup s = {
		.options = &o, .kernel = "K", .initramfs = "I", .rig = "r", .bmc_fd = 9};
	_cleanup_free_ char *text = join(&s);

	has(text, "-chardev socket,id=bmcport,server=on,wait=off,fd=9 ");
	has(text, "-device ipmi-bmc-extern,id=bmc,chardev=bmcport "
		  "-device isa-ipmi-kcs,bmc=bmc ");
	has(text, "-device e1000e,netdev=rignet,romfile= ");
	has(text, "-device ide-hd,drive=rigdisk,bus=rigahci.0 ");
	lacks(text, "ipmi-bmc-sim");
}

static void test_icount(void **state)
{
	struct options o = {.cpus = 1, .mem_bytes = 512 * MIB, .icount = true, .net = true};
	struct qemu_setup s = {.options = &o, .kernel = "K", .initramfs = "I"};
	_cleanup_free_ char *text = join(&s);

	has(text, "-accel tcg,thread=single -icount shift=1,sleep=off ");
	has(text, "user,id=net0,restrict=off ");
	lacks(text, "pc-testdev");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kernel_only),
		cmocka_unit_test(test_image),
		cmocka_unit_test(test_bmc),
		cmocka_unit_test(test_icount),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
