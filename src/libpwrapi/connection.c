/*
 * The connection to the daemon: its life, and the side that asks.
 *
 * A call joins the list before it sends, so that no reply can be faster than it. Sending is done
 * without the lock, by one call at a time; a message that could be sent only in part ends the
 * connection, since nobody could understand what follows.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "base/def.h"
#include "libpwrapi/connectionint.h"
#include "libpwrapi/pwrerr.h"
#include "libpwrapi/thread.h"

enum { NS_PER_MS = 1000000 };

unsigned connection_timeout_ms = 30000;

/* ---- sending ---- */

static int wait_writable(int fd, uint64_t deadline_ns)
{
	struct pollfd p = {.fd = fd, .events = POLLOUT};
	uint64_t now = thread_now_ns();
	int timeout_ms = now < deadline_ns ? (deadline_ns - now) / NS_PER_MS + 1 : 0;
	int r = poll(&p, 1, timeout_ms);

	if (r < 0)
		return errno == EINTR ? 0 : -errno;
	return r > 0 ? 0 : -ETIMEDOUT;
}

static void advance(struct iovec *part, size_t n)
{
	for (int i = 0; i < 2; i++) {
		size_t done = n < part[i].iov_len ? n : part[i].iov_len;

		/* A request without data has no second part: its address is NULL. */
		if (done)
			part[i].iov_base = (uint8_t *)part[i].iov_base + done;
		part[i].iov_len -= done;
		n -= done;
	}
}

/* -ETIMEDOUT with @ret_begun when a part of it was sent. */
static int send_all(int fd, struct iovec part[2], uint64_t deadline_ns, bool *ret_begun)
{
	struct msghdr message = {.msg_iov = part, .msg_iovlen = 2};

	while (part[0].iov_len + part[1].iov_len > 0) {
		ssize_t n = sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
		int r = n < 0 ? -errno : 0;

		if (r == -EAGAIN)
			r = wait_writable(fd, deadline_ns);
		if (r < 0 && r != -EINTR)
			return r;
		if (n > 0) {
			*ret_begun = true;
			advance(part, n);
		}
	}
	return 0;
}

static int send_request(int fd, const struct wire_head *head, const void *data,
			uint64_t deadline_ns)
{
	struct iovec part[2] = {
		{.iov_base = (void *)head, .iov_len = sizeof(*head)},
		{.iov_base = (void *)data, .iov_len = head->data_bytes},
	};
	bool begun = false;
	int r = send_all(fd, part, deadline_ns, &begun);

	if (r == 0)
		return PWR_SUCCESS;
	if (begun)
		shutdown(fd, SHUT_RDWR);
	return r == -ETIMEDOUT ? PWR_ERR_TIMEOUT : PWR_ERR_DISCONNECTED;
}

/* ---- asking ---- */

static void leave(struct connection *c, const struct waiter *w)
{
	struct waiter **at = &c->waiters;

	while (*at && *at != w)
		at = &(*at)->next;
	if (*at)
		*at = w->next;
}

/* Until no other call is sending. The lock is held. */
static int take_turn(struct connection *c, const struct waiter *w, uint64_t deadline_ns)
{
	int r = 0;

	while (c->sending && !w->done && r != -ETIMEDOUT)
		r = thread_wait(&c->changed, &c->lock, deadline_ns);
	if (w->done)
		return w->result;
	if (c->sending)
		return PWR_ERR_TIMEOUT;
	c->sending = true;
	return PWR_SUCCESS;
}

/* The reader may be waiting too, once the connection is down. The lock is held. */
static void give_turn(struct connection *c)
{
	c->sending = false;
	if (c->up)
		pthread_cond_signal(&c->changed);
	else
		pthread_cond_broadcast(&c->changed);
}

static int send_in_turn(struct connection *c, const struct waiter *w, const void *request,
			size_t bytes, uint64_t deadline_ns)
{
	struct wire_head head = {
		.major = WIRE_MAJOR,
		.minor = WIRE_MINOR,
		.format = WIRE_FORMAT_BINARY,
		.type = WIRE_REQUEST,
		.operation = w->operation,
		.sequence = w->sequence,
		.data_bytes = bytes,
		.system = c->pid,
	};
	int result = take_turn(c, w, deadline_ns);
	int fd = c->fd;

	if (result != PWR_SUCCESS)
		return result;
	pthread_mutex_unlock(&c->lock);
	result = send_request(fd, &head, request, deadline_ns);
	pthread_mutex_lock(&c->lock);
	give_turn(c);
	return result;
}

/* The lock is held. */
static int ask(struct connection *c, struct waiter *w, const void *request, size_t bytes)
{
	uint64_t deadline_ns = thread_now_ns() + (uint64_t)connection_timeout_ms * NS_PER_MS;
	int result, r = 0;

	if (!c->up)
		return PWR_ERR_DISCONNECTED;
	w->sequence = ++c->sequence;
	w->next = c->waiters;
	c->waiters = w;
	result = send_in_turn(c, w, request, bytes, deadline_ns);
	while (result == PWR_SUCCESS && !w->done && r != -ETIMEDOUT)
		r = thread_wait(&w->changed, &c->lock, deadline_ns);
	if (w->done)
		return w->result;
	leave(c, w);
	return result == PWR_SUCCESS ? PWR_ERR_TIMEOUT : result;
}

int connection_ask(struct connection *c, uint16_t operation, const void *request, size_t bytes,
		   struct connection_reply *ret_reply)
{
	struct waiter w = {.operation = operation};
	int result;

	thread_cond_init(&w.changed);
	pthread_mutex_lock(&c->lock);
	result = ask(c, &w, request, bytes);
	pthread_mutex_unlock(&c->lock);
	pthread_cond_destroy(&w.changed);
	if (result == PWR_SUCCESS)
		*ret_reply = w.reply;
	else
		free(w.reply.data);
	return result;
}

/* ---- life ---- */

struct connection *connection_ref(struct connection *c)
{
	pthread_mutex_lock(&c->lock);
	c->refs++;
	pthread_mutex_unlock(&c->lock);
	return c;
}

void connection_unref(struct connection *c)
{
	bool last;

	pthread_mutex_lock(&c->lock);
	last = --c->refs == 0;
	pthread_mutex_unlock(&c->lock);
	if (!last)
		return;
	pthread_cond_destroy(&c->changed);
	pthread_mutex_destroy(&c->lock);
	free(c);
}

static void close_connection(struct connection *c)
{
	if (c->fd >= 0)
		close(c->fd);
	if (c->delivery)
		delivery_stop(c->delivery);
	connection_unref(c);
}

static void close_connection_p(struct connection **c)
{
	if (*c)
		close_connection(*c);
}

static int set_address(struct sockaddr_un *address, const char *path)
{
	if (strlen(path) >= sizeof(address->sun_path))
		return -ENAMETOOLONG;
	address->sun_family = AF_UNIX;
	strcpy(address->sun_path, path);
	return 0;
}

int connection_new(const char *path, struct connection **ret_connection)
{
	_cleanup_(close_connection_p) struct connection *c = calloc(1, sizeof(*c));
	int r;

	if (!c)
		return -ENOMEM;
	pthread_mutex_init(&c->lock, NULL);
	thread_cond_init(&c->changed);
	c->refs = 1;
	c->fd = -1;
	c->pid = getpid();
	c->delivery = delivery_new();
	if (!c->delivery)
		return -ENOMEM;
	r = set_address(&c->address, path);
	if (r < 0)
		return r;
	c->fd = connection_open(&c->address);
	if (c->fd < 0)
		return c->fd;
	c->up = true;
	r = thread_start(connection_read, c, &c->thread);
	if (r < 0)
		return r;
	*ret_connection = take_ptr(c);
	return 0;
}

void connection_stop(struct connection *c)
{
	pthread_mutex_lock(&c->lock);
	c->stopping = true;
	if (c->fd >= 0)
		shutdown(c->fd, SHUT_RDWR);
	pthread_cond_broadcast(&c->changed);
	pthread_mutex_unlock(&c->lock);
	pthread_join(c->thread, NULL);
	delivery_stop(c->delivery);
	connection_unref(c);
}

void connection_abandon(struct connection *c)
{
	if (c->fd >= 0)
		close(c->fd);
}
