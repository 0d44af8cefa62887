/*
 * The host's side of a link; see session.h.
 */
#include "lab/session.h"

#include <errno.h>
#include <signal.h>

#include "base/def.h"

static struct stream **find(struct session *s, uint16_t id)
{
	return id > 0 && id <= ARRAY_SIZE(s->streams) ? &s->streams[id - 1] : NULL;
}

static int on_hello(struct session *s, const struct lab_frame *f)
{
	if (s->ready)
		return -EPROTO;
	if (lab_get_u32(f->payload) != LAB_VERSION)
		return -EPROTONOSUPPORT;
	s->ready = true;
	return 0;
}

/* Applies a frame to what is known of its stream, or refuses it. */
static int check(struct stream *st, const struct lab_frame *f)
{
	uint32_t *window = &st->window[f->channel];
	uint32_t n;

	switch (f->type) {
	case LAB_DATA:
		if (st->ended[f->channel] || f->length > *window)
			return -EPROTO;
		*window -= f->length;
		return 0;
	case LAB_EOF:
		/* For channel 0 it says that nobody reads, perhaps after we have ended it too. */
		if (f->channel ? st->ended[f->channel] : st->unread)
			return -EPROTO;
		st->unread |= f->channel == 0;
		st->ended[f->channel] = true;
		return 0;
	case LAB_CREDIT:
		n = lab_get_u32(f->payload);
		/* Not even empty frames come without end: what is passed on may have to wait. */
		if (n == 0 || n > LAB_WINDOW || *window + n > LAB_WINDOW)
			return -EPROTO;
		*window += n;
		return 0;
	}
	return 0;
}

static int on_frame(void *data, const struct lab_frame *f)
{
	struct session *s = data;
	_cleanup_free_ struct stream *finished = NULL;
	struct stream **slot = find(s, f->stream), *st;
	int r;

	if (f->type == LAB_HELLO)
		return on_hello(s, f);
	if (!s->ready || !slot || !*slot)
		return -EPROTO;
	st = *slot;
	r = check(st, f);
	if (r < 0)
		return r;
	if (f->type == LAB_EXIT) {
		finished = st;
		*slot = NULL;
	}
	return st->dead ? 0 : st->ops->frame(st->owner, f);
}

int session_init(struct session *s, int fd)
{
	*s = (struct session){};
	return link_init(&s->link, fd, LAB_GUEST, on_frame, s);
}

void session_deinit(struct session *s)
{
	for (size_t i = 0; i < ARRAY_SIZE(s->streams); i++) {
		free(s->streams[i]);
		s->streams[i] = NULL;
	}
	link_deinit(&s->link);
}

static int free_id(struct session *s, uint16_t *ret_id)
{
	for (size_t i = 0; i < ARRAY_SIZE(s->streams); i++)
		if (!s->streams[i]) {
			*ret_id = i + 1;
			return 0;
		}
	return -EMFILE;
}

int session_exec(struct session *s, const void *exec, size_t len, const struct stream_ops *ops,
		 void *owner, struct stream **ret_stream)
{
	_cleanup_free_ struct stream *st = calloc(1, sizeof(*st));
	uint16_t id;
	int r = free_id(s, &id);

	if (r < 0)
		return r;
	if (!st)
		return -ENOMEM;
	*st = (struct stream){
		.id = id,
		.ops = ops,
		.owner = owner,
		.window = {LAB_WINDOW, LAB_WINDOW, LAB_WINDOW},
	};
	r = link_send_exec(&s->link, id, exec, len);
	if (r < 0)
		return r;
	*ret_stream = s->streams[id - 1] = take_ptr(st);
	return 0;
}

int session_data(struct session *s, struct stream *st, const void *bytes, size_t len)
{
	/* A command that reads no more has its input dropped; so does the peer. */
	if (st->ended[0])
		return 0;
	if (len > st->window[0])
		return -EPROTO;
	st->window[0] -= len;
	return link_send(&s->link, LAB_DATA, st->id, 0, bytes, len);
}

int session_eof(struct session *s, struct stream *st, uint8_t channel)
{
	if (channel == 0) {
		if (st->ended[0])
			return 0;
		st->ended[0] = true;
	}
	return link_send(&s->link, LAB_EOF, st->id, channel, NULL, 0);
}

int session_kill(struct session *s, struct stream *st, uint32_t sig)
{
	return link_send_u32(&s->link, LAB_KILL, st->id, 0, sig);
}

int session_credit(struct session *s, struct stream *st, uint8_t channel, uint32_t bytes)
{
	if (bytes > LAB_WINDOW || st->window[channel] + bytes > LAB_WINDOW)
		return -EPROTO;
	if (st->ended[channel])
		return 0;
	st->window[channel] += bytes;
	return link_send_u32(&s->link, LAB_CREDIT, st->id, channel, bytes);
}

int session_abandon(struct session *s, struct stream *st)
{
	int r = session_kill(s, st, SIGKILL);

	st->dead = true;
	st->owner = NULL;
	for (int c = 0; r == 0 && c < LAB_CHANNEL_COUNT; c++)
		r = session_eof(s, st, c);
	return r;
}
