/*
 * The two published names, each with its object and its interface, which are the same but for how
 * they are called: desktops of today ask by one, those of yesterday by the other.
 */
#include <errno.h>
#include <string.h>

#include "base/def.h"
#include "base/log.h"
#include "base/str.h"
#include "profiles/profiles.h"

#define PROPERTIES "org.freedesktop.DBus.Properties"

/* What the bus answers to who asks for a name. */
enum { NAME_IS_OURS = 1, NAME_WAS_OURS = 4 };

static const struct {
	const char *name, *path;
} names[] = {
	{PROFILES_OLD, "/net/hadess/PowerProfiles"},
	{PROFILES_NEW, "/org/freedesktop/UPower/PowerProfiles"},
};

const char *names_path(const char *interface)
{
	return str_equal(interface, names[0].name) ? names[0].path : names[1].path;
}

/* The static text for an interface of ours; NULL: it is none. */
static const char *own_interface(const char *name)
{
	for (size_t i = 0; name && i < ARRAY_SIZE(names); i++)
		if (str_equal(name, names[i].name))
			return names[i].name;
	return NULL;
}

/* ---- properties ---- */

static int get_active(sd_bus *bus, const char *path, const char *interface, const char *property,
		      sd_bus_message *reply, void *data, sd_bus_error *error)
{
	const struct profiles *p = data;

	return sd_bus_message_append(reply, "s", profile_name(p->active));
}

/* on_message() takes those calls; this row of the table only says that it can be set. */
static int set_active(sd_bus *bus, const char *path, const char *interface, const char *property,
		      sd_bus_message *value, void *data, sd_bus_error *error)
{
	return -EOPNOTSUPP;
}

/* Why performance is less than it could be: nothing here finds that out. */
static int get_nothing(sd_bus *bus, const char *path, const char *interface, const char *property,
		       sd_bus_message *reply, void *data, sd_bus_error *error)
{
	return sd_bus_message_append(reply, "s", "");
}

static int get_version(sd_bus *bus, const char *path, const char *interface, const char *property,
		       sd_bus_message *reply, void *data, sd_bus_error *error)
{
	return sd_bus_message_append(reply, "s", VERSION);
}

static int append_entry(sd_bus_message *m, const char *key, const char *text)
{
	return sd_bus_message_append(m, "{sv}", key, "s", text);
}

/* Which half of the machine a profile works by; "placeholder" is published for none. */
static int append_profile(const struct profiles *p, enum profile profile, sd_bus_message *m)
{
	const struct plan_parts *parts = &p->parts[profile];
	bool any = parts->processors || parts->platform;
	int r = sd_bus_message_open_container(m, 'a', "{sv}");

	if (r >= 0)
		r = append_entry(m, "Profile", profile_name(profile));
	if (r >= 0)
		r = append_entry(m, "Driver", any ? "leonhard" : "placeholder");
	if (r >= 0 && parts->processors)
		r = append_entry(m, "CpuDriver", p->driver ? p->driver : "leonhard");
	if (r >= 0 && parts->platform)
		r = append_entry(m, "PlatformDriver", "platform_profile");
	return r < 0 ? r : sd_bus_message_close_container(m);
}

static int get_profiles(sd_bus *bus, const char *path, const char *interface, const char *property,
			sd_bus_message *reply, void *data, sd_bus_error *error)
{
	const struct profiles *p = data;
	int r = sd_bus_message_open_container(reply, 'a', "a{sv}");

	for (enum profile i = 0; r >= 0 && i < PROFILES; i++)
		if (state_offers(p, i))
			r = append_profile(p, i, reply);
	return r < 0 ? r : sd_bus_message_close_container(reply);
}

static int get_actions(sd_bus *bus, const char *path, const char *interface, const char *property,
		       sd_bus_message *reply, void *data, sd_bus_error *error)
{
	return sd_bus_message_append(reply, "as", 0);
}

static int append_hold(const struct hold *h, sd_bus_message *m)
{
	return sd_bus_message_append(m, "a{sv}", 3, "ApplicationId", "s", h->application, "Profile",
				     "s", profile_name(h->profile), "Reason", "s", h->reason);
}

static int get_holds(sd_bus *bus, const char *path, const char *interface, const char *property,
		     sd_bus_message *reply, void *data, sd_bus_error *error)
{
	struct profiles *p = data;
	const struct hold *h;
	int r = sd_bus_message_open_container(reply, 'a', "a{sv}");

	for (list_each(h, &p->holds, link))
		if (r >= 0)
			r = append_hold(h, reply);
	return r < 0 ? r : sd_bus_message_close_container(reply);
}

/* ---- methods ---- */

static int refuse_profile(sd_bus_message *m)
{
	return sd_bus_reply_method_errorf(m, SD_BUS_ERROR_INVALID_ARGS,
					  "there is no such profile on this machine");
}

static int hold_profile(sd_bus_message *m, void *data, sd_bus_error *error)
{
	const char *name, *reason, *application, *sender = sd_bus_message_get_sender(m);
	struct profiles *p = data;
	enum profile profile;
	struct hold *h;
	int r = sd_bus_message_read(m, "sss", &name, &reason, &application);

	if (r < 0)
		return r;
	if (profile_parse(name, &profile) < 0 || !state_offers(p, profile))
		return refuse_profile(m);
	if (profile == PROFILE_BALANCED)
		return sd_bus_reply_method_errorf(m, SD_BUS_ERROR_INVALID_ARGS,
						  "only power-saver and performance can be held");
	if (strlen(reason) >= HOLD_TEXT_BYTES || strlen(application) >= HOLD_TEXT_BYTES)
		return sd_bus_reply_method_errorf(m, SD_BUS_ERROR_INVALID_ARGS,
						  "a text has 255 bytes at most");
	r = sender ? hold_new(sender, profile, reason, application, &h) : -EINVAL;
	return r < 0 ? r
		     : ask_begin(p, m,
				 own_interface(sd_bus_message_get_interface(m)) ?: PROFILES_NEW,
				 profile, h);
}

static int release_profile(sd_bus_message *m, void *data, sd_bus_error *error)
{
	const char *sender = sd_bus_message_get_sender(m);
	struct profiles *p = data;
	uint32_t cookie;
	int r = sd_bus_message_read(m, "u", &cookie);

	if (r >= 0)
		r = sender ? state_release(p, cookie, sender) : -EINVAL;
	if (r == -ENOENT)
		return sd_bus_reply_method_errorf(m, SD_BUS_ERROR_INVALID_ARGS,
						  "you have no hold with this cookie");
	return r < 0 ? r : sd_bus_reply_method_return(m, NULL);
}

static int set_profile(struct profiles *p, sd_bus_message *m, const char *interface)
{
	const char *name;
	enum profile profile;

	if (sd_bus_message_read(m, "v", "s", &name) < 0)
		return sd_bus_reply_method_errorf(m, SD_BUS_ERROR_INVALID_ARGS,
						  "the profile is a text");
	if (profile_parse(name, &profile) < 0 || !state_offers(p, profile))
		return refuse_profile(m);
	return ask_begin(p, m, interface, profile, NULL);
}

/*
 * Sees all calls to our objects before the table does. A table answers to Set at once, and we have
 * to ask before: so that one is taken here, and all others are left.
 */
static int on_message(sd_bus_message *m, void *data, sd_bus_error *error)
{
	const char *interface, *property;

	/* What has more in it than it should is kept by nobody. */
	if (!sd_bus_message_is_method_call(m, PROPERTIES, "Set") ||
	    sd_bus_message_has_signature(m, "ssv") <= 0)
		return 0;
	if (sd_bus_message_read(m, "ss", &interface, &property) >= 0 &&
	    str_equal(property, "ActiveProfile") && own_interface(interface))
		return set_profile(data, m, own_interface(interface));
	return sd_bus_message_rewind(m, true) < 0 ? -EINVAL : 0;
}

/* ---- objects and names ---- */

#define TELLS SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE
#define ANYBODY SD_BUS_VTABLE_UNPRIVILEGED

static const sd_bus_vtable vtable[] = {
	SD_BUS_VTABLE_START(0),
	SD_BUS_WRITABLE_PROPERTY("ActiveProfile", "s", get_active, set_active, 0, TELLS | ANYBODY),
	SD_BUS_PROPERTY("PerformanceInhibited", "s", get_nothing, 0, TELLS),
	SD_BUS_PROPERTY("PerformanceDegraded", "s", get_nothing, 0, TELLS),
	SD_BUS_PROPERTY("Profiles", "aa{sv}", get_profiles, 0, TELLS),
	SD_BUS_PROPERTY("Actions", "as", get_actions, 0, SD_BUS_VTABLE_PROPERTY_CONST),
	SD_BUS_PROPERTY("ActiveProfileHolds", "aa{sv}", get_holds, 0, TELLS),
	SD_BUS_PROPERTY("Version", "s", get_version, 0, SD_BUS_VTABLE_PROPERTY_CONST),
	SD_BUS_METHOD_WITH_ARGS("HoldProfile",
				SD_BUS_ARGS("s", profile, "s", reason, "s", application_id),
				SD_BUS_RESULT("u", cookie), hold_profile, ANYBODY),
	SD_BUS_METHOD_WITH_ARGS("ReleaseProfile", SD_BUS_ARGS("u", cookie), SD_BUS_NO_RESULT,
				release_profile, ANYBODY),
	SD_BUS_SIGNAL_WITH_ARGS("ProfileReleased", SD_BUS_ARGS("u", cookie), 0),
	SD_BUS_VTABLE_END,
};

int names_add(struct profiles *p)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(names); i++) {
		r = sd_bus_add_object(p->bus.bus, NULL, names[i].path, on_message, p);
		if (r >= 0)
			r = sd_bus_add_object_vtable(p->bus.bus, NULL, names[i].path, names[i].name,
						     vtable, p);
	}
	return r < 0 ? r : 0;
}

static int on_named(sd_bus_message *m, void *data, sd_bus_error *error)
{
	struct profiles *p = data;
	uint32_t result = 0;

	if (!sd_bus_message_is_method_error(m, NULL))
		sd_bus_message_read(m, "u", &result);
	if (result == NAME_IS_OURS || result == NAME_WAS_OURS)
		return 0;
	log_error("cannot have the name on the bus: %s",
		  result ? "somebody else has it" : "the bus does not allow it");
	daemon_exit(p->daemon, -EBUSY);
	return 0;
}

void names_request(struct profiles *p)
{
	int r = 0;

	for (size_t i = 0; !p->named && r >= 0 && i < ARRAY_SIZE(names); i++)
		r = sd_bus_request_name_async(p->bus.bus, NULL, names[i].name, 0, on_named, p);
	p->named = true;
	if (r < 0)
		daemon_exit(p->daemon, log_error_errno(r, "cannot ask for a name on the bus"));
}

void names_changed(struct profiles *p, const char *const properties[])
{
	for (size_t i = 0; p->named && i < ARRAY_SIZE(names); i++) {
		int r = sd_bus_emit_properties_changed_strv(p->bus.bus, names[i].path,
							    names[i].name, (char **)properties);

		if (r < 0)
			log_warning("cannot tell who watches: %s", strerror(-r));
	}
}
