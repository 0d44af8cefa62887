/*
 * A table and a fake root for tests of the table; see testtable.h.
 */
#include "pwrapis/machine/testtable.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/io.h"
#include "pwrapis/machine/fakemachine.h"

enum { FILE_BYTES_MAX = 1 << 20 };

const struct testroot *root;
struct machine *m;
static int folder_fd = -1;

void use(const char *name)
{
	_cleanup_free_ char *path = NULL, *text = NULL;
	unsigned line;

	machine_free(m);
	m = NULL;
	testroot_clear(root);
	assert_true(asprintf(&path, "%s/machine", name) > 0);
	assert_int_equal(io_read_file(folder_fd, path, FILE_BYTES_MAX, &text, NULL), 0);
	assert_int_equal(fakemachine_make(root->fd, text, &line), 0);
	assert_int_equal(machine_new(root->fd, &m), 0);
}

unsigned item(const char *name)
{
	unsigned number;

	assert_int_equal(power_item_find(name, &number), 0);
	return number;
}

int check(const char *name, unsigned index, double number)
{
	const struct power_value value = {.number = number};

	return machine_check(m, item(name), index, &value);
}

int check_text(const char *name, unsigned index, const char *text)
{
	struct power_value value = {};

	snprintf(value.text, sizeof(value.text), "%s", text);
	return machine_check(m, item(name), index, &value);
}

int write_number(const char *name, unsigned index, double number)
{
	const struct power_value value = {.number = number};

	return machine_write(m, item(name), index, &value);
}

double read_number(const char *name, unsigned index)
{
	struct power_value value;

	assert_int_equal(machine_read(m, item(name), index, &value), 0);
	return value.number;
}

int read_error(const char *name, unsigned index)
{
	struct power_value value = {.number = 42, .text = "kept"};
	int r = machine_read(m, item(name), index, &value);

	if (r < 0) {
		assert_true(value.number == 42);
		assert_string_equal(value.text, "kept");
	}
	return r;
}

void assert_file(const char *path, const char *expected)
{
	_cleanup_free_ char *text = NULL;

	assert_int_equal(io_read_file(root->fd, path, 4096, &text, NULL), 0);
	assert_string_equal(text, expected);
}

int testtable_open(const char *folder)
{
	folder_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return folder_fd < 0 ? -1 : 0;
}

int testtable_setup(void **state)
{
	int r = testroot_setup(state);

	root = *state;
	return r;
}

int testtable_teardown(void **state)
{
	machine_free(m);
	m = NULL;
	close(folder_fd);
	return testroot_teardown(state);
}
