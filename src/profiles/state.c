/*
 * Which profile is active: the strongest hold, or what a person has chosen.
 *
 * A change by a person ends all holds, and is told as done when it is in force; where that does not
 * succeed, everything stays as it was. A hold counts at once, and is put in force meanwhile.
 */
#include <errno.h>
#include <string.h>

#include "base/def.h"
#include "base/log.h"
#include "base/str.h"
#include "profiles/profiles.h"

static struct log_limit failures = {.interval_ns = UINT64_C(60000000000), .burst = 10};

/* Those two are always there, as published. */
bool state_offers(const struct profiles *p, enum profile profile)
{
	const struct plan_parts *parts = &p->parts[profile];

	return profile != PROFILE_PERFORMANCE || parts->processors || parts->platform;
}

static void set_active(struct profiles *p, enum profile profile)
{
	static const char *const changed[] = {"ActiveProfile", NULL};

	if (profile == p->active)
		return;
	p->active = profile;
	log_info("the profile is %s", profile_name(profile));
	names_changed(p, changed);
}

/* ---- changes ---- */

static void next_change(struct profiles *p)
{
	struct ask *a;

	while (!p->changing && (a = list_first(&p->changes, struct ask, link))) {
		if (a->profile != p->active) {
			p->changing = a;
			power_apply(&p->power, a->profile);
			return;
		}
		p->chosen = a->profile;
		ask_reply(a, NULL, 0);
	}
}

/* Only to the one who has it, who may have left. */
static void tell_released(struct profiles *p, const struct hold *h)
{
	_cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
	int r = sd_bus_message_new_signal(p->bus.bus, &m, names_path(h->interface), h->interface,
					  "ProfileReleased");

	if (r >= 0)
		r = sd_bus_message_append(m, "u", h->cookie);
	if (r >= 0)
		r = sd_bus_message_set_destination(m, h->owner);
	if (r >= 0)
		r = sd_bus_send(p->bus.bus, m, NULL);
	if (r < 0)
		log_warning("cannot tell %s that its hold has ended: %s", h->owner, strerror(-r));
}

static const char *const holds_changed[] = {"ActiveProfileHolds", NULL};

static void release_all(struct profiles *p)
{
	struct hold *h;

	if (list_is_empty(&p->holds))
		return;
	while ((h = list_first(&p->holds, struct hold, link))) {
		tell_released(p, h);
		hold_free(h);
	}
	names_changed(p, holds_changed);
}

static void end_change(struct profiles *p, int r, const char *reason)
{
	struct ask *a = take_ptr(p->changing);

	if (r < 0) {
		ask_refuse(a, SD_BUS_ERROR_FAILED, reason);
		power_apply(&p->power, p->active);
	} else {
		p->chosen = a->profile;
		release_all(p);
		set_active(p, p->chosen);
		ask_reply(a, NULL, 0);
	}
	next_change(p);
}

/* ---- holds ---- */

/* The holds are others than before. */
static void follow_holds(struct profiles *p)
{
	enum profile profile = holds_profile(&p->holds, p->chosen);
	bool other = profile != p->active;

	set_active(p, profile);
	names_changed(p, holds_changed);
	if (other && !p->changing)
		power_apply(&p->power, profile);
}

static void add_hold(struct ask *a)
{
	struct profiles *p = a->p;
	struct hold *h = take_ptr(a->hold);

	h->interface = a->interface;
	h->cookie = p->last_cookie = holds_cookie(&p->holds, p->last_cookie);
	list_add_last(&p->holds, &h->link);
	ask_reply(a, "u", h->cookie);
	follow_holds(p);
}

static unsigned count_holds(struct profiles *p)
{
	const struct hold *h;
	unsigned count = 0;

	for (list_each(h, &p->holds, link))
		count++;
	return count;
}

void state_granted(struct ask *a)
{
	struct profiles *p = a->p;

	if (!a->hold) {
		list_remove(&a->link);
		list_add_last(&p->changes, &a->link);
		next_change(p);
	} else if (count_holds(p) >= HOLDS_MAX ||
		   holds_of(&p->holds, a->hold->owner) >= HOLDS_OF_ONE_MAX) {
		ask_refuse(a, SD_BUS_ERROR_LIMITS_EXCEEDED, "too many holds");
	} else {
		add_hold(a);
	}
}

void state_left(struct profiles *p, struct hold *h)
{
	hold_free(h);
	follow_holds(p);
}

int state_release(struct profiles *p, uint32_t cookie, const char *owner)
{
	struct hold *h = holds_find(&p->holds, cookie, owner);

	if (!h)
		return -ENOENT;
	state_left(p, h);
	return 0;
}

/* ---- what the power API tells ---- */

static const struct choice *get_choice(void *data, enum profile profile)
{
	const struct profiles *p = data;

	return &profiles_settings(p)->choice[profile];
}

static bool same_text(const char *a, const char *b)
{
	return a && b ? str_equal(a, b) : a == b;
}

/* What each profile would do here. */
static void on_looked(void *data)
{
	static const char *const changed[] = {"Profiles", NULL};
	const char *driver = plan_driver(((struct profiles *)data)->power.view);
	struct plan_parts before[PROFILES];
	struct profiles *p = data;
	bool other = !same_text(driver, p->driver);

	memcpy(before, p->parts, sizeof(before));
	for (enum profile i = 0; i < PROFILES; i++) {
		json_t *sets;

		if (plan_make(p->power.view, get_choice(p, i), &sets) < 0)
			continue;
		p->parts[i] = plan_parts(sets);
		json_decref(sets);
	}
	free(p->driver);
	p->driver = driver ? strdup(driver) : NULL;
	if (other || memcmp(before, p->parts, sizeof(before)) != 0)
		names_changed(p, changed);
}

static void on_applied(void *data, enum profile profile, int r, const char *reason)
{
	struct profiles *p = data;

	names_request(p);
	if (p->changing && p->changing->profile == profile)
		end_change(p, r, reason);
	else if (r < 0)
		log_limited(&failures, LOG_LEVEL_WARNING, "%s is not in force: %s",
			    profile_name(profile), reason);
}

const struct power_ops state_power_ops = {get_choice, on_looked, on_applied};

void state_reload(struct profiles *p)
{
	if (!p->changing)
		power_apply(&p->power, p->active);
}
