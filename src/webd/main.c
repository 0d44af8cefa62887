/*
 * leonhard-webd: the console's HTTPS server. It has no power and no access class: whoever logs in
 * acts through a bridge of their own (README.md).
 */
#include "base/def.h"
#include "base/log.h"
#include "webd/ask.h"
#include "webd/webd.h"

static int load_assets(struct webd *w)
{
	struct assets fresh;
	int r = assets_load(w->daemon->root_fd, &fresh);

	if (r < 0)
		return log_error_errno(r, "cannot read the pages in " ASSETS_DIR);
	if (!fresh.count)
		log_warning("there are no pages in " ASSETS_DIR);
	assets_deinit(&w->assets);
	w->assets = fresh;
	return 0;
}

static void apply_settings(struct webd *w)
{
	const struct settings *s = webd_settings(w);

	w->sessions.idle_ns = s->session_idle_ns;
	w->sessions.absolute_ns = s->session_absolute_ns;
	w->clients.max = s->connections;
	w->clients.per_address_max = s->connections_per_address;
}

/* The socket is open by now; nothing else of the network is needed. */
static int confine(const struct webd *w)
{
	static const char *const read_paths[] = {"/etc", "/usr/share/leonhard", NULL};
	static const char *const write_paths[] = {CERT_OWN_DIR, NULL};

	return daemon_confine(w->daemon, "leonhard-webd", read_paths, write_paths);
}

static int start(struct daemon *d)
{
	struct webd *w = d->data;
	int r;

	w->daemon = d;
	catalog_init(&w->catalog, d->root_fd);
	apply_settings(w);
	r = http_listen(w);
	if (r == 0)
		r = confine(w);
	if (r == 0)
		r = load_assets(w);
	if (r == 0)
		r = tls_load(w);
	return r == 0 ? http_start(w) : r;
}

static void stop(struct daemon *d)
{
	struct webd *w = d->data;

	for (size_t i = 0; i < SESSIONS_MAX; i++) {
		if (w->sessions.all[i].used)
			webd_end_session(w, &w->sessions.all[i]);
	}
	http_stop(w);
}

/* What cannot be read again stays as it was, and was told. */
static void reload(struct daemon *d, const void *old)
{
	struct webd *w = d->data;

	apply_settings(w);
	load_assets(w);
	tls_load(w);
}

static const struct daemon_ops ops = {
	.name = "webd",
	.summary = "Serves the console over HTTPS to people who have an account here.",
	.conf = &settings_table,
	.start = start,
	.reload = reload,
	.stop = stop,
};

int main(int argc, char **argv)
{
	static struct webd webd = {.listen_fd = -1};
	int status;

	ask_wipe_memory();
	clients_init(&webd.clients);
	status = daemon_main(&ops, &webd, argc, argv);
	assets_deinit(&webd.assets);
	catalog_deinit(&webd.catalog);
	tls_unload();
	return status;
}
