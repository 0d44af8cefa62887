/*
 * A daemon for test_daemon.c. It says what is done to it, and its configuration says how it
 * misbehaves: "start", "leave" and "linger" are about its start, its start once more, and its stop.
 */
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

#include "base/daemon.h"
#include "base/def.h"
#include "base/log.h"

enum { FAIL_NEVER, FAIL_START, FAIL_LEAVE, FAIL_LINGER, FAIL_RELOAD };

struct demo {
	uint64_t number;
	char *name;
	unsigned fail;
};

static const char *const failures[] = {"never", "start", "leave", "linger", "reload", NULL};

static const struct conf_item items[] = {
	{"main", "number", conf_parse_number, offsetof(struct demo, number), 1, 10, "1",
	 "A number.", NULL},
	{"main", "name", conf_parse_string, offsetof(struct demo, name), 0, 0, "nobody", "A name.",
	 NULL},
	{"main", "fail", conf_parse_choice, offsetof(struct demo, fail), 0, 0, "never",
	 "When to fail.", failures},
};
static const struct conf_table table = {"demo", items, ARRAY_SIZE(items), sizeof(struct demo)};

/* Something that is to be closed, and would keep the loop. */
static uv_timer_t timer;

static void never(uv_timer_t *handle)
{
	log_error("the timer has fired");
}

static int start(struct daemon *d)
{
	const struct demo *c = d->conf;

	uv_timer_init(&d->loop, &timer);
	uv_timer_start(&timer, never, 3600 * 1000, 0);
	log_info("started with %s and root %s", c->name, d->root ? d->root : "none");
	if (c->fail == FAIL_LEAVE)
		daemon_exit(d, 0);
	return c->fail == FAIL_START ? -EIO : 0;
}

static void reload(struct daemon *d, const void *old)
{
	const struct demo *from = old, *to = d->conf;

	log_info("number %ju is %ju", (uintmax_t)from->number, (uintmax_t)to->number);
	if (to->fail == FAIL_RELOAD)
		daemon_exit(d, -EIO);
}

static void stop(struct daemon *d)
{
	const struct demo *c = d->conf;

	log_info("stopped");
	if (c->fail != FAIL_LINGER)
		uv_close((uv_handle_t *)&timer, NULL);
}

int main(int argc, char **argv)
{
	struct daemon_ops ops = {
		.name = "demo",
		.summary = "Does nothing, for tests.",
		.conf = &table,
		.start = start,
		.reload = getenv("DEMO_NO_RELOAD") ? NULL : reload,
		.stop = stop,
	};

	return daemon_main(&ops, NULL, argc, argv);
}
