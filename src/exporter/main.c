/*
 * leonhard-power-exporter: what the power service tells, for Prometheus. It has no right of its own
 * but to look: its user is in the group leonhard-observe (README.md).
 */
#include "base/def.h"
#include "base/log.h"
#include "exporter/exporter.h"

static void on_look(void *data, const json_t *replies, const struct metrics_look *look)
{
	_cleanup_(strbuf_deinit) struct strbuf text = {};
	struct exporter *e = data;

	if (metrics_write(replies, look, &text) < 0) {
		http_answer(e, NULL, 0);
		return;
	}
	http_answer(e, text.text, text.len);
	text = (struct strbuf){};
}

/* The socket is open by now; nothing else of the network is needed. */
static int confine(const struct exporter *e)
{
	static const char *const read_paths[] = {"/etc", "/run", NULL};
	static const char *const write_paths[] = {NULL};

	return daemon_confine(e->daemon, "leonhard-power-exporter", read_paths, write_paths);
}

static int start(struct daemon *d)
{
	struct exporter *e = d->data;
	int r;

	e->daemon = d;
	list_init(&e->parked);
	guests_init(&e->guests, &d->loop, exporter_settings(e)->connections);
	look_init(&e->look, &d->loop, d->root, on_look, e);
	r = exporter_listen(e);
	if (r == 0)
		r = confine(e);
	return r == 0 ? http_start(e) : r;
}

static void stop(struct daemon *d)
{
	struct exporter *e = d->data;

	look_close(&e->look);
	http_stop(e);
	guests_close(&e->guests);
}

static void reload(struct daemon *d, const void *old)
{
	struct exporter *e = d->data;

	e->guests.max = exporter_settings(e)->connections;
}

static const struct daemon_ops ops = {
	.name = "power-exporter",
	.summary = "Tells Prometheus what this machine says about power.",
	.conf = &settings_table,
	.start = start,
	.reload = reload,
	.stop = stop,
};

int main(int argc, char **argv)
{
	static struct exporter exporter = {.listen_fd = -1, .socket.dir_fd = -1};

	return daemon_main(&ops, &exporter, argc, argv);
}
