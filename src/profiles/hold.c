/*
 * Holds; see hold.h.
 */
#include "profiles/hold.h"

#include <errno.h>
#include <string.h>

#include "base/def.h"
#include "base/str.h"

int hold_new(const char *owner, enum profile profile, const char *reason, const char *application,
	     struct hold **ret_hold)
{
	_cleanup_(hold_free_p) struct hold *h = calloc(1, sizeof(*h));

	if (!h)
		return -ENOMEM;
	h->profile = profile;
	h->owner = strdup(owner);
	h->reason = strdup(reason);
	h->application = strdup(application);
	if (!h->owner || !h->reason || !h->application)
		return -ENOMEM;
	*ret_hold = take_ptr(h);
	return 0;
}

void hold_free(struct hold *h)
{
	if (!h)
		return;
	if (list_is_linked(&h->link))
		list_remove(&h->link);
	sd_bus_slot_unref(h->gone);
	free(h->owner);
	free(h->reason);
	free(h->application);
	free(h);
}

void hold_free_p(struct hold **h)
{
	hold_free(*h);
}

enum profile holds_profile(struct list *holds, enum profile chosen)
{
	const struct hold *h;

	for (list_each(h, holds, link))
		if (h->profile == PROFILE_POWER_SAVER)
			return h->profile;
	return list_is_empty(holds) ? chosen : PROFILE_PERFORMANCE;
}

unsigned holds_of(struct list *holds, const char *owner)
{
	const struct hold *h;
	unsigned count = 0;

	for (list_each(h, holds, link))
		count += str_equal(h->owner, owner);
	return count;
}

static bool is_taken(struct list *holds, uint32_t cookie)
{
	const struct hold *h;

	for (list_each(h, holds, link))
		if (h->cookie == cookie)
			return true;
	return false;
}

struct hold *holds_find(struct list *holds, uint32_t cookie, const char *owner)
{
	struct hold *h;

	for (list_each(h, holds, link))
		if (h->cookie == cookie && str_equal(h->owner, owner))
			return h;
	return NULL;
}

uint32_t holds_cookie(struct list *holds, uint32_t last)
{
	do
		last++;
	while (last == 0 || is_taken(holds, last));
	return last;
}
