/*
 * Idle: the driver and governor of cpuidle, its states, and the latency that is asked for.
 *
 * The states are those of the first processor that has them. Whether one is disabled is said for
 * all processors at once: a set disables it on each that has it, or on none. Where processors
 * differ, by somebody else's hand, there is no one answer, and no value that could be put back:
 * -ENOTUNIQ, and a set is refused in the same way.
 */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <string.h>

#include "base/def.h"
#include "base/fs.h"
#include "base/io.h"
#include "base/str.h"
#include "pwrapis/machine/source.h"

#define CPUIDLE_DIR MACHINE_CPU_DIR "/cpuidle"
#define LATENCY_DEVICE "/dev/cpu_dma_latency"

enum { STATES_MAX = 32, US_PER_S = 1000000 };

/* The file of the state for each processor in turn: /…/cpuN/cpuidle/stateK/disable. */
static void disable_file(const struct instance *cpu, const struct instance *state,
			 char file[SOURCE_PATH_BYTES])
{
	snprintf(file, SOURCE_PATH_BYTES, "%s/cpuidle/%s/disable", cpu->path, state->name);
}

/* 0, 1, -EOPNOTSUPP when this processor does not have the state, or an error. */
static int is_disabled(struct machine *m, const struct instance *cpu, const struct instance *state)
{
	char file[SOURCE_PATH_BYTES];
	int64_t number;
	int r;

	disable_file(cpu, state, file);
	r = source_number(m, cpu, file, &number);
	if (r < 0)
		return r == -ENODEV ? -EOPNOTSUPP : r;
	return number == 0 || number == 1 ? (int)number : -EBADMSG;
}

static int read_disabled(struct machine *m, const struct power_item *item, unsigned index,
			 struct power_value *ret_value)
{
	const struct instance *state = machine_instance(m, POWER_IDLE, index);
	int all = -EOPNOTSUPP;

	for (unsigned i = 0; i < machine_count(m, POWER_CPU); i++) {
		int one = is_disabled(m, machine_instance(m, POWER_CPU, i), state);

		if (one == -EOPNOTSUPP)
			continue;
		if (one < 0)
			return one;
		if (all >= 0 && one != all)
			return -ENOTUNIQ;
		all = one;
	}
	if (all < 0)
		return all;
	ret_value->number = all;
	return 0;
}

static int check_disabled(struct machine *m, const struct power_item *item, unsigned index,
			  const struct power_value *value)
{
	struct power_value now;
	int r = read_disabled(m, item, index, &now);

	if (r < 0)
		return r;
	return value->number == 0 || value->number == 1 ? 0 : -EINVAL;
}

/* Writes to the first @count processors; those that lack the state are passed over. How many were
 * done is @ret_done. */
static int put_disabled(struct machine *m, const struct instance *state, unsigned count,
			const char *text, unsigned *ret_done)
{
	int r = 0;

	for (*ret_done = 0; *ret_done < count; ++*ret_done) {
		const struct instance *cpu = machine_instance(m, POWER_CPU, *ret_done);
		char file[SOURCE_PATH_BYTES];

		disable_file(cpu, state, file);
		r = source_put(m, cpu, file, text);
		if (r < 0 && r != -EOPNOTSUPP && r != -ENODEV)
			return r;
	}
	return 0;
}

static int write_disabled(struct machine *m, const struct power_item *item, unsigned index,
			  const struct power_value *value)
{
	const struct instance *state = machine_instance(m, POWER_IDLE, index);
	struct power_value before;
	unsigned done, undone;
	int r = read_disabled(m, item, index, &before);

	if (r < 0)
		return r;
	r = put_disabled(m, state, machine_count(m, POWER_CPU), value->number == 0 ? "0" : "1",
			 &done);
	if (r < 0)
		put_disabled(m, state, done, before.number == 0 ? "0" : "1", &undone);
	return r;
}

/* The device holds a number of 32 bits: of all that is asked for, the least. */
static int read_latency(struct machine *m, const struct power_item *item, unsigned index,
			struct power_value *ret_value)
{
	_cleanup_close_ int fd = -1;
	int32_t us;
	int r = fs_open(m->root_fd, LATENCY_DEVICE, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0, &fd);

	if (r == 0)
		r = io_read_exact(fd, &us, sizeof(us));
	if (r < 0)
		return r == -ENOENT ? -EOPNOTSUPP : r == -ENODATA ? -EBADMSG : r;
	if (us < 0)
		return -EBADMSG;
	ret_value->number = (double)us / US_PER_S;
	return 0;
}

static int check_latency(struct machine *m, const struct power_item *item, unsigned index,
			 const struct power_value *value)
{
	int r = source_writable(m, machine_instance(m, POWER_BOARD, index), LATENCY_DEVICE);

	if (r < 0)
		return r;
	if (!isfinite(value->number))
		return -EINVAL;
	return value->number >= 0 && value->number <= 2000 ? 0 : -ERANGE;
}

static int hold_latency(struct machine *m, const struct power_item *item, unsigned index,
			const struct power_value *value, int *ret_fd)
{
	int32_t us = lround(value->number * US_PER_S);
	_cleanup_close_ int fd = -1;
	int r = fs_open(m->root_fd, LATENCY_DEVICE, O_RDWR | O_NONBLOCK | O_NOCTTY, 0, &fd);

	if (r == 0)
		r = io_write_all(fd, &us, sizeof(us));
	if (r < 0)
		return r == -ENOENT ? -EOPNOTSUPP : r;
	*ret_fd = take_fd(&fd);
	return 0;
}

#define MICROSECONDS .per = US_PER_S

static const struct power_item items[] = {
	SOURCE_SIGNAL("idle.driver", "The driver that puts processors to sleep.", POWER_BOARD,
		      POWER_TEXT, .file = CPUIDLE_DIR "/current_driver"),
	SOURCE_CONTROL("idle.governor", "What decides how deep an idle processor sleeps.",
		       POWER_BOARD, POWER_TEXT, source_check,
		       .file = CPUIDLE_DIR "/current_governor",
		       .choices = CPUIDLE_DIR "/available_governors"),
	SOURCE_SIGNAL("idle.available-governors", "Governors that there are.", POWER_BOARD,
		      POWER_LIST, .file = CPUIDLE_DIR "/available_governors"),
	SOURCE_SIGNAL("idle.name", "The name of the state.", POWER_IDLE, POWER_TEXT,
		      .file = "name"),
	SOURCE_SIGNAL("idle.latency", "Time to wake up from it.", POWER_IDLE, POWER_SECONDS,
		      .file = "latency", MICROSECONDS),
	SOURCE_SIGNAL("idle.residency", "Time from which on it saves energy.", POWER_IDLE,
		      POWER_SECONDS, .file = "residency", MICROSECONDS),
	{.name = "idle.disabled",
	 .help = "Whether no processor uses the state.",
	 .domain = POWER_IDLE,
	 .unit = POWER_BOOLEAN,
	 .flags = POWER_SIGNAL | POWER_CONTROL,
	 .read = read_disabled,
	 .check = check_disabled,
	 .write = write_disabled},
	{.name = "idle.latency-limit",
	 .help = "The longest time to wake up that is allowed to all processors.",
	 .domain = POWER_BOARD,
	 .unit = POWER_SECONDS,
	 .flags = POWER_SIGNAL | POWER_CONTROL | POWER_PER_CLIENT | POWER_GUARDED,
	 .read = read_latency,
	 .check = check_latency,
	 .hold = hold_latency},
};

/* The states of @cpu, if it has any. */
static int add_states(struct machine *m, const struct instance *cpu)
{
	_cleanup_(str_vector_free_p) char **names = NULL;
	char folder[INSTANCE_PATH_BYTES], path[INSTANCE_PATH_BYTES];
	int r;

	snprintf(folder, sizeof(folder), "%.64s/cpuidle", cpu->path);
	r = machine_list(m, folder, &names);
	for (char **name = names; r == 0 && *name; name++) {
		struct instance *state;

		if (machine_numbered(*name, "state", STATES_MAX) < 0)
			continue;
		snprintf(path, sizeof(path), "%.90s/%.16s", folder, *name);
		r = machine_add(m, POWER_IDLE, *name, path, &state);
	}
	return r;
}

static int look(struct machine *m)
{
	int r = 0;

	for (unsigned i = 0;
	     r == 0 && i < machine_count(m, POWER_CPU) && !machine_count(m, POWER_IDLE); i++)
		r = add_states(m, machine_instance(m, POWER_CPU, i));
	return r;
}

const struct backend backend_idle = {items, ARRAY_SIZE(items), look};
