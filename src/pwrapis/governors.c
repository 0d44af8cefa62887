/*
 * Changes of governors; see governors.h.
 */
#include "pwrapis/governors.h"

#include <stdlib.h>
#include <string.h>

#include "base/def.h"
#include "base/str.h"
#include "pwrapis/items.h"
#include "pwrapis/pwrapis.h"
#include "pwrapis/read.h"

enum { FRESH_MS = 1000, TEXT_BYTES = 120 };

void governors_deinit(struct governors *g)
{
	free(g->list);
	*g = (struct governors){};
}

/* ---- looking ---- */

static bool are_policies(const struct governors *g, const struct machine *m)
{
	char name[PWR_MAX_ELEMENT_NAME_LEN];

	if (g->count != machine_count(m, POWER_POLICY))
		return false;
	for (unsigned i = 0; i < g->count; i++) {
		name_copy(name, machine_name(m, POWER_POLICY, i));
		if (!str_equal(g->list[i].policy, name))
			return false;
	}
	return true;
}

/* Without memory nothing is known, and nothing is told. */
static void begin(struct governors *g, const struct machine *m)
{
	unsigned count = machine_count(m, POWER_POLICY);

	governors_deinit(g);
	g->list = calloc(count, sizeof(*g->list));
	if (!g->list)
		return;
	g->count = count;
	for (unsigned i = 0; i < count; i++)
		name_copy(g->list[i].policy, machine_name(m, POWER_POLICY, i));
}

/* What cannot be read now is as it was. Whether it has changed. */
static bool look_at(struct governor *g, struct machine *m, unsigned index)
{
	char before[PWR_MAX_ELEMENT_NAME_LEN];
	struct power_value value;

	if (machine_read(m, item_number(ITEM_GOVERNOR), index, &value) < 0)
		return false;
	memcpy(before, g->name, sizeof(before));
	name_copy(g->name, value.text);
	g->changed = *before && !str_equal(before, g->name);
	return g->changed;
}

static bool look(struct pwrapis *p)
{
	struct governors *g = &p->governors;
	bool some = false;

	if (!are_policies(g, p->machine))
		begin(g, p->machine);
	g->looked_ms = uv_now(&p->daemon->loop);
	for (unsigned i = 0; i < g->count; i++)
		some |= look_at(&g->list[i], p->machine, i);
	return some;
}

/* ---- telling ---- */

static bool may_know(const struct session *s)
{
	const struct who *w = &s->p->who;

	return who_class(w, &s->peer) >= ACCESS_OBSERVE ||
	       who_is_granted(w, &s->peer, item_number(ITEM_GOVERNOR));
}

/* "performance: policy0 policy1 and 6 more"; of those that have changed to what the first one has.
 */
static void write_text(struct governors *g, unsigned first, char text[TEXT_BYTES])
{
	const char *name = g->list[first].name;
	size_t len = snprintf(text, TEXT_BYTES, "%s:", name);
	unsigned more = 0;

	for (unsigned i = first; i < g->count; i++) {
		struct governor *one = &g->list[i];

		if (!one->changed || !str_equal(one->name, name))
			continue;
		one->changed = false;
		/* The end may be "and 4294967295 more". */
		if (more || len + strlen(one->policy) + 24 > TEXT_BYTES)
			more++;
		else
			len += snprintf(text + len, TEXT_BYTES - len, " %s", one->policy);
	}
	if (more)
		snprintf(text + len, TEXT_BYTES - len, " and %u more", more);
}

static void tell(struct pwrapis *p)
{
	struct governors *g = &p->governors;
	char text[TEXT_BYTES];
	struct session *s;

	for (unsigned i = 0; i < g->count; i++) {
		if (!g->list[i].changed)
			continue;
		write_text(g, i, text);
		for (list_each(s, &p->sessions, link))
			if (may_know(s))
				session_notice(s, PWR_COM_EVTTYPE_CPUFREQ_GOV_CHANGED, text);
	}
}

void governors_beat(struct pwrapis *p)
{
	if (p->session_count && look(p))
		tell(p);
}

void governors_begin(struct pwrapis *p)
{
	struct governors *g = &p->governors;

	if (p->session_count ||
	    (g->looked_ms && uv_now(&p->daemon->loop) - g->looked_ms < FRESH_MS))
		return;
	look(p);
	for (unsigned i = 0; i < g->count; i++)
		g->list[i].changed = false;
}
