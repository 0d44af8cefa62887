/*
 * The book: setting; see leases.h.
 */
#include <errno.h>
#include <string.h>

#include "base/def.h"
#include "pwrapis/writer/leasesint.h"

/* Somebody else has set it: the settings of before are lost, and this is what is put back later. */
static void take_as_original(struct leases *l, struct spot *spot, const struct power_value *now)
{
	struct setting *s;

	leases_tell(l, spot, now);
	for (list_each(s, &spot->settings, of_spot)) {
		list_remove(&s->of_spot);
		s->spot = NULL;
	}
	spot->original = spot->last = *now;
	spot->tried_now = spot->owed = false;
}

/* The spot with what is there now, before anything is noted or written. */
static int look_at(struct leases *l, unsigned item, const char *name, struct spot **ret_spot)
{
	struct spot *spot = leases_find_spot(l, item, name);
	struct power_value now;
	int r = l->ops->read(l->data, item, name, &now);

	if (r < 0)
		return r;
	if (!spot) {
		r = leases_make_spot(l, item, name, &spot);
		if (r < 0)
			return r;
		spot->original = spot->last = now;
	} else if (!leases_is_ours(spot, &now)) {
		take_as_original(l, spot, &now);
	}
	*ret_spot = spot;
	return 0;
}

/* Noted, written, read back. After a failure behind the note the spot is owed. */
static int change(struct leases *l, struct spot *spot, const struct power_value *value)
{
	struct power_value now;
	int r;

	spot->tried = *value;
	r = leases_note_spot(l, spot, LEASES_TRIED);
	if (r < 0)
		return r;
	spot->tried_now = spot->owed = true;
	r = l->ops->write(l->data, spot->item, spot->name, value);
	if (r == 0)
		r = l->ops->read(l->data, spot->item, spot->name, &now);
	if (r < 0)
		return r;
	spot->last = now;
	spot->tried_now = false;
	leases_note_spot(l, spot, LEASES_HELD);
	if (!leases_close(spot, &now, value))
		return -EIO;
	spot->owed = false;
	return 0;
}

/* The setting is the youngest of its spot, and the spot the one that was set last. */
static void put_on_top(struct leases *l, struct setting *s, struct spot *spot)
{
	if (s->spot)
		list_remove(&s->of_spot);
	s->spot = spot;
	s->seen = spot->last;
	list_add_first(&spot->settings, &s->of_spot);
	list_remove(&spot->at);
	list_add_first(&l->spots, &spot->at);
	list_remove(&s->of_lease);
	list_add_first(&s->lease->settings, &s->of_lease);
}

/* What it was is put back; nothing is left of a spot that was never set. */
static void undo(struct leases *l, struct spot *spot)
{
	struct leases_count count;

	if (spot->owed)
		leases_settle(l, &count);
	else if (list_is_empty(&spot->settings))
		leases_unmake_spot(l, spot);
}

static int set(struct leases *l, struct setting *s, const struct power_value *value)
{
	struct spot *spot = NULL;
	int r = l->ops->check(l->data, s->item, s->name, value);

	if (r == 0)
		r = look_at(l, s->item, s->name, &spot);
	if (r < 0)
		return r;
	r = change(l, spot, value);
	if (r < 0) {
		undo(l, spot);
		return r;
	}
	put_on_top(l, s, spot);
	return 0;
}

static int hold(struct leases *l, struct setting *s, const struct power_value *value)
{
	int fd = -1;
	int r = l->ops->check(l->data, s->item, s->name, value);

	if (r == 0)
		r = l->ops->hold(l->data, s->item, s->name, value, &fd);
	if (r < 0)
		return r;
	/* The new request stands before the old one goes: at no time there is none. */
	cleanup_close_p(&s->fd);
	s->fd = fd;
	return 0;
}

typedef int (*apply_fn)(struct leases *l, struct setting *s, const struct power_value *value);

/* A setting that was not there before and fails is not there afterwards. */
static int apply(struct leases *l, uint64_t id, unsigned item, const char *name,
		 const struct power_value *value, apply_fn fn)
{
	struct setting *s = NULL;
	struct lease *lease;
	bool had;
	int r = leases_make_lease(l, id, &lease);

	if (r < 0)
		return r;
	had = leases_find_setting(lease, item, name);
	r = leases_make_setting(l, lease, item, name, &s);
	if (r == 0)
		r = fn(l, s, value);
	if (r < 0 && s && !had)
		leases_unmake_setting(l, s);
	leases_unmake_lease(l, lease);
	return r;
}

int leases_set(struct leases *l, uint64_t lease, unsigned item, const char *name,
	       const struct power_value *value)
{
	return apply(l, lease, item, name, value, set);
}

int leases_hold(struct leases *l, uint64_t lease, unsigned item, const char *name,
		const struct power_value *value)
{
	return apply(l, lease, item, name, value, hold);
}
