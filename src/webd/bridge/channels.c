/*
 * The channels of a bridge; see channels.h.
 */
#include "webd/bridge/channels.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "base/def.h"
#include "base/str.h"
#include "rpc/address.h"
#include "rpc/message.h"
#include "webd/bridge/lookup.h"
#include "webd/names.h"

/* Beyond it services are not read, until webd has taken some. */
enum { TO_WEBD_MAX = 4 * FRAMES_PAYLOAD_MAX, READ_BYTES = 16 * 1024 };

void channels_init(struct channels *c, const char *root)
{
	*c = (struct channels){.root = root};
}

static void release(struct channel_end *e)
{
	if (e->fd >= 0)
		close(e->fd);
	if (e->lookup)
		lookup_end(e->lookup);
	output_deinit(&e->to_service);
	*e = (struct channel_end){.fd = -1};
}

void channels_deinit(struct channels *c)
{
	for (size_t i = 0; i < FRAMES_CHANNELS_MAX; i++) {
		if (c->all[i].used)
			release(&c->all[i]);
	}
	output_deinit(&c->to_webd);
}

static int tell(struct channels *c, enum frames_type type, uint32_t number, const void *bytes,
		size_t len)
{
	uint8_t header[FRAMES_HEADER_BYTES];
	size_t before = c->to_webd.len;
	int r;

	frames_put_header(header, type, number, len);
	r = output_add(&c->to_webd, header, sizeof(header));
	if (r == 0)
		r = output_add(&c->to_webd, bytes, len);
	if (r < 0)
		output_cut(&c->to_webd, before);
	return r;
}

static int tell_end(struct channels *c, uint32_t number, int r)
{
	uint8_t code[4];

	frames_put_u32(code, -r);
	return tell(c, FRAMES_CLOSE, number, code, sizeof(code));
}

/* The channel has ended by itself. */
static int finish(struct channels *c, struct channel_end *e, int r)
{
	uint32_t number = e->number;

	release(e);
	return tell_end(c, number, r);
}

static struct channel_end *find(struct channels *c, uint32_t number)
{
	for (size_t i = 0; i < FRAMES_CHANNELS_MAX; i++) {
		if (c->all[i].used && c->all[i].number == number)
			return &c->all[i];
	}
	return NULL;
}

static struct channel_end *find_unused(struct channels *c)
{
	for (size_t i = 0; i < FRAMES_CHANNELS_MAX; i++) {
		if (!c->all[i].used)
			return &c->all[i];
	}
	return NULL;
}

/* ---- frames of webd ---- */

/* The name of an interface or ours, and nothing that could be another address. */
static int take_name(const struct frames_one *frame, char name[FRAMES_INTERFACE_MAX + 1])
{
	if (frame->len == 0 || frame->len > FRAMES_INTERFACE_MAX ||
	    memchr(frame->payload, '\0', frame->len))
		return -EPROTO;
	memcpy(name, frame->payload, frame->len);
	name[frame->len] = '\0';
	return message_name_valid(name) || str_equal(name, NAMES_CHANNEL) ? 0 : -EPROTO;
}

static unsigned lookup_count(const struct channels *c)
{
	unsigned count = 0;

	for (size_t i = 0; i < FRAMES_CHANNELS_MAX; i++)
		count += c->all[i].used && c->all[i].lookup;
	return count;
}

static int connect_end(const struct channels *c, const char *name, struct channel_end *e)
{
	if (!str_equal(name, NAMES_CHANNEL))
		return address_connect(c->root, name, &e->fd);
	if (lookup_count(c) >= LOOKUPS_MAX)
		return -EMFILE;
	return lookup_start(c->root, &e->fd, &e->lookup);
}

/* webd may open one while our end of another is still under way: that is an error of the channel
 * alone. */
static int take_open(struct channels *c, const struct frames_one *frame)
{
	struct channel_end fresh = {
		.used = true, .number = frame->channel, .fd = -1, .credit = FRAMES_CREDIT};
	struct channel_end *e = find_unused(c);
	char name[FRAMES_INTERFACE_MAX + 1];
	int r = take_name(frame, name);

	if (r < 0 || find(c, frame->channel))
		return -EPROTO;
	if (!e)
		return tell_end(c, frame->channel, -EMFILE);
	r = connect_end(c, name, &fresh);
	if (r < 0)
		return tell_end(c, frame->channel, r);
	*e = fresh;
	return 0;
}

static int take_data(struct channels *c, const struct frames_one *frame)
{
	struct channel_end *e = find(c, frame->channel);

	if (!e)
		return 0;
	e->taken += frame->len;
	if (e->taken > FRAMES_CALL_MAX + 1)
		return -EPROTO;
	return output_add(&e->to_service, frame->payload, frame->len);
}

static int take_credit(struct channels *c, const struct frames_one *frame)
{
	struct channel_end *e = find(c, frame->channel);
	uint32_t more;

	if (frame->len != 4)
		return -EPROTO;
	more = frames_get_u32(frame->payload);
	if (more > FRAMES_CREDIT || (e && e->credit + more > FRAMES_CREDIT))
		return -EPROTO;
	if (e)
		e->credit += more;
	return 0;
}

static int take_close(struct channels *c, const struct frames_one *frame)
{
	struct channel_end *e = find(c, frame->channel);

	if (e)
		release(e);
	return frame->len ? -EPROTO : 0;
}

int channels_take(struct channels *c, const struct frames_one *frame)
{
	static int (*const takers[])(struct channels *, const struct frames_one *) = {
		[FRAMES_OPEN] = take_open,
		[FRAMES_DATA] = take_data,
		[FRAMES_CREDIT_MORE] = take_credit,
		[FRAMES_CLOSE] = take_close,
	};

	return takers[frame->type](c, frame);
}

/* ---- services ---- */

void channels_wait(const struct channels *c, struct pollfd fds[FRAMES_CHANNELS_MAX])
{
	bool room = c->to_webd.len < TO_WEBD_MAX;

	for (size_t i = 0; i < FRAMES_CHANNELS_MAX; i++) {
		const struct channel_end *e = &c->all[i];
		short events = 0;

		if (e->used && room && e->credit)
			events |= POLLIN;
		if (e->used && e->to_service.len)
			events |= POLLOUT;
		/* Without an event poll() would still tell of a hang-up, again and again. */
		fds[i] = (struct pollfd){.fd = events ? e->fd : -1, .events = events};
	}
}

/* One read of a service. At its end what came before is with webd already. */
static int read_one(struct channels *c, struct channel_end *e)
{
	static uint8_t bytes[READ_BYTES];
	size_t max = e->credit < sizeof(bytes) ? e->credit : sizeof(bytes);
	ssize_t n = recv(e->fd, bytes, max, MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n <= 0)
		return finish(c, e, n < 0 ? -errno : 0);
	e->credit -= n;
	return tell(c, FRAMES_DATA, e->number, bytes, n);
}

static int move_one(struct channels *c, struct channel_end *e, short events)
{
	int r;

	/* A service that does not read any more may still have said why. */
	if (e->to_service.len && (r = output_flush(&e->to_service, e->fd)) < 0)
		output_deinit(&e->to_service);
	if (events & (POLLIN | POLLHUP | POLLERR) && e->credit)
		return read_one(c, e);
	return 0;
}

int channels_move(struct channels *c, const struct pollfd fds[FRAMES_CHANNELS_MAX])
{
	int r = 0;

	for (size_t i = 0; i < FRAMES_CHANNELS_MAX && r == 0; i++) {
		if (c->all[i].used && fds[i].fd == c->all[i].fd && fds[i].revents)
			r = move_one(c, &c->all[i], fds[i].revents);
	}
	return r;
}
