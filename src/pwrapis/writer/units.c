/*
 * Units on the system bus; see units.h.
 */
#include "pwrapis/writer/units.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <systemd/sd-bus.h>

#include "base/def.h"
#include "base/fs.h"
#include "base/namedsocket.h"
#include "base/str.h"
#include "base/time.h"

#define SYSTEMD "org.freedesktop.systemd1"
#define SYSTEMD_PATH "/org/freedesktop/systemd1"
#define PROPERTIES "org.freedesktop.DBus.Properties"
#define PROPERTY "AllowedCPUs"

enum { PATIENCE_MS = 2000 };

struct units {
	int root_fd;
	sd_bus *bus; /* NULL: not connected */
	struct cgroup_units ops;
};

static void message_unref_p(sd_bus_message **m)
{
	sd_bus_message_unref(*m);
}

static uint64_t deadline_new(void)
{
	return time_now_ns(CLOCK_MONOTONIC) / NS_PER_US + PATIENCE_MS * UINT64_C(1000);
}

/* In microseconds; 1 when it is over: for sd-bus 0 is its own, longer default. */
static uint64_t left(uint64_t deadline)
{
	uint64_t now = time_now_ns(CLOCK_MONOTONIC) / NS_PER_US;

	return now < deadline ? deadline - now : 1;
}

/* ---- connecting ---- */

static void hang_up(struct units *u)
{
	sd_bus_close(u->bus);
	u->bus = sd_bus_unref(u->bus);
}

static int dial(const struct units *u, int *ret_fd)
{
	int r = namedsocket_connect(u->root_fd, UNITS_SOCKET_PATH, SOCK_STREAM, ret_fd);

	return r < 0 ? -ENOTCONN : 0;
}

/* Until the bus has said who we are. */
static int greet(sd_bus *bus, uint64_t deadline)
{
	int r;

	while ((r = sd_bus_is_ready(bus)) == 0) {
		r = sd_bus_process(bus, NULL);
		if (r == 0 && time_now_ns(CLOCK_MONOTONIC) / NS_PER_US >= deadline)
			return -ETIMEDOUT;
		if (r == 0)
			r = sd_bus_wait(bus, left(deadline));
		if (r < 0 && r != -EINTR)
			return r;
	}
	return r < 0 ? r : 0;
}

static int begin(struct units *u, int fd, uint64_t deadline)
{
	int r = sd_bus_new(&u->bus);

	if (r < 0)
		return r;
	r = sd_bus_set_fd(u->bus, fd, fd);
	if (r == 0)
		r = sd_bus_set_bus_client(u->bus, true);
	if (r >= 0)
		r = sd_bus_start(u->bus);
	return r < 0 ? r : greet(u->bus, deadline);
}

static int connect_bus(struct units *u, uint64_t deadline)
{
	_cleanup_close_ int fd = -1;
	int r;

	if (u->bus && sd_bus_is_open(u->bus) > 0)
		return 0;
	hang_up(u);
	r = dial(u, &fd);
	if (r == 0)
		r = begin(u, fd, deadline);
	/* From sd_bus_set_fd() on it is the bus's. */
	if (u->bus)
		take_fd(&fd);
	if (r < 0)
		hang_up(u);
	return r;
}

/* ---- asking ---- */

static int error_of(const sd_bus_error *e, int r)
{
	static const struct {
		const char *name;
		int error;
	} errors[] = {
		{SYSTEMD ".NoSuchUnit", -ENOENT},
		{SD_BUS_ERROR_UNKNOWN_OBJECT, -ENOENT},
		{SD_BUS_ERROR_ACCESS_DENIED, -EACCES},
		{SD_BUS_ERROR_INTERACTIVE_AUTHORIZATION_REQUIRED, -EACCES},
		{SD_BUS_ERROR_SERVICE_UNKNOWN, -ENOTCONN},
	};

	for (size_t i = 0; i < ARRAY_SIZE(errors); i++)
		if (sd_bus_error_has_name(e, errors[i].name))
			return errors[i].error;
	return r;
}

/* A connection that does not answer is ended: an answer that comes later would be to nothing. */
static int ask(struct units *u, sd_bus_message *m, uint64_t deadline, sd_bus_message **ret_reply)
{
	sd_bus_error e = SD_BUS_ERROR_NULL;
	int r = sd_bus_call(u->bus, m, left(deadline), &e, ret_reply);

	if (r < 0) {
		bool answered = sd_bus_error_is_set(&e) &&
				!sd_bus_error_has_name(&e, SD_BUS_ERROR_NO_REPLY) &&
				!sd_bus_error_has_name(&e, SD_BUS_ERROR_TIMEOUT);

		r = error_of(&e, r);
		if (!answered || sd_bus_is_open(u->bus) <= 0)
			hang_up(u);
	}
	sd_bus_error_free(&e);
	return r < 0 ? r : 0;
}

/* A connection that the bus has ended meanwhile is found out by using it: tried twice. */
typedef int (*attempt_fn)(struct units *u, const char *unit, char *text, uint64_t deadline);

static int attempt(struct units *u, const char *unit, char *text, attempt_fn fn)
{
	uint64_t deadline = deadline_new();
	bool fresh = !u->bus;
	int r = connect_bus(u, deadline);

	if (r == 0)
		r = fn(u, unit, text, deadline);
	if (r < 0 && !u->bus && !fresh && r != -ETIMEDOUT) {
		r = connect_bus(u, deadline);
		if (r == 0)
			r = fn(u, unit, text, deadline);
	}
	return r;
}

/* ---- the property ---- */

/* A bit for each processor, the lowest first; without those at the end that are 0. */
static int append_mask(sd_bus_message *m, const char *text)
{
	uint8_t bytes[CPULIST_MAX / 8] = {};
	struct cpulist list;
	size_t len = 0;

	if (cpulist_parse(text, &list) < 0)
		return -EINVAL;
	for (size_t cpu = 0; (cpu = bitmap_find_set(&list.map, cpu)) < CPULIST_MAX; cpu++) {
		bytes[cpu / 8] |= 1 << cpu % 8;
		len = cpu / 8 + 1;
	}
	return sd_bus_message_append_array(m, 'y', bytes, len);
}

static int append_setting(sd_bus_message *m, const char *unit, const char *text)
{
	int r = sd_bus_message_append(m, "sb", unit, true);

	if (r >= 0)
		r = sd_bus_message_open_container(m, 'a', "(sv)");
	if (r >= 0)
		r = sd_bus_message_open_container(m, 'r', "sv");
	if (r >= 0)
		r = sd_bus_message_append(m, "s", PROPERTY);
	if (r >= 0)
		r = sd_bus_message_open_container(m, 'v', "ay");
	if (r >= 0)
		r = append_mask(m, text);
	for (int i = 0; r >= 0 && i < 3; i++)
		r = sd_bus_message_close_container(m);
	return r;
}

static int set_once(struct units *u, const char *unit, char *text, uint64_t deadline)
{
	__attribute__((cleanup(message_unref_p))) sd_bus_message *m = NULL;
	int r = sd_bus_message_new_method_call(u->bus, &m, SYSTEMD, SYSTEMD_PATH,
					       SYSTEMD ".Manager", "SetUnitProperties");

	if (r >= 0)
		r = append_setting(m, unit, text);
	return r < 0 ? r : ask(u, m, deadline, NULL);
}

static int take_mask(sd_bus_message *m, char text[POWER_TEXT_BYTES])
{
	struct cpulist list;
	const uint8_t *bytes = NULL;
	size_t len = 0;
	int r = sd_bus_message_enter_container(m, 'v', "ay");

	if (r >= 0)
		r = sd_bus_message_read_array(m, 'y', (const void **)&bytes, &len);
	if (r < 0)
		return r;
	bitmap_init(&list.map, list.words, CPULIST_MAX);
	for (size_t cpu = 0; cpu < 8 * len && cpu < CPULIST_MAX; cpu++)
		if (bytes[cpu / 8] >> cpu % 8 & 1)
			bitmap_set(&list.map, cpu);
	return bitmap_format_list(&list.map, text, POWER_TEXT_BYTES) < POWER_TEXT_BYTES ? 0
											: -EFBIG;
}

static const char *interface_of(const char *unit)
{
	static const char *const interfaces[][2] = {
		{".slice", SYSTEMD ".Slice"},
		{".scope", SYSTEMD ".Scope"},
		{".service", SYSTEMD ".Service"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(interfaces); i++)
		if (str_ends(unit, interfaces[i][0]))
			return interfaces[i][1];
	return "";
}

static int get_once(struct units *u, const char *unit, char *text, uint64_t deadline)
{
	__attribute__((cleanup(message_unref_p))) sd_bus_message *m = NULL, *reply = NULL;
	_cleanup_free_ char *path = NULL;
	int r = sd_bus_path_encode(SYSTEMD_PATH "/unit", unit, &path);

	if (r >= 0)
		r = sd_bus_message_new_method_call(u->bus, &m, SYSTEMD, path, PROPERTIES, "Get");
	if (r >= 0)
		r = sd_bus_message_append(m, "ss", interface_of(unit), PROPERTY);
	if (r >= 0)
		r = ask(u, m, deadline, &reply);
	return r < 0 ? r : take_mask(reply, text);
}

static int on_get(void *data, const char *unit, char ret_cpus[POWER_TEXT_BYTES])
{
	char text[POWER_TEXT_BYTES] = "";
	int r = attempt(data, unit, text, get_once);

	/* What is no unit any more is not restricted. */
	if (r < 0 && r != -ENOENT)
		return r;
	strcpy(ret_cpus, r < 0 ? "" : text);
	return 0;
}

/*
 * None at all makes systemd forget the property, and perhaps leave the kernel's file as it is: all
 * that there are first, so that what stays there restricts nothing.
 */
static int set_all(struct units *u, const char *unit)
{
	_cleanup_free_ char *text = NULL;
	int r = fs_read_line(u->root_fd, MACHINE_CPU_DIR "/possible", &text);

	return r < 0 ? r : attempt(u, unit, text, set_once);
}

static int on_set(void *data, const char *unit, const char *cpus)
{
	char text[POWER_TEXT_BYTES];
	int r = *cpus ? 0 : set_all(data, unit);

	snprintf(text, sizeof(text), "%s", cpus);
	return r < 0 ? r : attempt(data, unit, text, set_once);
}

/* ---- running ---- */

static int run_once(struct units *u, const char *unit, char *verb, uint64_t deadline)
{
	__attribute__((cleanup(message_unref_p))) sd_bus_message *m = NULL;
	int r = sd_bus_message_new_method_call(u->bus, &m, SYSTEMD, SYSTEMD_PATH,
					       SYSTEMD ".Manager", verb);

	if (r >= 0)
		r = sd_bus_message_append(m, "ss", unit, "replace");
	return r < 0 ? r : ask(u, m, deadline, NULL);
}

static int on_run(void *data, const char *unit, bool on)
{
	char start[] = "StartUnit", stop[] = "StopUnit";

	return attempt(data, unit, on ? start : stop, run_once);
}

/* ---- the whole ---- */

int units_new(int root_fd, struct units **ret_units)
{
	struct units *u = calloc(1, sizeof(*u));

	if (!u)
		return -ENOMEM;
	*u = (struct units){.root_fd = root_fd,
			    .ops = {.get = on_get, .set = on_set, .run = on_run, .data = u}};
	*ret_units = u;
	return 0;
}

void units_free(struct units *u)
{
	if (!u)
		return;
	hang_up(u);
	free(u);
}

const struct cgroup_units *units_ops(const struct units *u)
{
	return &u->ops;
}
