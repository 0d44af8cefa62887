/*
 * Both halves of the power API for tests of the varlink front; see testfront.h.
 */
#include "pwrapis/testfront.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/io.h"
#include "base/testrun.h"
#include "pwrapis/machine/fakemachine.h"
#include "pwrapis/testlaunch.h"

static const char *golden = "";

void front_init(int argc, char **argv)
{
	if (argc > 1)
		golden = argv[1];
}

/* ---- the machine ---- */

static void make_machine(const struct testroot *t)
{
	_cleanup_free_ char *path = NULL, *text = NULL;
	unsigned line;

	assert_true(asprintf(&path, "%s/intel2s/machine", golden) > 0);
	assert_int_equal(io_read_file(AT_FDCWD, path, 65536, &text, NULL), 0);
	assert_int_equal(fakemachine_make(t->fd, text, &line), 0);
	testroot_write(t, "proc/sys/kernel/random/boot_id",
		       "01234567-89ab-cdef-0123-456789abcdef\n");
	testroot_write(t, "etc/passwd", "root:x:0:0::/:/bin/sh\n");
	testroot_write(t, "etc/group", "root:x:0:\n");
}

void front_prepare(const struct testroot *t)
{
	char access[128];

	testroot_clear(t);
	make_machine(t);
	snprintf(access, sizeof(access), "[observe]\nusers = %d\n[control]\nusers = %d %d\n",
		 SOMEBODY, CONTROLLER, (int)getuid());
	testroot_write(t, "etc/leonhard/access.conf", access);
}

void front_launch(const struct testroot *t)
{
	launch_writer(t);
	testrun_launch_ready(t);
}

int front_setup(void **state)
{
	front_prepare(*state);
	front_launch(*state);
	return 0;
}

int front_teardown(void **state)
{
	testrun_teardown(state);
	end_writer(SIGKILL);
	return 0;
}

void expect_file(const char *path, const char *text)
{
	for (int ms = 0;; ms += 10) {
		_cleanup_free_ char *line = NULL;

		assert_int_equal(io_read_file(AT_FDCWD, path, 4096, &line, NULL), 0);
		line[strcspn(line, "\n")] = '\0';
		if (strcmp(line, text) == 0)
			return;
		if (ms >= PATIENCE_MS)
			assert_string_equal(line, text);
		pause_ms(10);
	}
}

/* ---- readings and settings ---- */

json_t *read_one(struct client *c, const char *item)
{
	return client_call(c, "Read", json_pack("{s:[s]}", "items", item), false);
}

json_t *at(const json_t *reply, const char *place)
{
	json_t *readings = reply_member(reply, "readings"), *reading;
	size_t i;

	json_array_foreach(readings, i, reading)
	{
		if (strcmp(json_string_value(json_object_get(reading, "place")), place) == 0)
			return reading;
	}
	fail_msg("no reading at %s", place);
	return NULL;
}

double number_at(const json_t *reply, const char *place)
{
	json_t *number = json_object_get(at(reply, place), "number");

	assert_true(json_is_number(number));
	return json_number_value(number);
}

const char *text_at(const json_t *reply, const char *place, const char *member)
{
	const char *text = json_string_value(json_object_get(at(reply, place), member));

	assert_non_null(text);
	return text;
}

json_t *set(struct client *c, const char *item, const char *place, json_t *value,
	    const char *member, bool keep)
{
	return client_call(c, "Set",
			   json_pack("{s:s, s:s, s:o, s:b}", "item", item, "place", place, member,
				     value, "keep", keep),
			   false);
}
