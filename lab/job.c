/*
 * A command that the agent runs; see job.h.
 *
 * When the command has ended, what it left in its pipes is still sent. A process that it left
 * behind with the pipes open is not waited for: a service started by a test must not hold the test.
 */
#include "lab/job.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>

#include "base/def.h"
#include "lab/spawn.h"

enum { READ_BYTES = 32 * 1024 };

int job_new(struct link *link, uint16_t stream, struct job **ret_job)
{
	struct job *j = calloc(1, sizeof(*j));

	if (!j)
		return -ENOMEM;
	*j = (struct job){
		.link = link,
		.stream = stream,
		.fds = {-1, -1, -1},
		.window = {LAB_WINDOW, LAB_WINDOW, LAB_WINDOW},
	};
	*ret_job = j;
	return 0;
}

void job_free(struct job *j)
{
	if (!j)
		return;
	if (j->pid && !j->exited)
		kill(-j->pid, SIGKILL);
	for (int c = 0; c < LAB_CHANNEL_COUNT; c++)
		cleanup_close_p(&j->fds[c]);
	queue_deinit(&j->in);
	queue_deinit(&j->exec);
	free(j);
}

/* Closes our end of a channel and says so, once. */
static int close_channel(struct job *j, int channel)
{
	if (j->fds[channel] < 0)
		return 0;
	close(take_fd(&j->fds[channel]));
	return link_send(j->link, LAB_EOF, j->stream, channel, NULL, 0);
}

static void set_exit(struct job *j, uint32_t kind, uint32_t value)
{
	j->exited = true;
	j->exit_kind = kind;
	j->exit_value = value;
}

static int start(struct job *j)
{
	_cleanup_(lab_exec_deinit) struct lab_exec e = {};
	int r = lab_exec_decode(queue_front(&j->exec), j->exec.len, &e);

	queue_deinit(&j->exec);
	if (r < 0)
		return r;
	r = spawn_command(&e, j->fds, &j->pid);
	if (r < 0)
		set_exit(j, LAB_FAILED, -r);
	return 0;
}

static int on_exec(struct job *j, const struct lab_frame *f)
{
	int r;

	if (j->pid || j->exited || j->exec.len + f->length > LAB_EXEC_BYTES_MAX)
		return -EPROTO;
	r = queue_append(&j->exec, f->payload, f->length);
	if (r < 0)
		return r;
	return f->channel == 0 ? start(j) : 0;
}

/* Grants again what was taken from the channel, in pieces that are worth a frame. */
static int grant(struct job *j, uint32_t taken)
{
	uint32_t owed = j->owed + taken;

	if (owed < LAB_WINDOW / 4) {
		j->owed = owed;
		return 0;
	}
	j->owed = 0;
	j->window[0] += owed;
	return link_send_u32(j->link, LAB_CREDIT, j->stream, 0, owed);
}

static int write_input(struct job *j)
{
	int n = queue_write(&j->in, j->fds[0], SIZE_MAX);
	int r = 0;

	/* The command reads no more: the host is told, and what is on its way is dropped. */
	if (n < 0) {
		queue_deinit(&j->in);
		return close_channel(j, 0);
	}
	if (n > 0)
		r = grant(j, n);
	if (j->in_eof && j->in.len == 0)
		close(take_fd(&j->fds[0]));
	return r;
}

static int on_data(struct job *j, const struct lab_frame *f)
{
	int r;

	if (f->length > j->window[0] || j->in_eof)
		return -EPROTO;
	j->window[0] -= f->length;
	if (j->fds[0] < 0)
		return 0;
	r = queue_append(&j->in, f->payload, f->length);
	return r < 0 ? r : write_input(j);
}

static int on_eof(struct job *j, const struct lab_frame *f)
{
	if (f->channel != 0)
		return close_channel(j, f->channel);
	j->in_eof = true;
	return j->fds[0] < 0 ? 0 : write_input(j);
}

static int on_credit(struct job *j, const struct lab_frame *f)
{
	uint32_t n = lab_get_u32(f->payload);

	if (n > LAB_WINDOW || j->window[f->channel] + n > LAB_WINDOW)
		return -EPROTO;
	j->window[f->channel] += n;
	return 0;
}

static int on_kill(struct job *j, const struct lab_frame *f)
{
	uint32_t sig = lab_get_u32(f->payload);

	if (sig == 0 || sig > SIGRTMAX)
		return -EPROTO;
	if (j->pid && !j->exited)
		kill(-j->pid, sig);
	return 0;
}

int job_handle(struct job *j, const struct lab_frame *f)
{
	static int (*const handlers[])(struct job *, const struct lab_frame *) = {
		[LAB_EXEC] = on_exec,	  [LAB_DATA] = on_data, [LAB_EOF] = on_eof,
		[LAB_CREDIT] = on_credit, [LAB_KILL] = on_kill,
	};

	if (f->type >= ARRAY_SIZE(handlers) || !handlers[f->type])
		return -EPROTO;
	if (f->type != LAB_EXEC && !j->pid && !j->exited)
		return -EPROTO;
	return handlers[f->type](j, f);
}

void job_exited(struct job *j, int status)
{
	for (int c = 1; c < LAB_CHANNEL_COUNT; c++) {
		int bytes = 0;

		if (j->fds[c] >= 0 && ioctl(j->fds[c], FIONREAD, &bytes) == 0)
			j->left[c] = bytes;
	}
	if (WIFSIGNALED(status))
		set_exit(j, LAB_SIGNALLED, WTERMSIG(status));
	else
		set_exit(j, LAB_EXITED, WEXITSTATUS(status));
}

static bool may_read(const struct job *j, int channel)
{
	return j->fds[channel] >= 0 && j->window[channel] && !link_congested(j->link);
}

/* Sends one piece of output; at the end, or when an ended command left nothing, the end of it. */
static int read_output(struct job *j, int channel)
{
	uint8_t bytes[READ_BYTES];
	size_t max = j->window[channel] < sizeof(bytes) ? j->window[channel] : sizeof(bytes);
	ssize_t n;

	if (j->exited && j->left[channel] < max)
		max = j->left[channel];
	n = read(j->fds[channel], bytes, max);
	if (n < 0 && (errno == EINTR || errno == EAGAIN) && !j->exited)
		return 0;
	if (n <= 0)
		return close_channel(j, channel);
	j->window[channel] -= n;
	j->left[channel] -= j->exited ? n : 0;
	return link_send(j->link, LAB_DATA, j->stream, channel, bytes, n);
}

static int send_exit(struct job *j)
{
	uint8_t payload[8];

	lab_put_u32(payload, j->exit_kind);
	lab_put_u32(payload + 4, j->exit_value);
	return link_send(j->link, LAB_EXIT, j->stream, 0, payload, sizeof(payload));
}

int job_finish(struct job *j, bool *ret_done)
{
	int r = 0;

	for (int c = 1; j->exited && c < LAB_CHANNEL_COUNT; c++)
		while (r == 0 && may_read(j, c))
			r = read_output(j, c);
	if (r < 0)
		return r;
	*ret_done = j->exited && j->fds[1] < 0 && j->fds[2] < 0;
	return *ret_done ? send_exit(j) : 0;
}

static int on_in(void *data, short revents)
{
	return write_input(data);
}

static int on_out(void *data, short revents)
{
	struct job *j = data;

	return may_read(j, 1) ? read_output(j, 1) : 0;
}

static int on_err(void *data, short revents)
{
	struct job *j = data;

	return may_read(j, 2) ? read_output(j, 2) : 0;
}

static int on_in_if_open(void *data, short revents)
{
	struct job *j = data;

	return j->fds[0] < 0 ? 0 : on_in(j, revents);
}

void job_poll(struct job *j, struct pollset *ps)
{
	if (j->in.len)
		pollset_add(ps, j->fds[0], POLLOUT, on_in_if_open, j);
	if (may_read(j, 1))
		pollset_add(ps, j->fds[1], POLLIN, on_out, j);
	if (may_read(j, 2))
		pollset_add(ps, j->fds[2], POLLIN, on_err, j);
}
