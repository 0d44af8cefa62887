/*
 * A session: accepting, reading, writing, closing. What handlers call never closes one: it marks
 * it, and the end of the turn does the rest.
 */
#include <errno.h>
#include <string.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "base/def.h"
#include "pwrapis/pwrapis.h"
#include "pwrapis/task.h"
#include "pwrapis/stamp.h"

enum {
	READ_BYTES = 64 * 1024,
	ADMIN_SHARE = 16,
	NOTICES_BYTES = 16 * 1024, /* of what waits, as the kernel counts it */
};

void session_mark_dirty(struct session *s)
{
	if (list_is_linked(&s->flush) || s->closing)
		return;
	s->p->dirty_count++;
	list_add_last(&s->p->dirty, &s->flush);
	loop_wake(s->p);
}

static void unmark_dirty(struct session *s)
{
	if (!list_is_linked(&s->flush))
		return;
	s->p->dirty_count--;
	list_remove(&s->flush);
}

static void on_closed(uv_handle_t *handle)
{
	struct session *s = handle->data;

	peer_deinit(&s->peer);
	free(s);
}

void session_close(struct session *s)
{
	struct pwrapis *p = s->p;

	if (s->closing)
		return;
	s->closing = true;
	list_remove(&s->link);
	p->session_count--;
	unmark_dirty(s);
	turns_remove(&p->turns, &s->turn);
	call_forget(&s->call);
	control_leave(s);
	tasks_leave(s);
	deadline_clear(&p->messages, &s->message);
	deadline_clear(&p->stalls, &s->stall);
	input_deinit(&s->in);
	output_deinit(&s->out);
	turns_user_put(&p->turns, s->turn.user);
	uv_close((uv_handle_t *)&s->poll, on_closed);
	close(take_fd(&s->fd));
	accepting_resume(&p->listener.accepting);
}

/* ---- writing ---- */

static void on_poll(uv_poll_t *poll, int status, int events);

static void watch(struct session *s, int events)
{
	if (events == s->events)
		return;
	s->events = events;
	if (events)
		uv_poll_start(&s->poll, events, on_poll);
	else
		uv_poll_stop(&s->poll);
}

/*
 * What is queued when the client stops reading must be gone by the deadline; then the next deadline
 * is about what was queued meanwhile. So a slow reader goes on, and one that takes a byte now and
 * then does not.
 */
static void set_blocked(struct session *s, bool blocked)
{
	struct deadlines *stalls = &s->p->stalls;

	s->blocked = blocked;
	if (!blocked) {
		deadline_clear(stalls, &s->stall);
		return;
	}
	if (deadline_is_set(&s->stall) && s->out.written < s->stall_until)
		return;
	s->stall_until = s->out.written + s->out.len;
	deadline_set(stalls, &s->stall);
}

/* The client will send nothing more, and has got everything that it asked for. */
static bool finished(const struct session *s)
{
	return s->ended && !s->call.op && !turn_is_awaited(&s->turn) && s->out.len == 0;
}

void session_flush(struct session *s)
{
	int r;

	unmark_dirty(s);
	r = s->lost ? -EPIPE : output_flush(&s->out, s->fd);
	if (r < 0 || finished(s)) {
		session_close(s);
		return;
	}
	set_blocked(s, r == 1);
	session_update(s);
}

void session_stall_expired(struct deadline *d)
{
	struct session *s = d->owner;
	uint64_t until = s->stall_until;

	/* When it was us who were late, the client is given what it has made room for. */
	session_flush(s);
	if (!s->closing && s->blocked && s->out.written < until)
		session_close(s);
}

void session_send(struct session *s, const struct wire_head *head, const void *data, size_t len)
{
	size_t before = s->out.len;

	if (s->closing || s->lost)
		return;
	if (before + sizeof(*head) + len > SESSION_OUTPUT_MAX ||
	    output_add(&s->out, head, sizeof(*head)) < 0)
		s->lost = true;
	else if (len && output_add(&s->out, data, len) < 0) {
		output_cut(&s->out, before);
		s->lost = true;
	}
	session_mark_dirty(s);
}

/* ---- events ---- */

struct event {
	struct wire_head head;
	PWR_COM_EventInfo info;
	char text[128];
};

/* The bytes of it; @info is cut where it is too long. */
static size_t make_event(struct event *e, pid_t pid, uint32_t sequence, int type, const char *info)
{
	size_t len = info ? strnlen(info, sizeof(e->text) - 1) + 1 : 0;

	*e = (struct event){
		.head = {.major = WIRE_MAJOR,
			 .minor = WIRE_MINOR,
			 .operation = WIRE_COM_EVENT,
			 .type = WIRE_EVENT,
			 .sequence = sequence,
			 .system = pid,
			 .data_bytes = sizeof(e->info) + len},
		.info = {.eventType = type, .infoLen = len},
	};
	clock_stamp(e->info.ctime);
	if (len)
		memcpy(e->text, info, len - 1);
	return sizeof(e->head) + e->head.data_bytes;
}

void session_event(struct session *s, int type, const char *info)
{
	struct event e;

	make_event(&e, s->said_pid ?: s->peer.pid, ++s->p->sequence, type, info);
	session_send(s, &e.head, &e.info, e.head.data_bytes);
}

/* Whoever could make these come would else fill the output of a client that reads only replies, and
 * end its session. */
void session_notice(struct session *s, int type, const char *info)
{
	int unread = 0;

	if (s->closing || s->out.len > NOTICES_BYTES || ioctl(s->fd, SIOCOUTQ, &unread) < 0 ||
	    unread > NOTICES_BYTES)
		return;
	session_event(s, type, info);
}

void session_refuse_socket(int fd, pid_t pid, uint16_t code, const char *why)
{
	struct event e;
	size_t len = make_event(&e, pid, 0, PWR_COM_EVTTYPE_CRED_FAILED, why);

	e.head.result = code;
	send(fd, &e, len, MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* ---- reading ---- */

/* A message that has begun has a deadline; one that is whole has none, and waits for its turn. */
static void update_input(struct session *s)
{
	struct wire_head head;
	const uint8_t *data;
	int r = input_peek(&s->in, &head, &data);

	if (r < 0) {
		/* Nothing that follows can be understood; what was answered is still sent. */
		s->ended = true;
		input_deinit(&s->in);
	}
	if (s->ended && r == 0)
		input_deinit(&s->in);
	if (r == 0 && input_len(&s->in)) {
		if (!deadline_is_set(&s->message))
			deadline_set(&s->p->messages, &s->message);
	} else {
		deadline_clear(&s->p->messages, &s->message);
	}
	if (r > 0 && !s->call.op && s->out.len <= SESSION_OUTPUT_BUSY)
		turns_add(&s->p->turns, &s->turn);
}

void session_update(struct session *s)
{
	int events = s->blocked ? UV_WRITABLE : 0;

	if (s->closing)
		return;
	update_input(s);
	if (finished(s))
		session_mark_dirty(s);
	if (!s->ended && input_wanted(&s->in))
		events |= UV_READABLE;
	watch(s, events);
}

static void read_on(struct session *s)
{
	static uint8_t bytes[READ_BYTES];
	size_t wanted = input_wanted(&s->in);
	ssize_t n;
	int r;

	if (s->ended || !wanted)
		return;
	n = recv(s->fd, bytes, wanted < sizeof(bytes) ? wanted : sizeof(bytes), MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	r = n < 0 ? -errno : input_add(&s->in, bytes, n);
	s->ended = n == 0;
	if (r < 0)
		session_close(s);
	else
		session_update(s);
}

void session_message_expired(struct deadline *d)
{
	struct session *s = d->owner;
	struct wire_head head;
	const uint8_t *data;

	/* When it was us who were late, the rest may have come. */
	read_on(s);
	if (!s->closing && input_len(&s->in) && input_peek(&s->in, &head, &data) == 0)
		session_close(s);
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
	struct session *s = poll->data;

	if (status < 0) {
		session_close(s);
		return;
	}
	if (events & UV_WRITABLE)
		session_flush(s);
	if ((events & UV_READABLE) && !s->closing)
		read_on(s);
}

/* ---- accepting ---- */

/* Whether one more of @peer is one too many. Whoever fills the table, an administrator can come and
 * look. */
static bool is_full(struct pwrapis *p, const struct peer *peer, enum access_class class)
{
	const struct settings *settings = pwrapis_settings(p);
	struct user *u = turns_user_find(&p->turns, peer->uid);
	unsigned max = settings->sessions;

	if (u && u->uid != 0 && u->connection_count >= settings->sessions_per_user)
		return true;
	if (class != ACCESS_ADMIN)
		max -= max / ADMIN_SHARE;
	return p->session_count >= max;
}

static int session_new(struct pwrapis *p, int fd, const struct peer *peer,
		       struct session **ret_session)
{
	_cleanup_free_ struct session *s = calloc(1, sizeof(*s));
	int r;

	if (!s)
		return -ENOMEM;
	s->turn.user = turns_user_get(&p->turns, peer->uid);
	if (!s->turn.user)
		return -ENOMEM;
	r = uv_poll_init(&p->daemon->loop, &s->poll, fd);
	if (r < 0) {
		turns_user_put(&p->turns, s->turn.user);
		return r;
	}
	s->p = p;
	s->fd = fd;
	s->peer = *peer;
	s->poll.data = s->turn.owner = s->message.owner = s->stall.owner = s;
	s->call.session = s;
	list_add_last(&p->sessions, &s->link);
	p->session_count++;
	*ret_session = take_ptr(s);
	return 0;
}

void session_accept(struct pwrapis *p, int fd)
{
	_cleanup_close_ int owned = fd;
	_cleanup_(peer_deinit) struct peer peer = {};
	enum access_class class;
	struct session *s;

	if (peer_of_socket(fd, &peer) < 0)
		return;
	who_refresh(&p->who, uv_now(&p->daemon->loop));
	class = who_class(&p->who, &peer);
	if (class == ACCESS_NONE && !who_has_grants(&p->who, &peer)) {
		session_refuse_socket(fd, peer.pid, PWR_ERR_NOT_AUTHED,
				      "access.conf gives this user no class");
		return;
	}
	if (is_full(p, &peer, class)) {
		session_refuse_socket(fd, peer.pid, PWR_ERR_OVER_MAX_CONNECTION,
				      "too many connections");
		return;
	}
	governors_begin(p);
	if (session_new(p, fd, &peer, &s) < 0)
		return;
	take_fd(&owned);
	peer = (struct peer){};
	session_update(s);
}
