/*
 * Tests of where numbers come from.
 */
#include <linux/magic.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/vfs.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/fs.h"
#include "base/testroot.h"
#include "pwrapis/machine.h"
#include "pwrapis/machine/level.h"

#define DMI "sys/class/dmi/id/"

/* What is served by a program: the folder of that name; "": nothing. */
static const char *served = "";

int __real_fstatfs64(int fd, struct statfs64 *st);
int __wrap_fstatfs64(int fd, struct statfs64 *st);

int __wrap_fstatfs64(int fd, struct statfs64 *st)
{
	char link[64], path[256] = "";
	int r = __real_fstatfs64(fd, st);

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	assert_true(readlink(link, path, sizeof(path) - 1) > 0);
	if (*served && strlen(path) > strlen(served) &&
	    strcmp(path + strlen(path) - strlen(served), served) == 0)
		st->f_type = FUSE_SUPER_MAGIC;
	return r;
}

static void expect_level(const struct testroot *t, bool own_root, const char *level)
{
	_cleanup_(machine_free_p) struct machine *m = NULL;

	assert_int_equal(machine_new(t->fd, &m), 0);
	assert_string_equal(level_of(m, own_root), level);
}

static int setup(void **state)
{
	const struct testroot *t = *state;

	testroot_clear(t);
	served = "";
	testroot_write(t, "proc/cpuinfo",
		       "processor\t: 0\nflags\t\t: fpu vme\nprocessor\t: 1\nflags\t\t: fpu vme\n");
	testroot_write(t, "sys/class/hwmon/hwmon0/name", "chip\n");
	return 0;
}

static void test_hardware(void **state)
{
	expect_level(*state, true, "hardware");
	testroot_write(*state, DMI "sys_vendor", "Microsoft Corporation\n");
	testroot_write(*state, DMI "product_name", "Surface Book\n");
	expect_level(*state, true, "hardware");
	testroot_write(*state, DMI "sys_vendor", "Amazon EC2\n");
	testroot_write(*state, DMI "product_name", "m7g.metal\n");
	expect_level(*state, true, "hardware");
	testroot_write(*state, "proc/device-tree/compatible", "raspberrypi,4-model-b");
	expect_level(*state, true, "hardware");
}

/* Of each the one file that tells. */
static void test_virtual(void **state)
{
	static const struct {
		const char *file, *text;
	} rows[] = {
		{"proc/cpuinfo", "processor\t: 0\nflags\t\t: fpu hypervisor vme\n"},
		{DMI "sys_vendor", "QEMU\n"},
		{DMI "sys_vendor", "VMware, Inc.\n"},
		{DMI "bios_vendor", "SeaBIOS\n"},
		{DMI "product_name", "KVM Virtual Machine\n"},
		{DMI "sys_vendor", "Amazon EC2\n"},
		{"proc/device-tree/hypervisor/compatible", "linux,kvm"},
		{"proc/device-tree/compatible", "linux,dummy-virt"},
		{"sys/hypervisor/type", "xen\n"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		setup(state);
		testroot_write(*state, rows[i].file, rows[i].text);
		expect_level(*state, true, "virtual machine");
		expect_level(*state, false, "files");
	}
}

/* A word that another one holds, a flag of something else, a text in another place. */
static void test_not_fooled(void **state)
{
	testroot_write(
		*state, "proc/cpuinfo",
		"model name\t: hypervisor\nflags\t\t: fpu hypervisors\nbugs\t: hypervisor\n");
	testroot_write(*state, DMI "product_name", "My QEMU\n");
	expect_level(*state, true, "hardware");
}

static void test_plant(void **state)
{
	static const char *const folders[] = {"/sys", "/sys/class/hwmon"};

	for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
		served = folders[i];
		expect_level(*state, true, "simulated plant");
		expect_level(*state, false, "simulated plant");
	}
	served = "/sys/class/elsewhere";
	expect_level(*state, false, "files");
}

/* As an item: the root of this test is not the system's. */
static void test_item(void **state)
{
	const struct testroot *t = *state;
	_cleanup_(machine_free_p) struct machine *own = NULL, *other = NULL;
	_cleanup_close_ int root_fd = -1;
	struct power_value value;
	unsigned item;

	assert_int_equal(power_item_find("power.level", &item), 0);
	assert_int_equal(machine_new(t->fd, &other), 0);
	assert_int_equal(machine_read(other, item, 0, &value), 0);
	assert_string_equal(value.text, "files");
	assert_int_equal(fs_open_root(NULL, &root_fd), 0);
	assert_int_equal(machine_new(root_fd, &own), 0);
	assert_int_equal(machine_read(own, item, 0, &value), 0);
	assert_string_not_equal(value.text, "files");
}

#define TEST(fn) cmocka_unit_test_setup(fn, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_hardware), TEST(test_virtual), TEST(test_not_fooled),
		TEST(test_plant),    TEST(test_item),
	};

	return cmocka_run_group_tests_name("pwrapis/level", tests, testroot_setup,
					   testroot_teardown);
}
