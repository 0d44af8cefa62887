/*
 * Sleep of the whole machine.
 *
 * Who reads the state finds the machine awake: "on". A set is an act that ends when the machine is
 * awake again, so that there is nothing to put back: setting "on" does nothing.
 */
#include <errno.h>

#include "base/def.h"
#include "base/str.h"
#include "pwrapis/machine/source.h"

#define STATE "/sys/power/state"

static int read_state(struct machine *m, const struct power_item *item, unsigned index,
		      struct power_value *ret_value)
{
	char line[SOURCE_BYTES];
	int r = source_line(m, machine_instance(m, POWER_BOARD, index), STATE, line);

	if (r < 0)
		return r;
	if (!*line)
		return -EOPNOTSUPP;
	snprintf(ret_value->text, sizeof(ret_value->text), "on");
	return 0;
}

static int check_state(struct machine *m, const struct power_item *item, unsigned index,
		       const struct power_value *value)
{
	if (!str_equal(value->text, "mem") && !str_equal(value->text, "disk"))
		return -EINVAL;
	return source_check(m, item, index, value) == 0 ? 0 : -EOPNOTSUPP;
}

static int write_state(struct machine *m, const struct power_item *item, unsigned index,
		       const struct power_value *value)
{
	return str_equal(value->text, "on") ? 0 : source_write(m, item, index, value);
}

static const struct power_item items[] = {
	SOURCE_SIGNAL("sleep.states", "States that the kernel knows.", POWER_BOARD, POWER_LIST,
		      .file = STATE),
	{.name = "sleep.state",
	 .help = "Puts the machine to sleep: mem or disk.",
	 .domain = POWER_BOARD,
	 .unit = POWER_TEXT,
	 .flags = POWER_SIGNAL | POWER_CONTROL | POWER_ACT,
	 .read = read_state,
	 .check = check_state,
	 .write = write_state,
	 .more = &(const struct source){.file = STATE, .choices = STATE}},
};

const struct backend backend_sleep = {items, ARRAY_SIZE(items), NULL};
