/*
 * Tests of ethtool.c and net.c against a driver of the test's: one port with speeds and sleep, one
 * that knows nothing, and answers that are odd.
 */
#include <errno.h>
#include <linux/ethtool.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/str.h"
#include "base/testroot.h"
#include "pwrapis/machine/ethtool.h"

#define BIT(n) (UINT32_C(1) << (n))
#define SPEEDS_100 (BIT(0) | BIT(1) | BIT(2) | BIT(3))
#define SPEEDS_1000 (SPEEDS_100 | BIT(5))
#define NO_SPEED (BIT(ETHTOOL_LINK_MODE_TP_BIT) | BIT(ETHTOOL_LINK_MODE_Autoneg_BIT))

static const struct testroot *root;
static struct machine *m;

/* The driver of eth0; it has masks of three words. */
static struct {
	uint32_t supported, offered, high; /* the last: of the second word */
	bool fixed, eee, no_eee, refuses;
	int words;
	unsigned sets;
} port;

static int link_settings(struct ethtool_link_settings *s)
{
	uint32_t *masks = (uint32_t *)(s + 1);

	if (s->link_mode_masks_nwords != port.words) {
		s->link_mode_masks_nwords = -port.words;
		return 0;
	}
	s->autoneg = !port.fixed;
	s->speed = 1000;
	masks[0] = port.supported;
	masks[port.words] = port.offered;
	masks[1] = masks[port.words + 1] = port.high;
	return 0;
}

static int set_link(const struct ethtool_link_settings *s)
{
	const uint32_t *masks = (const uint32_t *)(s + 1);

	assert_int_equal(s->link_mode_masks_nwords, port.words);
	assert_int_equal(s->speed, 1000);
	if (port.refuses)
		return -EPERM;
	port.offered = masks[port.words];
	port.sets++;
	return 0;
}

static int eee(struct ethtool_eee *e)
{
	if (port.no_eee)
		return -EOPNOTSUPP;
	if (e->cmd == ETHTOOL_SEEE) {
		assert_int_equal(e->tx_lpi_timer, 17);
		port.eee = e->eee_enabled;
		return 0;
	}
	e->supported = BIT(5);
	e->eee_enabled = port.eee;
	e->tx_lpi_timer = 17;
	return 0;
}

static int driver(const char *name, void *command)
{
	if (!str_equal(name, "eth0"))
		return -EOPNOTSUPP;
	switch (*(uint32_t *)command) {
	case ETHTOOL_GLINKSETTINGS:
		return link_settings(command);
	case ETHTOOL_SLINKSETTINGS:
		return set_link(command);
	case ETHTOOL_GEEE:
	case ETHTOOL_SEEE:
		return eee(command);
	default:
		return -EOPNOTSUPP;
	}
}

static void begin(void)
{
	testroot_clear(root);
	testroot_write(root, "sys/class/net/eth0/device/vendor", "");
	testroot_write(root, "sys/class/net/veth1/device/vendor", "");
	machine_free(m);
	assert_int_equal(machine_new(root->fd, &m), 0);
	m->ethtool_fake = driver;
	memset(&port, 0, sizeof(port));
	port.words = 3;
	port.supported = SPEEDS_1000 | NO_SPEED | BIT(ETHTOOL_LINK_MODE_Pause_BIT);
	port.offered = SPEEDS_1000 | NO_SPEED;
	port.high = BIT(17); /* of FEC: no speed */
}

static unsigned item(const char *name)
{
	unsigned number;

	assert_int_equal(power_item_find(name, &number), 0);
	return number;
}

static int read_number(const char *name, unsigned index, double *ret_number)
{
	struct power_value value;
	int r = machine_read(m, item(name), index, &value);

	if (r == 0)
		*ret_number = value.number;
	return r;
}

static void is(const char *name, double expected)
{
	double number = NAN;

	assert_int_equal(read_number(name, 0, &number), 0);
	assert_true(number == expected);
}

static int check(const char *name, double number, const char *text)
{
	struct power_value value = {.number = number};

	snprintf(value.text, sizeof(value.text), "%s", text);
	return machine_check(m, item(name), 0, &value);
}

static int put(const char *name, double number, const char *text)
{
	struct power_value value = {.number = number};

	snprintf(value.text, sizeof(value.text), "%s", text);
	return machine_write(m, item(name), 0, &value);
}

static void test_speeds(void **state)
{
	double number;

	begin();
	is("net.speed-max", 1e9);
	is("net.speed-limit", 1e9);
	assert_int_equal(check("net.speed-limit", 1e8, ""), 0);
	assert_int_equal(put("net.speed-limit", 1e8, ""), 0);
	assert_int_equal(port.offered, SPEEDS_100 | NO_SPEED);
	is("net.speed-limit", 1e8);
	is("net.speed-max", 1e9);
	assert_int_equal(check("net.speed-limit", 2e8, ""), -ERANGE);
	assert_int_equal(check("net.speed-limit", 1e6, ""), -ERANGE);
	assert_int_equal(check("net.speed-limit", 0, ""), -ERANGE);
	assert_int_equal(check("net.speed-limit", 1e30, ""), -ERANGE);
	assert_int_equal(check("net.speed-limit", NAN, ""), -EINVAL);
	/* One whose driver tells nothing. */
	assert_int_equal(read_number("net.speed-max", 1, &number), -EOPNOTSUPP);
	assert_int_equal(read_number("net.eee", 1, &number), -EOPNOTSUPP);
	port.refuses = true;
	assert_int_equal(put("net.speed-limit", 1e9, ""), -EPERM);
}

/* What somebody had chosen is put back as it was, not only its highest speed. */
static void test_state(void **state)
{
	const uint32_t chosen = BIT(1) | BIT(5) | NO_SPEED;
	struct power_value before, now;

	begin();
	assert_int_equal(machine_state(m, item("net.speed-limit"), 0, &before), 0);
	assert_true(before.number == 1e9 && !*before.text);
	port.offered = chosen;
	assert_int_equal(machine_state(m, item("net.speed-limit"), 0, &before), 0);
	assert_true(before.number == 1e9);
	assert_string_equal(before.text, "0x20000000000e2");
	assert_int_equal(put("net.speed-limit", 1e8, ""), 0);
	assert_int_equal(machine_check(m, item("net.speed-limit"), 0, &before), 0);
	assert_int_equal(machine_write(m, item("net.speed-limit"), 0, &before), 0);
	assert_int_equal(port.offered, chosen);
	assert_int_equal(machine_state(m, item("net.speed-limit"), 0, &now), 0);
	assert_string_equal(now.text, before.text);
	/* No mode that is not supported, and nothing that is no mask. */
	assert_int_equal(check("net.speed-limit", 1e9, "0x10"), -EINVAL);
	assert_int_equal(check("net.speed-limit", 1e9, "1"), -EINVAL);
	assert_int_equal(check("net.speed-limit", 1e9, "0xg"), -EINVAL);
	assert_int_equal(check("net.speed-limit", 1e9, "0x"), -EINVAL);
	assert_int_equal(check("net.speed-limit", 1e8, before.text), -ERANGE);
}

static void test_odd(void **state)
{
	double number;

	begin();
	port.fixed = true;
	assert_int_equal(read_number("net.speed-limit", 0, &number), -EOPNOTSUPP);
	assert_int_equal(check("net.speed-limit", 1e8, ""), -EOPNOTSUPP);
	is("net.speed-max", 1e9);
	begin();
	port.offered = NO_SPEED;
	assert_int_equal(read_number("net.speed-limit", 0, &number), -ENODATA);
	begin();
	port.supported = 0;
	assert_int_equal(read_number("net.speed-max", 0, &number), -EOPNOTSUPP);
	port.words = 0;
	assert_int_equal(read_number("net.speed-max", 0, &number), -EOPNOTSUPP);
	port.words = ETHTOOL_WORDS + 1;
	assert_int_equal(read_number("net.speed-max", 0, &number), -EOPNOTSUPP);
}

static void test_eee(void **state)
{
	double number;

	begin();
	is("net.eee", 0);
	is("net.eee-active", 0);
	assert_int_equal(check("net.eee", 1, ""), 0);
	assert_int_equal(check("net.eee", 0.5, ""), -EINVAL);
	assert_int_equal(put("net.eee", 1, ""), 0);
	assert_true(port.eee);
	is("net.eee", 1);
	port.no_eee = true;
	assert_int_equal(read_number("net.eee", 0, &number), -EOPNOTSUPP);
	assert_int_equal(check("net.eee", 1, ""), -EOPNOTSUPP);
}

/* The kernel is not asked about the names of a folder. */
static void test_folder(void **state)
{
	double number;

	begin();
	m->ethtool_fake = NULL;
	assert_int_equal(read_number("net.speed-max", 0, &number), -EOPNOTSUPP);
	assert_int_equal(check("net.eee", 1, ""), -EOPNOTSUPP);
	assert_true(m->ethtool_fd < 0);
}

static int setup(void **state)
{
	int r = testroot_setup(state);

	root = *state;
	return r;
}

static int teardown(void **state)
{
	machine_free(m);
	return testroot_teardown(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_speeds), cmocka_unit_test(test_state),
		cmocka_unit_test(test_odd),    cmocka_unit_test(test_eee),
		cmocka_unit_test(test_folder),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
