/*
 * webd's end of a bridge; see link.h.
 *
 * Credit is given back for the bytes of a message once it is handed on. A message may be larger
 * than all credit there is, so bytes of one that is not whole yet are given back as they come,
 * while its owner has room: what waits here is at most one message, or the credit.
 */
#include "webd/link.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "base/def.h"
#include "core/list.h"
#include "rpc/frame.h"
#include "rpc/server.h"
#include "webd/frames.h"

struct link {
	uv_pipe_t pipe;
	struct frames in;
	struct list channels;
	unsigned channel_count;
	uint32_t last_number;
	bool closing;
	void (*closed)(void *data);
	void *data;
};

struct channel {
	struct link *link;
	struct list_link at;
	uint32_t number;
	const struct channel_ops *ops;
	void *data;
	struct frame in;
	size_t owed; /* bytes for which no credit was given back yet */
	bool delivering, gone; /* its owner is being called; has closed it meanwhile */
	bool ended; /* by the other side, with: */
	int end;
};

struct sending {
	uv_write_t write;
	size_t len;
	char bytes[];
};

static char read_buffer[FRAMES_PAYLOAD_MAX];

/* ---- to the bridge ---- */

static void on_sent(uv_write_t *write, int status)
{
	struct sending *s = (struct sending *)write;

	explicit_bzero(s->bytes, s->len);
	free(s);
}

static int send_bytes(struct link *l, struct sending *s)
{
	uv_buf_t buf = uv_buf_init(s->bytes, s->len);
	int r = uv_write(&s->write, (uv_stream_t *)&l->pipe, &buf, 1, on_sent);

	if (r < 0)
		free(s);
	return r;
}

static struct sending *sending_new(size_t len)
{
	struct sending *s = malloc(sizeof(*s) + len);

	if (s)
		s->len = len;
	return s;
}

static char *put_frame(char *at, enum frames_type type, uint32_t channel, const void *payload,
		       size_t len)
{
	frames_put_header((uint8_t *)at, type, channel, len);
	memcpy(at + FRAMES_HEADER_BYTES, payload, len);
	return at + FRAMES_HEADER_BYTES + len;
}

static int send_frame(struct link *l, enum frames_type type, uint32_t channel, const void *payload,
		      size_t len)
{
	struct sending *s = sending_new(FRAMES_HEADER_BYTES + len);

	if (!s)
		return -ENOMEM;
	put_frame(s->bytes, type, channel, payload, len);
	return send_bytes(l, s);
}

/* Opening and the call, in one piece. */
static int send_call(struct link *l, uint32_t channel, const char *interface, const char *text,
		     size_t len)
{
	size_t name_len = strlen(interface);
	size_t pieces = (len + FRAMES_PAYLOAD_MAX - 1) / FRAMES_PAYLOAD_MAX;
	struct sending *s =
		sending_new((pieces + 1) * (size_t)FRAMES_HEADER_BYTES + name_len + len);
	char *at;

	if (!s)
		return -ENOMEM;
	at = put_frame(s->bytes, FRAMES_OPEN, channel, interface, name_len);
	while (len) {
		size_t piece = len < FRAMES_PAYLOAD_MAX ? len : FRAMES_PAYLOAD_MAX;

		at = put_frame(at, FRAMES_DATA, channel, text, piece);
		text += piece;
		len -= piece;
	}
	return send_bytes(l, s);
}

/* ---- channels ---- */

static void channel_free(struct channel *c)
{
	list_remove(&c->at);
	c->link->channel_count--;
	frame_deinit(&c->in);
	free(c);
}

int link_call(struct link *l, const char *interface, const char *text, size_t len,
	      const struct channel_ops *ops, void *data, struct channel **ret_channel)
{
	_cleanup_free_ struct channel *c = NULL;
	int r;

	if (l->closing)
		return -ECANCELED;
	if (l->channel_count >= FRAMES_CHANNELS_MAX)
		return -EMFILE;
	if (len > FRAMES_CALL_MAX || strlen(interface) > FRAMES_INTERFACE_MAX)
		return -EMSGSIZE;
	c = calloc(1, sizeof(*c));
	if (!c)
		return -ENOMEM;
	c->link = l;
	c->number = ++l->last_number;
	c->ops = ops;
	c->data = data;
	r = send_call(l, c->number, interface, text, len);
	if (r < 0)
		return r;
	list_add_last(&l->channels, &c->at);
	l->channel_count++;
	*ret_channel = take_ptr(c);
	return 0;
}

void channel_close(struct channel *c)
{
	if (!c->ended && !c->link->closing)
		send_frame(c->link, FRAMES_CLOSE, c->number, "", 0);
	if (c->delivering)
		c->gone = true;
	else
		channel_free(c);
}

static void give_credit(struct channel *c)
{
	uint8_t bytes[4];

	/* Small change is not worth a frame. */
	if (c->ended || c->link->closing || c->owed < FRAMES_CREDIT / 2)
		return;
	frames_put_u32(bytes, c->owed);
	if (send_frame(c->link, FRAMES_CREDIT_MORE, c->number, bytes, sizeof(bytes)) == 0)
		c->owed = 0;
}

static void tell_end(struct channel *c, int r)
{
	void (*closed)(int r, void *data) = c->ops->closed;
	void *data = c->data;

	channel_free(c);
	closed(r, data);
}

/* A service that breaks the protocol: to its caller, it has gone. */
static void break_off(struct channel *c, int r)
{
	if (!c->ended && !c->link->closing)
		send_frame(c->link, FRAMES_CLOSE, c->number, "", 0);
	tell_end(c, r);
}

/* Hands one message on: whether the channel is still there. */
static bool deliver_one(struct channel *c)
{
	const char *text;
	size_t len;
	int r = frame_peek(&c->in, &text, &len);

	assert(r > 0);
	c->delivering = true;
	c->ops->message(c, (char *)text, len, c->data);
	c->delivering = false;
	if (c->gone) {
		channel_free(c);
		return false;
	}
	frame_consume(&c->in);
	return true;
}

static bool is_ready(const struct channel *c)
{
	return !c->ops->ready || c->ops->ready(c->data);
}

/* Hands on what there is room for. The channel may be gone afterwards. */
static void deliver(struct channel *c)
{
	const char *text;
	size_t len;
	int r;

	while ((r = frame_peek(&c->in, &text, &len)) > 0) {
		if (!is_ready(c))
			return;
		if (!deliver_one(c))
			return;
	}
	if (r < 0)
		break_off(c, r);
	else if (c->ended)
		tell_end(c, c->end);
	else if (is_ready(c))
		give_credit(c);
}

void channel_go_on(struct channel *c)
{
	if (!c->delivering)
		deliver(c);
}

/* ---- from the bridge ---- */

static struct channel *find(struct link *l, uint32_t number)
{
	struct channel *c;

	for (list_each(c, &l->channels, at)) {
		if (c->number == number)
			return c;
	}
	return NULL;
}

static int take_data(struct link *l, const struct frames_one *frame)
{
	struct channel *c = find(l, frame->channel);
	int r;

	if (!c || c->ended)
		return 0;
	c->owed += frame->len;
	if (c->owed > FRAMES_CREDIT)
		return -EPROTO;
	r = frame_add(&c->in, (const char *)frame->payload, frame->len);
	if (r < 0)
		break_off(c, r);
	else
		deliver(c);
	return 0;
}

static int take_close(struct link *l, const struct frames_one *frame)
{
	struct channel *c = find(l, frame->channel);

	if (frame->len != 4)
		return -EPROTO;
	if (!c || c->ended)
		return 0;
	c->ended = true;
	c->end = -(int)(frames_get_u32(frame->payload) & 0xfff);
	deliver(c);
	return 0;
}

static int take_frames(struct link *l)
{
	struct frames_one frame;
	int r;

	while (!l->closing && (r = frames_next(&l->in, &frame)) != 0) {
		if (r > 0 && frame.type == FRAMES_DATA)
			r = take_data(l, &frame);
		else if (r > 0 && frame.type == FRAMES_CLOSE)
			r = take_close(l, &frame);
		else
			r = -EPROTO;
		if (r < 0)
			return r;
	}
	return 0;
}

static void on_alloc(uv_handle_t *handle, size_t size, uv_buf_t *buf)
{
	*buf = uv_buf_init(read_buffer, sizeof(read_buffer));
}

static void on_closed(uv_handle_t *handle)
{
	struct link *l = handle->data;

	frames_deinit(&l->in);
	free(l);
}

static void end(struct link *l, int r)
{
	l->closing = true;
	while (!list_is_empty(&l->channels))
		tell_end(list_first(&l->channels, struct channel, at), r);
	uv_close((uv_handle_t *)&l->pipe, on_closed);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct link *l = stream->data;
	int r = n < 0 ? (int)n : frames_add(&l->in, buf->base, n);

	if (r == 0)
		r = take_frames(l);
	if (r == 0 || l->closing)
		return;
	end(l, -ECONNRESET);
	l->closed(l->data);
}

void link_close(struct link *l)
{
	if (!l->closing)
		end(l, -ECANCELED);
}

int link_new(uv_loop_t *loop, int fd, void (*closed)(void *data), void *data,
	     struct link **ret_link)
{
	_cleanup_close_ int owned = fd;
	struct link *l = calloc(1, sizeof(*l));
	int r;

	if (!l)
		return -ENOMEM;
	list_init(&l->channels);
	l->closed = closed;
	l->data = data;
	uv_pipe_init(loop, &l->pipe, 0);
	l->pipe.data = l;
	r = uv_pipe_open(&l->pipe, fd);
	if (r == 0) {
		take_fd(&owned);
		r = uv_read_start((uv_stream_t *)&l->pipe, on_alloc, on_read);
	}
	if (r < 0) {
		uv_close((uv_handle_t *)&l->pipe, on_closed);
		return r;
	}
	*ret_link = l;
	return 0;
}
