/*
 * One connection of webd to its privileged half: a record, an attempt, an answer.
 *
 *	visit_new()      the record must come within READ_MS
 *	on_record()      its form; the limits; charged; a child is forked
 *	on_verdict()     good: answered at once, with the socket to the bridge
 *	                 bad: answered when failure_delay has passed since the record came
 *	on_late()        the child is killed, and the answer is that it has failed
 *
 * Every visit has one timer, which stands for what it waits for.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>

#include "base/def.h"
#include "base/log.h"
#include "base/time.h"
#include "webd/login/login.h"

enum { READ_MS = 2000 };

struct visit {
	struct login *login;
	struct list_link at;
	int fd, verdict_fd, webd_fd; /* -1: none */
	pid_t child; /* 0: none that is not reaped */
	bool attempting; /* counts as one */
	uint64_t begun_ns, answer_ns; /* the latter of a failure: not before */
	char user[LOGIN_USER_MAX], address[LOGIN_ADDRESS_MAX], key[LIMIT_KEY_MAX];
	struct login_reply reply;
	uv_poll_t poll, verdict_poll; /* of the connection; of the verdict, while there is a pipe */
	uv_timer_t timer;
	unsigned open_handles;
};

static struct log_limit odd_limit = {.interval_ns = 60 * NS_PER_S, .burst = 5};

/* ---- its end ---- */

static void on_handle_closed(uv_handle_t *handle)
{
	struct visit *v = handle->data;

	if (--v->open_handles)
		return;
	if (v->verdict_fd >= 0)
		close(v->verdict_fd);
	if (v->webd_fd >= 0)
		close(v->webd_fd);
	close(v->fd);
	free(v);
}

static void attempt_over(struct visit *v)
{
	if (v->attempting)
		v->login->attempt_count--;
	v->attempting = false;
}

static void visit_close(struct visit *v)
{
	if (!list_is_linked(&v->at))
		return;
	list_remove(&v->at);
	v->login->visit_count--;
	attempt_over(v);
	uv_close((uv_handle_t *)&v->poll, on_handle_closed);
	uv_close((uv_handle_t *)&v->timer, on_handle_closed);
	if (v->open_handles == 3)
		uv_close((uv_handle_t *)&v->verdict_poll, on_handle_closed);
}

void visit_close_all(struct login *l)
{
	while (!list_is_empty(&l->visits))
		visit_close(list_first(&l->visits, struct visit, at));
}

/* ---- the answer ---- */

static void attach(struct msghdr *message, void *control, size_t size, int fd)
{
	struct cmsghdr *c;

	message->msg_control = control;
	message->msg_controllen = size;
	c = CMSG_FIRSTHDR(message);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
}

static void answer(struct visit *v)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = {};
	struct iovec iov = {&v->reply, sizeof(v->reply)};
	struct msghdr message = {.msg_iov = &iov, .msg_iovlen = 1};

	v->reply.magic = LOGIN_MAGIC;
	if (v->reply.result == LOGIN_GRANTED)
		attach(&message, control.bytes, sizeof(control.bytes), v->webd_fd);
	if (sendmsg(v->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		log_warning("cannot answer webd: %s", strerror(errno));
	visit_close(v);
}

static void answer_with(struct visit *v, enum login_result result)
{
	v->reply = (struct login_reply){.result = result};
	answer(v);
}

/* The loop's own time stands still while callbacks run, so its timer can be early: asked again. */
static void on_answer_time(uv_timer_t *timer)
{
	struct visit *v = timer->data;
	uint64_t now_ns = time_now_ns(CLOCK_BOOTTIME);

	if (now_ns < v->answer_ns)
		uv_timer_start(timer, on_answer_time, (v->answer_ns - now_ns) / NS_PER_MS + 1, 0);
	else
		answer(v);
}

/* Every failure takes the same time, as far as PAM lets it. */
static void answer_later(struct visit *v, enum login_result result)
{
	v->reply = (struct login_reply){.result = result};
	v->answer_ns = v->begun_ns + login_settings(v->login)->failure_delay_ns;
	uv_poll_stop(&v->verdict_poll);
	on_answer_time(&v->timer);
}

/* ---- the attempt ---- */

static void granted(struct visit *v, const struct attempt_verdict *verdict)
{
	struct login *l = v->login;

	log_info("%s has logged in from %s", verdict->user, v->address);
	limit_forgive(&l->users, v->user);
	limit_take_back(&l->addresses, v->key);
	v->reply = (struct login_reply){.result = LOGIN_GRANTED};
	memcpy(v->reply.user, verdict->user, sizeof(v->reply.user));
	answer(v);
}

static void refused(struct visit *v, enum login_result result)
{
	if (result == LOGIN_DENIED)
		log_notice("login of %s from %s was refused", v->user, v->address);
	answer_later(v, result);
}

static void on_verdict(uv_poll_t *poll, int status, int events)
{
	struct visit *v = poll->data;
	struct attempt_verdict verdict = {};
	ssize_t n = read(v->verdict_fd, &verdict, sizeof(verdict));

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	attempt_over(v);
	uv_timer_stop(&v->timer);
	verdict.user[sizeof(verdict.user) - 1] = '\0';
	/* Nothing: it was killed, or has crashed in one of PAM's modules. */
	if (n != sizeof(verdict) || verdict.result >= LOGIN_RESULTS)
		verdict.result = LOGIN_FAILED;
	if (verdict.result == LOGIN_GRANTED)
		granted(v, &verdict);
	else
		refused(v, verdict.result);
}

static void on_late(uv_timer_t *timer)
{
	struct visit *v = timer->data;

	log_error("PAM was too slow with %s from %s", v->user, v->address);
	if (v->child)
		kill(v->child, SIGKILL);
	attempt_over(v);
	answer_later(v, LOGIN_FAILED);
}

static void run_child(struct visit *v, struct login_request *request, int bridge_fd, int verdict_fd)
{
	const struct login *l = v->login;
	const struct attempt_world world = {
		.pam_dir = l->pam_dir,
		.root = l->daemon->root,
		.allow_root = login_settings(l)->allow_root,
		.bridge_dir_fd = l->bridge_dir_fd,
	};

	attempt_run(&world, request, bridge_fd, verdict_fd);
}

static int fork_attempt(struct visit *v, struct login_request *request)
{
	_cleanup_close_ int bridge_fd = -1, verdict_fd = -1;
	int sockets[2], ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) < 0)
		return -errno;
	v->webd_fd = sockets[0];
	bridge_fd = sockets[1];
	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	v->verdict_fd = ends[0];
	verdict_fd = ends[1];
	v->child = fork();
	if (v->child == 0)
		run_child(v, request, bridge_fd, verdict_fd);
	if (v->child < 0) {
		v->child = 0;
		return -errno;
	}
	v->login->child_count++;
	return 0;
}

static void wait_for_verdict(struct visit *v)
{
	uv_loop_t *loop = &v->login->daemon->loop;

	uv_poll_init(loop, &v->verdict_poll, v->verdict_fd);
	v->verdict_poll.data = v;
	v->open_handles++;
	uv_poll_start(&v->verdict_poll, UV_READABLE, on_verdict);
	uv_timer_start(&v->timer, on_late, login_settings(v->login)->timeout_ns / NS_PER_MS, 0);
}

static void begin_attempt(struct visit *v, struct login_request *request)
{
	struct login *l = v->login;
	int r = fork_attempt(v, request);

	if (r < 0) {
		log_error_errno(r, "cannot look at the login of %s", v->user);
		answer_with(v, LOGIN_FAILED);
		return;
	}
	v->attempting = true;
	l->attempt_count++;
	limit_charge(&l->users, v->user, v->begun_ns);
	limit_charge(&l->addresses, v->key, v->begun_ns);
	wait_for_verdict(v);
}

/* 0, or for how many seconds it is not looked at. */
static uint32_t wait_s(const struct visit *v)
{
	const struct login *l = v->login;
	uint64_t user_ns = limit_wait_ns(&l->users, v->user, v->begun_ns);
	uint64_t address_ns = limit_wait_ns(&l->addresses, v->key, v->begun_ns);
	uint64_t ns = user_ns > address_ns ? user_ns : address_ns;

	if (ns)
		return (ns + NS_PER_S - 1) / NS_PER_S;
	return l->attempt_count >= login_settings(l)->attempts ||
	       l->child_count >= LOGIN_CHILDREN_MAX;
}

static void take_record(struct visit *v, struct login_request *request)
{
	uint32_t wait;

	v->begun_ns = time_now_ns(CLOCK_BOOTTIME);
	strcpy(v->user, request->user);
	strcpy(v->address, request->address);
	limit_address_key(v->address, v->key);
	wait = wait_s(v);
	if (wait) {
		v->reply = (struct login_reply){.result = LOGIN_LATER, .retry_after_s = wait};
		answer(v);
		return;
	}
	begin_attempt(v, request);
}

static void on_record(uv_poll_t *poll, int status, int events)
{
	struct visit *v = poll->data;
	struct login_request request = {};
	ssize_t n = recv(v->fd, &request, sizeof(request), MSG_DONTWAIT | MSG_TRUNC);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	uv_poll_stop(&v->poll);
	uv_timer_stop(&v->timer);
	if (n == sizeof(request) && attempt_request_valid(&request)) {
		take_record(v, &request);
	} else {
		if (n)
			log_limited(&odd_limit, LOG_LEVEL_WARNING, "webd has sent no valid record");
		visit_close(v);
	}
	explicit_bzero(&request, sizeof(request));
}

/* ---- its beginning ---- */

static void on_silent(uv_timer_t *timer)
{
	visit_close(timer->data);
}

void visit_new(struct login *l, int fd)
{
	struct visit *v = l->visit_count < LOGIN_VISITS_MAX ? calloc(1, sizeof(*v)) : NULL;

	if (!v) {
		close(fd);
		return;
	}
	v->login = l;
	v->fd = fd;
	v->verdict_fd = v->webd_fd = -1;
	v->open_handles = 2;
	v->poll.data = v->timer.data = v;
	uv_poll_init(&l->daemon->loop, &v->poll, fd);
	uv_timer_init(&l->daemon->loop, &v->timer);
	list_add_last(&l->visits, &v->at);
	l->visit_count++;
	uv_poll_start(&v->poll, UV_READABLE, on_record);
	uv_timer_start(&v->timer, on_silent, READ_MS, 0);
}

void visit_reaped(struct login *l, pid_t pid)
{
	struct visit *v;

	l->child_count--;
	for (list_each(v, &l->visits, at)) {
		if (v->child == pid)
			v->child = 0;
	}
}
