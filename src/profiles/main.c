/*
 * leonhard-power-profiles: the published names of power profiles on the system's bus, by which
 * desktops switch them. It has no power of its own: what a profile sets it asks of the power API.
 */
#include "base/def.h"
#include "base/log.h"
#include "profiles/profiles.h"

static void on_bus_lost(void *data, int r)
{
	struct profiles *p = data;

	daemon_exit(p->daemon, log_error_errno(r, "the bus is gone"));
}

/* Nothing has to be opened later but the configuration, and sockets, which are no files here. */
static int confine(const struct profiles *p)
{
	static const char *const read_paths[] = {"/etc", "/run", NULL};

	return daemon_confine(p->daemon, "leonhard-power-profiles", read_paths, NULL);
}

static int start(struct daemon *d)
{
	struct profiles *p = d->data;
	int r;

	p->daemon = d;
	p->chosen = p->active = PROFILE_BALANCED;
	list_init(&p->holds);
	list_init(&p->asks);
	list_init(&p->changes);
	r = power_init(&p->power, &d->loop, d->root, &state_power_ops, p);
	if (r < 0)
		return log_error_errno(r, "cannot start");
	r = bus_open(&p->bus, &d->loop, on_bus_lost, p);
	if (r == 0)
		r = names_add(p);
	if (r < 0)
		return log_error_errno(r, "cannot serve the system's bus");
	r = confine(p);
	if (r == 0)
		power_apply(&p->power, p->active);
	return r;
}

static void reload(struct daemon *d, const void *old)
{
	state_reload(d->data);
}

static void stop(struct daemon *d)
{
	struct profiles *p = d->data;
	struct hold *h;

	power_close(&p->power);
	asks_close(p);
	while ((h = list_first(&p->holds, struct hold, link)))
		hold_free(h);
	bus_close(&p->bus);
}

static const struct daemon_ops ops = {
	.name = "power-profiles",
	.summary = "Serves the power profiles of desktops, by what io.leonhard.Power can set.",
	.conf = &settings_table,
	.start = start,
	.reload = reload,
	.stop = stop,
};

int main(int argc, char **argv)
{
	static struct profiles profiles;
	int status = daemon_main(&ops, &profiles, argc, argv);

	power_deinit(&profiles.power);
	free(profiles.driver);
	return status;
}
