/*
 * What a session has set; see lease.h. A sorted vector: a lease is mostly set in the order of it.
 */
#include "pwrapis/lease.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"

/* Where the setting is, or would be. */
static size_t place(const struct lease *l, unsigned item, unsigned index)
{
	size_t low = 0, high = l->count;

	while (low < high) {
		size_t middle = (low + high) / 2;
		const struct lease_setting *s = &l->settings[middle];

		if (s->item < item || (s->item == item && s->index < index))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool is_at(const struct lease *l, size_t at, unsigned item, unsigned index)
{
	return at < l->count && l->settings[at].item == item && l->settings[at].index == index;
}

const struct power_value *lease_get(const struct lease *l, unsigned item, unsigned index)
{
	size_t at = place(l, item, index);

	return is_at(l, at, item, index) ? &l->settings[at].value : NULL;
}

static int make_room(struct lease *l)
{
	size_t room = l->room ? 2 * l->room : 8;
	struct lease_setting *grown;

	if (l->count < l->room)
		return 0;
	if (l->count == LEASE_SETTINGS_MAX)
		return -ENOSPC;
	grown = reallocarray(l->settings, room, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	l->settings = grown;
	l->room = room;
	return 0;
}

int lease_put(struct lease *l, unsigned item, unsigned index, const struct power_value *value)
{
	size_t at = place(l, item, index);
	struct lease_setting *s;
	int r;

	if (is_at(l, at, item, index)) {
		l->settings[at].value = *value;
		l->settings[at].since_ns = time_now_ns(CLOCK_REALTIME);
		return 0;
	}
	r = make_room(l);
	if (r < 0)
		return r;
	s = &l->settings[at];
	memmove(s + 1, s, (l->count - at) * sizeof(*s));
	*s = (struct lease_setting){.item = item,
				    .index = index,
				    .value = *value,
				    .since_ns = time_now_ns(CLOCK_REALTIME)};
	l->count++;
	return 0;
}

void lease_drop_at(struct lease *l, size_t at)
{
	free(l->settings[at].place);
	l->count--;
	memmove(&l->settings[at], &l->settings[at + 1], (l->count - at) * sizeof(l->settings[0]));
}

void lease_drop(struct lease *l, unsigned item, unsigned index)
{
	size_t at = place(l, item, index);

	if (is_at(l, at, item, index))
		lease_drop_at(l, at);
}

/* ---- places that come and go ---- */

static int leave_place(struct lease_setting *s, const struct machine *m)
{
	const char *name;

	if (s->place)
		return 0;
	name = machine_name(m, power_item(s->item)->domain, s->index);
	s->place = strdup(name ? name : "");
	return s->place ? 0 : -ENOMEM;
}

int lease_leave_places(struct lease *l, const struct machine *m)
{
	for (size_t i = 0; i < l->count; i++)
		if (leave_place(&l->settings[i], m) < 0) {
			lease_find_places(l, m);
			return -ENOMEM;
		}
	return 0;
}

static int compare(const void *a, const void *b)
{
	const struct lease_setting *x = a, *y = b;

	if (x->item != y->item)
		return x->item < y->item ? -1 : 1;
	return x->index < y->index ? -1 : x->index > y->index;
}

static void find_place(struct lease_setting *s, const struct machine *m)
{
	if (!s->place)
		return;
	if (machine_index(m, power_item(s->item)->domain, s->place, &s->index) < 0) {
		s->index = LEASE_AWAY;
		return;
	}
	free(s->place);
	s->place = NULL;
}

void lease_find_places(struct lease *l, const struct machine *m)
{
	for (size_t i = 0; i < l->count; i++)
		find_place(&l->settings[i], m);
	if (l->count)
		qsort(l->settings, l->count, sizeof(l->settings[0]), compare);
}

void lease_clear(struct lease *l)
{
	for (size_t i = 0; i < l->count; i++)
		free(l->settings[i].place);
	free(l->settings);
	*l = (struct lease){};
}
