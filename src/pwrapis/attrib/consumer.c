/*
 * Consumers; see consumer.h.
 */
#include "pwrapis/attrib/consumer.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"

struct consumer *consumer_new(struct consumers *all, enum consumer_kind kind, const char *name,
			      struct group *group)
{
	struct consumer *c;

	if (all->count == CONSUMERS_MAX)
		return NULL;
	c = calloc(1, sizeof(*c));
	if (!c)
		return NULL;
	c->kind = kind;
	strncpy(c->name, name, sizeof(c->name) - 1);
	c->group = group;
	if (group)
		group->refs++;
	c->refs = 1;
	c->next = all->first;
	all->first = c;
	all->count++;
	return c;
}

struct consumer *consumer_get(struct consumers *all, enum consumer_kind kind, const char *name,
			      uid_t uid, struct group *group)
{
	struct consumer **at = &all->first, *c;

	while ((c = *at) &&
	       !(c->kind == kind && c->group == group && c->uid == uid && str_equal(c->name, name)))
		at = &c->next;
	if (c) {
		/* Who is asked for once is asked for again soon. */
		*at = c->next;
		c->next = all->first;
		all->first = c;
		return consumer_ref(c);
	}
	c = consumer_new(all, kind, name, group);
	if (c)
		c->uid = uid;
	return c;
}

struct consumer *consumer_ref(struct consumer *c)
{
	c->refs++;
	return c;
}

void consumer_unref(struct consumers *all, struct consumer *c)
{
	struct consumer **at = &all->first;

	if (!c || --c->refs)
		return;
	while (*at != c)
		at = &(*at)->next;
	*at = c->next;
	all->count--;
	if (c->group)
		c->group->refs--;
	free(c);
}
