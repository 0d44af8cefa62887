/*
 * Who may change the profile, or hold one: root, and whom polkit lets, by the published actions.
 *
 * The bus is asked for the user of the sender, and polkit only about others than root, both without
 * waiting. Where polkit does not answer, it is no. Whoever leaves the bus meanwhile is not there
 * any more when the bus is asked; for a hold a watch is set before, so that none can outlive its
 * owner.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/def.h"
#include "base/str.h"
#include "base/time.h"
#include "profiles/profiles.h"

#define BUS "org.freedesktop.DBus"
#define POLKIT "org.freedesktop.PolicyKit1"

enum { NO_PASSWORD = 0, WITH_PASSWORD = 1 };

static void ask_free(struct ask *a)
{
	if (!a)
		return;
	if (list_is_linked(&a->link)) {
		list_remove(&a->link);
		a->p->ask_count--;
	}
	sd_bus_slot_unref(a->question);
	sd_bus_message_unref(a->call);
	hold_free(a->hold);
	free(a);
}

static void ask_free_p(struct ask **a)
{
	ask_free(*a);
}

void ask_reply(struct ask *a, const char *types, uint32_t cookie)
{
	/* Who does not take the reply is not waited for. */
	sd_bus_reply_method_return(a->call, types, cookie);
	ask_free(a);
}

void ask_refuse(struct ask *a, const char *name, const char *text)
{
	sd_bus_reply_method_errorf(a->call, name, "%s", text);
	ask_free(a);
}

static void grant(struct ask *a)
{
	a->question = sd_bus_slot_unref(a->question);
	if (a->hold && a->hold->left)
		ask_free(a);
	else
		state_granted(a);
}

/* ---- polkit ---- */

static int on_judged(sd_bus_message *m, void *data, sd_bus_error *error)
{
	struct ask *a = data;
	int yes = 0, challenge = 0;

	if (sd_bus_message_is_method_error(m, NULL)) {
		ask_refuse(a, SD_BUS_ERROR_ACCESS_DENIED,
			   "polkit does not answer; without it only root may");
		return 0;
	}
	if (sd_bus_message_enter_container(m, 'r', "bba{ss}") > 0)
		sd_bus_message_read(m, "bb", &yes, &challenge);
	if (yes)
		grant(a);
	else if (challenge)
		ask_refuse(a, SD_BUS_ERROR_INTERACTIVE_AUTHORIZATION_REQUIRED,
			   "this wants a password");
	else
		ask_refuse(a, SD_BUS_ERROR_ACCESS_DENIED, "polkit does not allow it");
	return 0;
}

static int ask_polkit(struct ask *a)
{
	_cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
	char action[96];
	int r, flags = sd_bus_message_get_allow_interactive_authorization(a->call) > 0
			       ? WITH_PASSWORD
			       : NO_PASSWORD;

	snprintf(action, sizeof(action), "%s.%s", a->interface, a->action);
	r = sd_bus_message_new_method_call(a->p->bus.bus, &m, POLKIT,
					   "/org/freedesktop/PolicyKit1/Authority",
					   POLKIT ".Authority", "CheckAuthorization");
	if (r >= 0)
		r = sd_bus_message_append(m, "(sa{sv})sa{ss}us", "system-bus-name", 1, "name", "s",
					  sd_bus_message_get_sender(a->call), action, 0,
					  (uint32_t)flags, "");
	if (r >= 0)
		r = sd_bus_call_async(a->p->bus.bus, &a->question, m, on_judged, a,
				      ASK_MS * NS_PER_MS / NS_PER_US);
	return r;
}

/* ---- the bus ---- */

static int on_user(sd_bus_message *m, void *data, sd_bus_error *error)
{
	struct ask *a = data;
	uint32_t uid;

	a->question = sd_bus_slot_unref(a->question);
	if (sd_bus_message_is_method_error(m, NULL) || sd_bus_message_read(m, "u", &uid) < 0)
		ask_refuse(a, SD_BUS_ERROR_ACCESS_DENIED, "the bus does not say who asks");
	else if (uid == 0)
		grant(a);
	else if (ask_polkit(a) < 0)
		ask_refuse(a, SD_BUS_ERROR_FAILED, "polkit cannot be asked");
	return 0;
}

static int on_gone(sd_bus_message *m, void *data, sd_bus_error *error)
{
	struct hold *h = data;

	h->left = true;
	if (list_is_linked(&h->link))
		state_left(h->data, h);
	return 0;
}

/* Without a watch the hold would never end: as if the owner had left. */
static int on_watched(sd_bus_message *m, void *data, sd_bus_error *error)
{
	struct hold *h = data;

	h->left |= sd_bus_message_is_method_error(m, NULL) > 0;
	return 0;
}

static int watch_owner(struct profiles *p, struct hold *h)
{
	char rule[320];
	int n = snprintf(rule, sizeof(rule),
			 "type='signal',sender='" BUS "',path='/org/freedesktop/DBus',"
			 "interface='" BUS "',member='NameOwnerChanged',arg0='%s',arg2=''",
			 h->owner);

	if (n >= (int)sizeof(rule))
		return -ENAMETOOLONG;
	h->data = p;
	return sd_bus_add_match_async(p->bus.bus, &h->gone, rule, on_gone, on_watched, h);
}

static unsigned asks_of(struct profiles *p, const char *sender)
{
	struct list *const lists[] = {&p->asks, &p->changes};
	const struct ask *a;
	unsigned count = 0;

	for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
		for (list_each(a, lists[i], link))
			count += str_equal(sd_bus_message_get_sender(a->call), sender);
	return count;
}

static int begin(struct ask *a)
{
	struct profiles *p = a->p;
	int r = a->hold ? watch_owner(p, a->hold) : 0;

	if (r < 0)
		return r;
	return sd_bus_call_method_async(p->bus.bus, &a->question, BUS, "/org/freedesktop/DBus", BUS,
					"GetConnectionUnixUser", on_user, a, "s",
					sd_bus_message_get_sender(a->call));
}

int ask_begin(struct profiles *p, sd_bus_message *call, const char *interface, enum profile profile,
	      struct hold *hold)
{
	_cleanup_(hold_free_p) struct hold *owned = hold;
	_cleanup_(ask_free_p) struct ask *a = NULL;
	const char *sender = sd_bus_message_get_sender(call);
	int r;

	/* A bus that does not say who sends is none. */
	if (!sender)
		return -EINVAL;
	if (p->ask_count >= ASKS_MAX || asks_of(p, sender) >= ASKS_OF_ONE_MAX)
		return sd_bus_reply_method_errorf(call, SD_BUS_ERROR_LIMITS_EXCEEDED,
						  "too many requests at once");
	a = calloc(1, sizeof(*a));
	if (!a)
		return -ENOMEM;
	a->p = p;
	a->call = sd_bus_message_ref(call);
	a->interface = interface;
	a->action = hold ? "hold-profile" : "switch-profile";
	a->profile = profile;
	a->hold = take_ptr(owned);
	r = begin(a);
	if (r < 0)
		return r;
	list_add_last(&p->asks, &a->link);
	p->ask_count++;
	take_ptr(a);
	return 1;
}

void asks_close(struct profiles *p)
{
	struct ask *a;

	while ((a = list_first(&p->asks, struct ask, link)) ||
	       (a = list_first(&p->changes, struct ask, link)))
		ask_refuse(a, SD_BUS_ERROR_FAILED, "the service is ending");
	p->changing = NULL;
}
