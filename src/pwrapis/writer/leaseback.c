/*
 * The book: putting back, and what was noted before; see leases.h.
 */
#include <errno.h>
#include <string.h>

#include "pwrapis/writer/leasesint.h"

/* What became of a spot. */
enum { BACK_DONE, BACK_LOST };

const struct power_value *leases_target(struct spot *spot)
{
	const struct setting *top = list_first(&spot->settings, struct setting, of_spot);

	return top ? &top->seen : &spot->original;
}

int leases_note_spot(struct leases *l, const struct spot *spot, enum leases_state state)
{
	const struct leases_note note = {
		.state = state,
		.item = spot->item,
		.name = spot->name,
		.original = &spot->original,
		.last = &spot->last,
		.tried = &spot->tried,
	};

	return l->ops->note(l->data, &note);
}

bool leases_is_ours(struct spot *spot, const struct power_value *now)
{
	if (!leases_same(now, &spot->last) &&
	    !(spot->tried_now && leases_close(spot, now, &spot->tried)))
		return false;
	spot->last = *now;
	spot->tried_now = false;
	return true;
}

void leases_tell(struct leases *l, const struct spot *spot, const struct power_value *now)
{
	l->ops->conflict(l->data, spot->item, spot->name, &spot->last, now);
}

/*
 * What belongs there is there. A note that fails now does no harm that lasts: who reads the journal
 * finds the original, or the value of before, and the keeper of the journal writes it anew.
 */
static int settled(struct leases *l, struct spot *spot)
{
	spot->owed = false;
	if (!list_is_empty(&spot->settings)) {
		leases_note_spot(l, spot, LEASES_HELD);
		return BACK_DONE;
	}
	leases_note_spot(l, spot, LEASES_FREE);
	leases_unmake_spot(l, spot);
	return BACK_DONE;
}

static int lost(struct leases *l, struct spot *spot, const struct power_value *now)
{
	leases_tell(l, spot, now);
	leases_note_spot(l, spot, LEASES_FREE);
	leases_unmake_spot(l, spot);
	return BACK_LOST;
}

/* Writes what belongs there. An original was noted, an older lease's value has to be. */
static int write_back(struct leases *l, struct spot *spot)
{
	const struct power_value target = *leases_target(spot);
	struct power_value now;
	int r = 0;

	spot->tried = target;
	if (!list_is_empty(&spot->settings))
		r = leases_note_spot(l, spot, LEASES_TRIED);
	if (r < 0)
		return r;
	spot->tried_now = true;
	r = l->ops->write(l->data, spot->item, spot->name, &target);
	if (r < 0)
		return r;
	r = l->ops->read(l->data, spot->item, spot->name, &now);
	if (r < 0)
		return r;
	spot->last = now;
	spot->tried_now = false;
	if (leases_close(spot, &now, &target))
		return settled(l, spot);
	leases_note_spot(l, spot, LEASES_HELD);
	return -EIO;
}

static int put_back(struct leases *l, struct spot *spot, bool checked)
{
	struct power_value now;
	int r = l->ops->read(l->data, spot->item, spot->name, &now);

	if (r < 0)
		return r;
	if (leases_same(&now, leases_target(spot))) {
		spot->last = now;
		spot->tried_now = false;
		return settled(l, spot);
	}
	if (!leases_is_ours(spot, &now))
		return lost(l, spot, &now);
	if (checked)
		r = l->ops->check(l->data, spot->item, spot->name, leases_target(spot));
	return r < 0 ? r : write_back(l, spot);
}

/* One round over all that is owed: how many are so no more. */
static unsigned round_once(struct leases *l, bool checked, struct leases_count *count,
			   int *ret_error)
{
	struct spot *spot;
	unsigned over = 0;
	int error = 0;

	for (list_each(spot, &l->spots, at)) {
		int r;

		if (!spot->owed)
			continue;
		r = put_back(l, spot, checked);
		over += r >= 0;
		count->restored += r == BACK_DONE;
		count->conflicts += r == BACK_LOST;
		if (r < 0 && error == 0)
			error = r;
	}
	*ret_error = error;
	return over;
}

/*
 * First what the machine would take from a client: the upper end of a range is not lowered below
 * the lower one, which would then be read as something that we have not set. What was there before
 * may be something that no client could set, so that the rest is written without a check.
 */
static int settle(struct leases *l, struct leases_count *count)
{
	int error;

	while (round_once(l, true, count, &error) && error)
		;
	while (error && round_once(l, false, count, &error) && error)
		;
	return error;
}

int leases_settle(struct leases *l, struct leases_count *ret_count)
{
	struct leases_count count = {};
	int r = settle(l, &count);

	*ret_count = count;
	return r;
}

/* Ends a setting; what it held is owed then. */
static void let_go(struct leases *l, struct setting *s, struct leases_count *count)
{
	struct spot *spot = s->spot;

	if (s->fd >= 0)
		count->restored++;
	else if (!spot)
		count->conflicts++;
	else if (list_first(&spot->settings, struct setting, of_spot) == s)
		spot->owed = true;
	leases_unmake_setting(l, s);
}

static void let_all_go(struct leases *l, struct lease *lease, struct leases_count *count)
{
	struct setting *s;

	for (list_each(s, &lease->settings, of_lease))
		let_go(l, s, count);
	leases_unmake_lease(l, lease);
}

int leases_drop(struct leases *l, uint64_t id, unsigned item, const char *name,
		struct leases_count *ret_count)
{
	struct lease *lease = leases_find_lease(l, id);
	struct setting *s = lease ? leases_find_setting(lease, item, name) : NULL;
	struct leases_count count = {};
	int r;

	if (!s)
		return -ENOENT;
	let_go(l, s, &count);
	leases_unmake_lease(l, lease);
	r = settle(l, &count);
	*ret_count = count;
	return r;
}

int leases_end(struct leases *l, uint64_t id, struct leases_count *ret_count)
{
	struct lease *lease = leases_find_lease(l, id);
	struct leases_count count = {};
	int r;

	if (lease)
		let_all_go(l, lease, &count);
	r = settle(l, &count);
	*ret_count = count;
	return r;
}

int leases_end_all(struct leases *l, struct leases_count *ret_count)
{
	struct leases_count count = {};
	struct lease *lease;
	int r;

	for (list_each(lease, &l->leases, at))
		let_all_go(l, lease, &count);
	r = settle(l, &count);
	*ret_count = count;
	return r;
}

/* ---- notes of before ---- */

int leases_recall(struct leases *l, const struct leases_note *note)
{
	struct spot *spot = leases_find_spot(l, note->item, note->name);
	int r = 0;

	if (note->state == LEASES_FREE) {
		if (spot)
			leases_unmake_spot(l, spot);
		return 0;
	}
	if (!spot)
		r = leases_make_spot(l, note->item, note->name, &spot);
	if (r < 0)
		return r;
	list_remove(&spot->at);
	list_add_first(&l->spots, &spot->at);
	spot->original = *note->original;
	spot->last = *note->last;
	spot->tried = *note->tried;
	spot->tried_now = note->state == LEASES_TRIED;
	spot->owed = true;
	return 0;
}

void leases_notes(const struct leases *l, void (*fn)(void *data, const struct leases_note *note),
		  void *data)
{
	const struct list_link *head = &l->spots.head;

	/* The oldest first, as they were noted. */
	for (const struct list_link *at = head->prev; at != head; at = at->prev) {
		const struct spot *spot = list_item((struct list_link *)at, struct spot, at);
		const struct leases_note note = {
			.state = spot->tried_now ? LEASES_TRIED : LEASES_HELD,
			.item = spot->item,
			.name = spot->name,
			.original = &spot->original,
			.last = &spot->last,
			.tried = &spot->tried,
		};

		fn(data, &note);
	}
}
