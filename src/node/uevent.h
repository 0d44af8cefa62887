/*
 * Uevents: what the kernel tells of devices that come, go and change, over netlink
 * (lib/kobject_uevent.c in its sources): "ACTION@PATH", then "KEY=VALUE", each with a NUL.
 */
#ifndef NODE_UEVENT_H
#define NODE_UEVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

struct uevent {
	const char *action, *subsystem; /* in the message */
};

/* -EBADMSG when the @len bytes are none; the last of them is a NUL in every message of the kernel.
 */
int uevent_parse(const char *message, size_t len, struct uevent *ret_event);

/* Whether a power may depend on devices of this kind. */
bool uevent_matters(const struct uevent *e);

struct uevents;

/* @subsystem is NULL when events were lost. */
typedef void (*uevents_fn)(void *data, const char *subsystem);

/* Calls @fn for every event that matters. 0 or a negative errno, which is also libuv's. */
int uevents_open(uv_loop_t *loop, uevents_fn fn, void *data, struct uevents **ret_uevents);
/* Takes NULL. The loop must run once more. */
void uevents_close(struct uevents *u);

#endif
