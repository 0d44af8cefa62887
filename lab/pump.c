/*
 * One command in the guest; see pump.h.
 */
#include "lab/pump.h"

#include <errno.h>
#include <limits.h>
#include <sys/stat.h>

#include "base/def.h"

enum { READ_BYTES = 32 * 1024 };

static int close_out(struct pump *p, int channel)
{
	queue_deinit(&p->out[channel]);
	cleanup_close_p(&p->fds[channel]);
	p->fds[channel] = -1;
	return p->stream ? session_eof(p->session, p->stream, channel) : 0;
}

/* Grants again what was written out, in pieces that are worth a frame. */
static int grant(struct pump *p, int channel, uint32_t written)
{
	uint32_t owed = p->owed[channel] + written;

	p->owed[channel] = owed;
	if (owed < LAB_WINDOW / 4 || !p->stream)
		return 0;
	p->owed[channel] = 0;
	return session_credit(p->session, p->stream, channel, owed);
}

/*
 * Writes a piece. poll(2) promises room for PIPE_BUF bytes in a pipe; more could block, and then
 * the other channels and the guest with it. The reader being gone ends the channel: the command
 * finds its pipe closed, as it would without a guest in between.
 */
static int write_out(struct pump *p, int channel)
{
	int n = queue_write(&p->out[channel], p->fds[channel],
			    p->regular[channel] ? SIZE_MAX : PIPE_BUF);

	if (n < 0)
		return close_out(p, channel);
	return grant(p, channel, n);
}

static int on_out(void *data, short revents)
{
	struct pump *p = data;

	return p->out[1].len ? write_out(p, 1) : 0;
}

static int on_err(void *data, short revents)
{
	struct pump *p = data;

	return p->out[2].len ? write_out(p, 2) : 0;
}

static bool may_read(const struct pump *p)
{
	return p->stream && p->fds[0] >= 0 && p->stream->window[0] && !p->stream->ended[0] &&
	       !link_congested(&p->session->link);
}

static int on_in(void *data, short revents)
{
	struct pump *p = data;
	uint8_t bytes[READ_BYTES];
	size_t max = sizeof(bytes);
	ssize_t n;

	if (!may_read(p))
		return 0;
	if (p->stream->window[0] < max)
		max = p->stream->window[0];
	n = read(p->fds[0], bytes, max);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return 0;
	if (n > 0)
		return session_data(p->session, p->stream, bytes, n);
	close(take_fd(&p->fds[0]));
	return session_eof(p->session, p->stream, 0);
}

static int on_frame(void *data, const struct lab_frame *f)
{
	struct pump *p = data;

	if (f->type == LAB_DATA && p->fds[f->channel] < 0)
		return grant(p, f->channel, f->length);
	if (f->type == LAB_DATA)
		return queue_append(&p->out[f->channel], f->payload, f->length);
	if (f->type == LAB_EOF && f->channel == 0 && p->fds[0] >= 0)
		close(take_fd(&p->fds[0]));
	if (f->type == LAB_EXIT) {
		p->stream = NULL;
		p->exited = true;
		p->exit_kind = lab_get_u32(f->payload);
		p->exit_value = lab_get_u32(f->payload + 4);
	}
	return 0;
}

static const struct stream_ops ops = {.frame = on_frame};

int pump_start(struct pump *p, struct session *s, const struct lab_exec *e,
	       const int fds[LAB_CHANNEL_COUNT])
{
	_cleanup_free_ uint8_t *bytes = NULL;
	size_t len;
	struct stat st;
	int r;

	*p = (struct pump){.session = s};
	for (int c = 0; c < LAB_CHANNEL_COUNT; c++) {
		p->fds[c] = fds[c];
		p->regular[c] = fds[c] >= 0 && fstat(fds[c], &st) == 0 && S_ISREG(st.st_mode);
	}
	r = lab_exec_encode(e, &bytes, &len);
	if (r == 0)
		r = session_exec(s, bytes, len, &ops, p, &p->stream);
	if (r == 0 && p->fds[0] < 0)
		r = session_eof(s, p->stream, 0);
	if (r < 0)
		pump_deinit(p);
	return r;
}

void pump_deinit(struct pump *p)
{
	if (p->stream)
		session_abandon(p->session, p->stream);
	p->stream = NULL;
	for (int c = 0; c < LAB_CHANNEL_COUNT; c++) {
		cleanup_close_p(&p->fds[c]);
		p->fds[c] = -1;
		queue_deinit(&p->out[c]);
	}
}

bool pump_done(const struct pump *p)
{
	return p->exited && p->out[1].len == 0 && p->out[2].len == 0;
}

int pump_status(const struct pump *p)
{
	switch (p->exit_kind) {
	case LAB_EXITED:
		return p->exit_value & 0xff;
	case LAB_SIGNALLED:
		return 128 + (p->exit_value & 0x7f);
	}
	return p->exit_value == ENOENT ? 127 : 126;
}

void pump_poll(struct pump *p, struct pollset *ps)
{
	if (may_read(p))
		pollset_add(ps, p->fds[0], POLLIN, on_in, p);
	if (p->out[1].len)
		pollset_add(ps, p->fds[1], POLLOUT, on_out, p);
	if (p->out[2].len)
		pollset_add(ps, p->fds[2], POLLOUT, on_err, p);
}
