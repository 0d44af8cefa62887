/*
 * What a session has set; see lease.h. A sorted vector: a lease is mostly set in the order of it.
 */
#include "pwrapis/lease.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

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
		return 0;
	}
	r = make_room(l);
	if (r < 0)
		return r;
	s = &l->settings[at];
	memmove(s + 1, s, (l->count - at) * sizeof(*s));
	*s = (struct lease_setting){.item = item, .index = index, .value = *value};
	l->count++;
	return 0;
}

void lease_drop(struct lease *l, unsigned item, unsigned index)
{
	size_t at = place(l, item, index);

	if (!is_at(l, at, item, index))
		return;
	l->count--;
	memmove(&l->settings[at], &l->settings[at + 1], (l->count - at) * sizeof(l->settings[0]));
}

void lease_clear(struct lease *l)
{
	free(l->settings);
	*l = (struct lease){};
}
