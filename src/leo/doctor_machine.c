/*
 * Steps of the doctor: what is installed, and what systemd has made of it; see doctor.h.
 */
#include "leo/doctor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/def.h"
#include "base/fs.h"
#include "base/str.h"
#include "base/time.h"
#include "leo/api.h"

/* "sudo systemctl restart leonhard-node.service": room for it. */
enum { NEXT_MAX = 300 };

static void next_for(const struct doctor *d, const char *before, const char *after,
		     char next[NEXT_MAX])
{
	/* What apt is told is a package. */
	bool is_package = str_starts(before, "sudo apt ");

	snprintf(next, NEXT_MAX, "%s%s%s", before,
		 is_package ? d->service->package : d->service->daemon, after);
}

void doctor_interface(const struct doctor *d, struct finding *f)
{
	char install[NEXT_MAX], reinstall[NEXT_MAX];

	next_for(d, "sudo apt install leonhard-", "", install);
	next_for(d, "sudo apt install --reinstall leonhard-", "", reinstall);
	if (d->idl)
		found(f, DOCTOR_FINE, NULL, "%s/%s.varlink", API_DIR, d->service->interface);
	else if (d->idl_result == -ENOENT)
		found(f, DOCTOR_WRONG, install, "not installed: there is no %s/%s.varlink", API_DIR,
		      d->service->interface);
	else if (d->idl_problem)
		found(f, DOCTOR_WRONG, reinstall, "broken: %s", d->idl_problem);
	else
		found(f, DOCTOR_WRONG, reinstall, "cannot be read: %s", strerror(-d->idl_result));
}

void doctor_program(const struct doctor *d, struct finding *f)
{
	_cleanup_close_ int fd = -1;
	char next[NEXT_MAX];
	struct stat st = {};
	int r = fs_open(d->l->root_fd, d->service->program, O_PATH, 0, &fd);

	next_for(d, "sudo apt install --reinstall leonhard-", "", next);
	if (r == 0 && fstat(fd, &st) < 0)
		r = -errno;
	if (r < 0)
		found(f, DOCTOR_WRONG, next, "%s: %s", d->service->program, strerror(-r));
	else if (!S_ISREG(st.st_mode) || !(st.st_mode & 0111))
		found(f, DOCTOR_WRONG, next, "%s cannot be executed", d->service->program);
	else
		found(f, DOCTOR_FINE, NULL, "%s", d->service->program);
}

/* Whether units can be judged; if not, says why. */
static bool knows_units(const struct doctor *d, struct finding *f)
{
	const struct health *h = &d->health;

	if (!h->manager)
		found(f, DOCTOR_SKIPPED, NULL, "systemd does not run here");
	else if (h->asked == -ENOENT)
		found(f, DOCTOR_WRONG, "sudo apt install --reinstall systemd",
		      "there is no systemctl to ask");
	else if (h->asked < 0)
		found(f, DOCTOR_WRONG, "systemctl status", "systemctl does not tell: %s",
		      strerror(-h->asked));
	return h->manager && h->asked == 0;
}

/* A unit that is not loaded, by the word that systemd has for it. */
static const struct {
	const char *load, *text, *before, *after;
} not_loaded[] = {
	{"not-found", "is not known to systemd", "sudo apt install --reinstall leonhard-", ""},
	{"masked", "is masked", "sudo systemctl unmask leonhard-", ".service"},
	{"bad-setting", "has a wrong setting", "systemd-analyze verify leonhard-", ".service"},
	{"error", "cannot be loaded", "systemctl status leonhard-", ".service"},
};

static bool is_loaded(const struct doctor *d, struct finding *f)
{
	char next[NEXT_MAX];

	for (size_t i = 0; i < ARRAY_SIZE(not_loaded); i++) {
		if (!str_equal(d->health.unit.load, not_loaded[i].load))
			continue;
		next_for(d, not_loaded[i].before, not_loaded[i].after, next);
		found(f, DOCTOR_WRONG, next, "%s %s", d->service->unit, not_loaded[i].text);
		return false;
	}
	return true;
}

static bool starts_at_boot(const struct health *h)
{
	return str_starts(h->unit.enabled, "enabled") || str_equal(h->unit.enabled, "static") ||
	       str_starts(h->socket_unit.enabled, "enabled");
}

static void judge_active(const struct doctor *d, struct finding *f)
{
	const struct health *h = &d->health;
	char since[TIME_TEXT_MAX] = "an unknown time", next[NEXT_MAX];

	if (h->unit.since_ns && d->l->verbose)
		time_format_iso(h->unit.since_ns, since);
	else if (h->unit.since_ns)
		time_format_relative(h->unit.since_ns, time_now_ns(CLOCK_REALTIME), since);
	next_for(d, "sudo systemctl enable leonhard-", ".service", next);
	if (starts_at_boot(h))
		found(f, DOCTOR_FINE, NULL, "%s is active (%s) since %s", d->service->unit,
		      h->unit.enabled, since);
	else
		found(f, DOCTOR_NOTE, next, "%s is active since %s, and will not be after a boot",
		      d->service->unit, since);
}

static void judge_failed(const struct doctor *d, struct finding *f)
{
	const struct unit *u = &d->health.unit;
	char next[NEXT_MAX];

	next_for(d, "sudo systemctl restart leonhard-", ".service", next);
	found(f, DOCTOR_WRONG, next, "%s has failed: %s, status %llu, after %llu restarts",
	      d->service->unit, u->result, (unsigned long long)u->exit_status,
	      (unsigned long long)u->restarts);
}

static void judge_stopped(const struct doctor *d, struct finding *f)
{
	const struct health *h = &d->health;
	char next[NEXT_MAX];

	snprintf(next, NEXT_MAX, "sudo systemctl enable --now %s", doctor_starter(d));
	if (str_equal(h->socket_unit.active, "active"))
		found(f, DOCTOR_FINE, NULL, "%s is started on demand", d->service->unit);
	else
		found(f, DOCTOR_WRONG, next, "%s is %s (%s)", d->service->unit, h->unit.active,
		      h->unit.enabled);
}

void doctor_unit(const struct doctor *d, struct finding *f)
{
	const struct unit *u = &d->health.unit;
	char next[NEXT_MAX];

	if (!knows_units(d, f) || !is_loaded(d, f))
		return;
	next_for(d, "systemctl status leonhard-", ".service", next);
	if (str_equal(u->active, "active") || str_equal(u->active, "reloading"))
		judge_active(d, f);
	else if (str_equal(u->active, "failed"))
		judge_failed(d, f);
	else if (str_equal(u->sub, "auto-restart"))
		found(f, DOCTOR_WRONG, next, "%s ends again and again: %s, status %llu",
		      d->service->unit, u->result, (unsigned long long)u->exit_status);
	else if (str_equal(u->active, "activating"))
		found(f, DOCTOR_NOTE, next, "%s is starting", d->service->unit);
	else
		judge_stopped(d, f);
}

/* A service need not have one. */
void doctor_socket_unit(const struct doctor *d, struct finding *f)
{
	const struct health *h = &d->health;
	const struct unit *u = &h->socket_unit;
	char next[NEXT_MAX];

	if (!h->manager || h->asked < 0 || !str_equal(u->load, "loaded"))
		return;
	next_for(d, "sudo systemctl restart leonhard-", ".socket", next);
	if (str_equal(u->active, "active"))
		found(f, DOCTOR_FINE, NULL, "%s listens", d->service->socket_unit);
	else if (str_equal(u->active, "failed"))
		found(f, DOCTOR_WRONG, next, "%s has failed: %s", d->service->socket_unit,
		      u->result);
	else
		found(f, DOCTOR_NOTE, NULL, "%s is %s", d->service->socket_unit, u->active);
}
