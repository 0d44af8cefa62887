/*
 * The book: what is in it; see leases.h. Lists are searched from their beginning: a machine has
 * some thousand spots at most, and a write to it takes longer.
 */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/def.h"
#include "base/str.h"
#include "pwrapis/writer/leasesint.h"
#include "pwrapis/writerproto.h"

/* By how much a number may differ when nobody has set it. */
#define NOISE 1e-9

int leases_new(const struct leases_ops *ops, void *data, struct leases **ret_leases)
{
	struct leases *l = calloc(1, sizeof(*l));

	if (!l)
		return -ENOMEM;
	l->ops = ops;
	l->data = data;
	list_init(&l->leases);
	list_init(&l->spots);
	*ret_leases = l;
	return 0;
}

void leases_free(struct leases *l)
{
	struct lease *lease;
	struct spot *spot;

	if (!l)
		return;
	for (list_each(lease, &l->leases, at)) {
		while (!list_is_empty(&lease->settings))
			leases_unmake_setting(
				l, list_first(&lease->settings, struct setting, of_lease));
		leases_unmake_lease(l, lease);
	}
	for (list_each(spot, &l->spots, at))
		leases_unmake_spot(l, spot);
	free(l);
}

/* ---- leases ---- */

struct lease *leases_find_lease(struct leases *l, uint64_t id)
{
	struct lease *lease;

	for (list_each(lease, &l->leases, at)) {
		if (lease->id == id)
			return lease;
	}
	return NULL;
}

int leases_make_lease(struct leases *l, uint64_t id, struct lease **ret_lease)
{
	struct lease *lease = leases_find_lease(l, id);

	if (!lease && l->lease_count >= WRITER_LEASES_MAX)
		return -EBUSY;
	if (!lease) {
		lease = calloc(1, sizeof(*lease));
		if (!lease)
			return -ENOMEM;
		lease->id = id;
		list_init(&lease->settings);
		list_add_last(&l->leases, &lease->at);
		l->lease_count++;
	}
	*ret_lease = lease;
	return 0;
}

void leases_unmake_lease(struct leases *l, struct lease *lease)
{
	if (!list_is_empty(&lease->settings))
		return;
	list_remove(&lease->at);
	l->lease_count--;
	free(lease);
}

/* ---- settings ---- */

struct setting *leases_find_setting(struct lease *lease, unsigned item, const char *name)
{
	struct setting *s;

	for (list_each(s, &lease->settings, of_lease)) {
		if (s->item == item && str_equal(s->name, name))
			return s;
	}
	return NULL;
}

int leases_make_setting(struct leases *l, struct lease *lease, unsigned item, const char *name,
			struct setting **ret_setting)
{
	struct setting *s = leases_find_setting(lease, item, name);

	if (!s && l->setting_count >= WRITER_SETTINGS_MAX)
		return -EBUSY;
	if (!s) {
		s = calloc(1, sizeof(*s));
		if (!s)
			return -ENOMEM;
		s->lease = lease;
		s->item = item;
		s->fd = -1;
		strncpy(s->name, name, sizeof(s->name) - 1);
		list_add_first(&lease->settings, &s->of_lease);
		l->setting_count++;
	}
	*ret_setting = s;
	return 0;
}

void leases_unmake_setting(struct leases *l, struct setting *s)
{
	cleanup_close_p(&s->fd);
	if (s->spot)
		list_remove(&s->of_spot);
	list_remove(&s->of_lease);
	l->setting_count--;
	free(s);
}

/* ---- spots ---- */

struct spot *leases_find_spot(struct leases *l, unsigned item, const char *name)
{
	struct spot *spot;

	for (list_each(spot, &l->spots, at)) {
		if (spot->item == item && str_equal(spot->name, name))
			return spot;
	}
	return NULL;
}

int leases_make_spot(struct leases *l, unsigned item, const char *name, struct spot **ret_spot)
{
	struct spot *spot;

	if (l->spot_count >= WRITER_SETTINGS_MAX)
		return -EBUSY;
	spot = calloc(1, sizeof(*spot));
	if (!spot)
		return -ENOMEM;
	spot->item = item;
	spot->rounding = fmax(l->ops->rounding(l->data, item), NOISE);
	strncpy(spot->name, name, sizeof(spot->name) - 1);
	list_init(&spot->settings);
	list_add_first(&l->spots, &spot->at);
	l->spot_count++;
	*ret_spot = spot;
	return 0;
}

void leases_unmake_spot(struct leases *l, struct spot *spot)
{
	struct setting *s;

	for (list_each(s, &spot->settings, of_spot)) {
		list_remove(&s->of_spot);
		s->spot = NULL;
	}
	list_remove(&spot->at);
	l->spot_count--;
	free(spot);
}

unsigned leases_spot_count(const struct leases *l)
{
	return l->spot_count;
}

unsigned leases_setting_count(const struct leases *l)
{
	return l->setting_count;
}

unsigned leases_owed_count(struct leases *l)
{
	struct spot *spot;
	unsigned count = 0;

	for (list_each(spot, &l->spots, at))
		count += spot->owed;
	return count;
}

/* ---- values ---- */

/* A number that could not be set (machine_state()) may be any. */
static bool within(const struct power_value *is, const struct power_value *wanted, double share)
{
	double larger = fmax(fabs(is->number), fabs(wanted->number));

	if (!str_equal(is->text, wanted->text))
		return false;
	return (*wanted->text && wanted->number == 0) ||
	       fabs(is->number - wanted->number) <= share * larger;
}

bool leases_same(const struct power_value *is, const struct power_value *wanted)
{
	return within(is, wanted, NOISE);
}

bool leases_close(const struct spot *spot, const struct power_value *is,
		  const struct power_value *wanted)
{
	return within(is, wanted, spot->rounding);
}
