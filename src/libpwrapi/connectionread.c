/*
 * The side of the connection that reads, and makes it again when it has ended.
 *
 * A reply nobody waits for any more is dropped, as is a message of a kind that is not known. What
 * cannot be understood ends the connection.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "base/def.h"
#include "libpwrapi/connectionint.h"
#include "libpwrapi/intake.h"
#include "libpwrapi/pwrerr.h"
#include "libpwrapi/thread.h"

enum { AGAIN_FIRST_MS = 50, AGAIN_LAST_MS = 3000, NS_PER_MS = 1000000, OPEN_MS = 5000 };

/*
 * A daemon that does not accept is waited for, but not for ever: the kernel takes the time for it
 * from here.
 */
int connection_open(const struct sockaddr_un *address)
{
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	unsigned ms = connection_timeout_ms < OPEN_MS ? connection_timeout_ms : OPEN_MS;
	struct timeval patience = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};
	int r;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)) < 0)
		return -errno;
	do
		r = connect(fd, (const struct sockaddr *)address, sizeof(*address));
	while (r < 0 && errno == EINTR);
	return r < 0 ? -errno : take_fd(&fd);
}

/* ---- replies ---- */

static void finish(struct waiter **at, int result)
{
	struct waiter *w = *at;

	*at = w->next;
	w->result = result;
	w->done = true;
	pthread_cond_signal(&w->changed);
}

static int judge(const struct waiter *w, const struct wire_head *head)
{
	return w->operation == head->operation ? head->result : PWR_ERR_WRONG_RESPONSE_FROM_SERVER;
}

/* Takes @data. */
static void give_reply(struct connection *c, const struct wire_head *head, void *data)
{
	struct waiter **at = &c->waiters;

	pthread_mutex_lock(&c->lock);
	while (*at && (*at)->sequence != head->sequence)
		at = &(*at)->next;
	if (*at) {
		(*at)->reply = (struct connection_reply){head->data_bytes, take_ptr(data)};
		finish(at, judge(*at, head));
	}
	pthread_mutex_unlock(&c->lock);
	free(data);
}

static void give(struct connection *c, const struct wire_head *head, void *data)
{
	if (head->type == WIRE_REPLY)
		give_reply(c, head, data);
	else if (head->type == WIRE_EVENT && head->operation == WIRE_COM_EVENT)
		delivery_push(c->delivery, true, data, head->data_bytes);
	else if (head->type == WIRE_DATA && head->operation == WIRE_COM_DATA)
		delivery_push(c->delivery, false, data, head->data_bytes);
	else
		free(data);
}

/* Whether there was any. */
static bool read_messages(struct connection *c)
{
	struct intake in = {.fd = c->fd};
	struct wire_head head;
	bool any = false;
	void *data;

	while (intake_message(&in, &head, &data) == 0) {
		give(c, &head, data);
		any = true;
	}
	return any;
}

/* ---- end and beginning ---- */

/*
 * The descriptor is given up before it is closed: a child that is forked between must not close a
 * number that means something else by then.
 */
static void end(struct connection *c)
{
	_cleanup_close_ int fd = -1;

	pthread_mutex_lock(&c->lock);
	shutdown(c->fd, SHUT_RDWR);
	c->up = false;
	while (c->waiters)
		finish(&c->waiters, PWR_ERR_DISCONNECTED);
	pthread_cond_broadcast(&c->changed);
	while (c->sending)
		pthread_cond_wait(&c->changed, &c->lock);
	fd = take_fd(&c->fd);
	pthread_mutex_unlock(&c->lock);
}

/* False when it is to stop. */
static bool pause_ms(struct connection *c, unsigned ms)
{
	uint64_t until_ns = thread_now_ns() + (uint64_t)ms * NS_PER_MS;
	bool stopping;
	int r = 0;

	pthread_mutex_lock(&c->lock);
	while (!c->stopping && r != -ETIMEDOUT)
		r = thread_wait(&c->changed, &c->lock, until_ns);
	stopping = c->stopping;
	pthread_mutex_unlock(&c->lock);
	return !stopping;
}

static void begin(struct connection *c, int fd)
{
	pthread_mutex_lock(&c->lock);
	c->fd = fd;
	c->up = !c->stopping;
	if (c->stopping)
		shutdown(fd, SHUT_RDWR);
	pthread_mutex_unlock(&c->lock);
}

/* False when it is to stop. @pause grows with every attempt. */
static bool open_again(struct connection *c, unsigned *pause)
{
	int fd = -1;

	while (fd < 0) {
		if (!pause_ms(c, *pause))
			return false;
		*pause = *pause * 2 < AGAIN_LAST_MS ? *pause * 2 : AGAIN_LAST_MS;
		fd = connection_open(&c->address);
	}
	begin(c, fd);
	return true;
}

/* A daemon that accepts and ends at once is not asked more often than one that is not there. */
void *connection_read(void *connection)
{
	struct connection *c = connection;
	unsigned pause = AGAIN_FIRST_MS;

	do {
		if (read_messages(c))
			pause = AGAIN_FIRST_MS;
		end(c);
	} while (open_again(c, &pause));
	return NULL;
}
