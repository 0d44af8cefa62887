/*
 * Why something is not working; see doctor.h. The chain, and what a step finds.
 */
#include "leo/doctor.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/def.h"
#include "base/str.h"
#include "leo/api.h"
#include "leo/text.h"

const struct doctor_step doctor_steps[] = {
	{"interface file", doctor_interface},
	{"program", doctor_program},
	{"unit", doctor_unit},
	{"socket unit", doctor_socket_unit},
	{"socket", doctor_socket},
	{"connection", doctor_connection},
	{"answer", doctor_answer},
	{"interface", doctor_definition},
	{"access", doctor_access},
	{"health", doctor_health},
	{"powers", doctor_powers},
	{},
};

void doctor_init(struct doctor *d, struct leo *l, const struct service *s)
{
	*d = (struct doctor){.l = l, .service = s};
	d->idl_result = api_load(l->root_fd, s->interface, &d->idl, &d->idl_problem);
	health_look(l, s, true, &d->health);
}

void doctor_deinit(struct doctor *d)
{
	health_deinit(&d->health);
	idl_free(d->idl);
	free(d->idl_problem);
}

void finding_deinit(struct finding *f)
{
	free(f->text);
	free(f->next);
	*f = (struct finding){};
}

const char *doctor_starter(const struct doctor *d)
{
	return str_equal(d->health.socket_unit.load, "loaded") ? d->service->socket_unit
							       : d->service->unit;
}

void found(struct finding *f, enum doctor_result result, const char *next, const char *format, ...)
{
	_cleanup_free_ char *raw = NULL;
	va_list ap;

	finding_deinit(f);
	f->result = result;
	f->next = next ? strdup(next) : NULL;
	va_start(ap, format);
	if (vasprintf(&raw, format, ap) < 0)
		raw = NULL;
	va_end(ap);
	if (raw && text_clean(raw, strlen(raw), &f->text) < 0)
		f->text = NULL;
}
