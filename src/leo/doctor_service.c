/*
 * Steps of the doctor: the socket, and what answers there; see doctor.h.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/def.h"
#include "base/str.h"
#include "base/time.h"
#include "leo/api.h"
#include "leo/definition.h"
#include "leo/doctor.h"
#include "leo/standing.h"

/* "sudo systemctl restart leonhard-node.service": room for it. */
enum { NEXT_MAX = 300 };

/* What to try with a service that does not listen, and with one that does and is not well. Where no
 * systemd runs, a service is started by hand. */
static void next_start(const struct doctor *d, char next[NEXT_MAX])
{
	if (d->health.manager)
		snprintf(next, NEXT_MAX, "sudo systemctl restart %s", doctor_starter(d));
	else
		snprintf(next, NEXT_MAX, "sudo %s", d->service->program);
}

static void next_restart(const struct doctor *d, char next[NEXT_MAX])
{
	if (d->health.manager)
		snprintf(next, NEXT_MAX, "sudo systemctl restart %s", d->service->unit);
	else
		snprintf(next, NEXT_MAX, "pgrep -fa %s", d->service->program);
}

/* ---- the socket ---- */

/* Whoever may write in the folder can pretend to be a service. */
static bool folder_is_safe(const struct endpoint *e, struct finding *f)
{
	if (e->folder_mode & 022)
		found(f, DOCTOR_WRONG, "sudo chmod 0755 " RPC_SOCKET_DIR,
		      "others may write in %s (mode %04o): they could pretend to be the service",
		      RPC_SOCKET_DIR, e->folder_mode);
	else if (e->uid != 0 && e->uid != e->folder_uid)
		found(f, DOCTOR_WRONG, "ls -ln " RPC_SOCKET_DIR,
		      "the socket belongs to user %u, neither to root nor to who owns the folder",
		      e->uid);
	return !f->result;
}

void doctor_socket(const struct doctor *d, struct finding *f)
{
	const struct endpoint *e = &d->health.endpoint;
	const char *name = d->service->interface;
	char start[NEXT_MAX];

	next_start(d, start);
	if (e->folder < 0)
		found(f, DOCTOR_WRONG, start, "%s: %s", RPC_SOCKET_DIR, strerror(-e->folder));
	else if (e->file == -ENOTSOCK)
		found(f, DOCTOR_WRONG, start, "%s/%s is no socket", RPC_SOCKET_DIR, name);
	else if (e->file < 0)
		found(f, DOCTOR_WRONG, start, "%s/%s: %s", RPC_SOCKET_DIR, name,
		      strerror(-e->file));
	else if ((e->mode & 0666) != 0666)
		found(f, DOCTOR_WRONG, start,
		      "%s/%s has mode %04o: not everybody can connect, as with 0666",
		      RPC_SOCKET_DIR, name, e->mode);
	else if (folder_is_safe(e, f))
		found(f, DOCTOR_FINE, NULL, "%s/%s", RPC_SOCKET_DIR, name);
}

void doctor_connection(const struct doctor *d, struct finding *f)
{
	const struct endpoint *e = &d->health.endpoint;
	char start[NEXT_MAX], restart[NEXT_MAX];

	next_start(d, start);
	next_restart(d, restart);
	if (e->file < 0)
		found(f, DOCTOR_SKIPPED, NULL, "there is nothing to connect to");
	else if (e->connected == 0)
		found(f, DOCTOR_FINE, NULL, "somebody listens");
	else if (e->connected == -ECONNREFUSED)
		found(f, DOCTOR_WRONG, start, "nobody listens");
	else if (e->connected == -EAGAIN)
		found(f, DOCTOR_WRONG, restart, "its queue is full: nobody takes connections");
	else if (e->connected == -EACCES)
		found(f, DOCTOR_WRONG, "ls -l " RPC_SOCKET_DIR, "you may not connect");
	else
		found(f, DOCTOR_WRONG, restart, "%s", strerror(-e->connected));
}

/* ---- what answers ---- */

static const struct {
	int r;
	const char *text;
} silences[] = {
	{-ETIMEDOUT, "no answer within 2 s: it hangs"},
	{-EPROTO, "what it has sent is not varlink"},
	{-ECONNRESET, "it has closed the connection without an answer"},
	{-EREMOTEIO, "it does not say what it is"},
	{-EUSERS, "it has too many connections already"},
	{-EMSGSIZE, "its answer is longer than 1 MiB"},
};

const char *doctor_silence(int r)
{
	for (size_t i = 0; i < ARRAY_SIZE(silences); i++)
		if (silences[i].r == r)
			return silences[i].text;
	return strerror(-r);
}

void doctor_answer(const struct doctor *d, struct finding *f)
{
	const struct health *h = &d->health;
	char restart[NEXT_MAX], span[TIME_TEXT_MAX] = "";

	next_restart(d, restart);
	if (h->endpoint.connected < 0) {
		found(f, DOCTOR_SKIPPED, NULL, "there is no connection");
		return;
	}
	if (h->answer == -EACCES) {
		found(f, DOCTOR_NOTE, NULL, "it answers, and tells you nothing: see access");
		return;
	}
	if (h->answer < 0) {
		found(f, DOCTOR_WRONG, restart, "%s", doctor_silence(h->answer));
		return;
	}
	time_format_span(h->answer_ns, span);
	found(f, DOCTOR_FINE, NULL, "%s%s%s", h->version ? h->version : "it answers",
	      d->l->verbose ? ", after " : "", d->l->verbose ? span : "");
}

/* A service that was updated, and not restarted, serves what it was built with. */
void doctor_definition(const struct doctor *d, struct finding *f)
{
	_cleanup_(idl_free_p) struct idl *served = NULL;
	char restart[NEXT_MAX];
	int r;

	next_restart(d, restart);
	if (!d->health.link) {
		found(f, DOCTOR_SKIPPED, NULL, "it does not tell what it serves");
		return;
	}
	r = definition_ask(d->health.link, d->service->interface, &served);
	if (r == -EREMOTEIO)
		found(f, DOCTOR_WRONG, restart, "it does not serve %s", d->service->interface);
	else if (r < 0)
		found(f, DOCTOR_WRONG, restart, "%s", doctor_silence(r));
	else if (d->idl && !str_equal(served->text, d->idl->text))
		found(f, DOCTOR_WRONG, restart,
		      "it serves another version of %s than the one that is installed",
		      d->service->interface);
	else
		found(f, DOCTOR_FINE, NULL, "it serves %s", d->service->interface);
}

/* ---- what this person may do ---- */

/* How to get the next class: the first group that gives it, else the file. */
static void next_class(const struct standing *s, char next[NEXT_MAX])
{
	size_t len = s->groups ? strcspn(s->groups, " \t") : 0;

	if (len)
		snprintf(next, NEXT_MAX, "sudo usermod -aG %.*s $USER", (int)len, s->groups);
	else
		snprintf(next, NEXT_MAX, "sudoedit %s", ACCESS_PATH);
}

static void judge_standing(const struct standing *s, struct finding *f)
{
	const char *now = access_class_name(s->now);
	char next[NEXT_MAX];

	next_class(s, next);
	if (s->after_login > s->now)
		found(f, DOCTOR_WRONG, "su - $USER",
		      "your class is %s; it will be %s when you log in anew", now,
		      access_class_name(s->after_login));
	else if (s->now == ACCESS_NONE)
		found(f, DOCTOR_WRONG, next, "your class is none: you may call nothing");
	else if (s->now == ACCESS_ADMIN)
		found(f, DOCTOR_FINE, NULL, "your class is admin: you may call everything");
	else if (s->groups)
		found(f, DOCTOR_FINE, NULL, "your class is %s; groups with %s: %s", now,
		      access_class_name(s->next), s->groups);
	else
		found(f, DOCTOR_FINE, NULL, "your class is %s; no group has a higher one", now);
}

void doctor_access(const struct doctor *d, struct finding *f)
{
	_cleanup_(standing_deinit) struct standing s = {};
	_cleanup_free_ char *problem = NULL;
	int r = standing_look(d->l->root_fd, &s, &problem);

	if (r == 0)
		judge_standing(&s, f);
	else if (problem)
		found(f, DOCTOR_WRONG, "sudoedit " ACCESS_PATH, "%s", problem);
	else
		found(f, DOCTOR_WRONG, "ls -l " ACCESS_PATH, "%s: %s", ACCESS_PATH, strerror(-r));
}
