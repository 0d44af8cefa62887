/*
 * webd's end of a bridge: channels to services, over frames.
 *
 * A channel carries one call. Its replies arrive whole, one after the other; while its owner has no
 * room it leaves them where they are, and the service behind it waits, but no other channel does.
 */
#ifndef WEBD_LINK_H
#define WEBD_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

struct link;
struct channel;

struct channel_ops {
	/* One message of the service, NUL-terminated. The channel may be closed from here. */
	void (*message)(struct channel *c, char *text, size_t len, void *data);
	/* Whether there is room for a message; NULL: always. */
	bool (*ready)(void *data);
	/* The last call: the service has closed (0), or why there is no channel (any more). The
	 * channel is gone afterwards. */
	void (*closed)(int r, void *data);
};

/* Takes @fd. @closed is told once when the bridge ends by itself, all its channels first; the link
 * is freed afterwards. */
int link_new(uv_loop_t *loop, int fd, void (*closed)(void *data), void *data,
	     struct link **ret_link);
/* Ends it from here: every channel is told -ECANCELED, @closed is not called. Not from a callback
 * of a channel. */
void link_close(struct link *l);

/* Asks for the socket of an interface and sends it one message (with its NUL byte). -EMFILE for
 * too many channels, -EMSGSIZE, -ENOMEM: then nobody is told anything. */
int link_call(struct link *l, const char *interface, const char *text, size_t len,
	      const struct channel_ops *ops, void *data, struct channel **ret_channel);
/* Gives the channel up; nothing is told any more. */
void channel_close(struct channel *c);
/* There is room again. May call back. */
void channel_go_on(struct channel *c);

#endif
