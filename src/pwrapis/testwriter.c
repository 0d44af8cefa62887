/*
 * The stand-in for the privileged half: a thread that takes one connection at a time, notes each
 * record, and answers as it is told to. See testpwrapis.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/str.h"
#include "pwrapis/testpwrapis.h"
#include "pwrapis/writerproto.h"

enum { HANG_MS = 30 * 1000 };

static struct {
	pthread_t thread;
	bool running;
	int listen_fd, stop_fd;
	struct machine *machine;
	pthread_mutex_t lock;
	pthread_cond_t noted;
	enum writer_mood mood;
	enum writer_gift gift;
	unsigned opens;
	int refuse_after;
	struct strbuf notes;
} writer = {.lock = PTHREAD_MUTEX_INITIALIZER, .noted = PTHREAD_COND_INITIALIZER};

static void note(const struct writer_request *rq)
{
	static const char *const verbs[] = {"none", "set", "end", "drop", "read", "open"};
	const struct power_item *item = power_item(rq->item);

	writer.opens += rq->verb == WRITER_OPEN;
	if (rq->verb == WRITER_READ || rq->verb == WRITER_OPEN)
		return;
	if (rq->verb == WRITER_END)
		strbuf_addf(&writer.notes, "end %d\n", (int)rq->lease);
	else if (rq->verb == WRITER_DROP)
		strbuf_addf(&writer.notes, "%s %d %s %s\n", verbs[rq->verb], (int)rq->lease,
			    item->name, rq->name);
	else if (rq->value.text[0])
		strbuf_addf(&writer.notes, "%s %d %s %s %s\n", verbs[rq->verb], (int)rq->lease,
			    item->name, rq->name, rq->value.text);
	else
		strbuf_addf(&writer.notes, "%s %d %s %s %g\n", verbs[rq->verb], (int)rq->lease,
			    item->name, rq->name, rq->value.number);
	pthread_cond_signal(&writer.noted);
}

static int perform(const struct writer_request *rq)
{
	int r;

	if (rq->verb != WRITER_SET)
		return 0;
	if (writer.mood == WRITER_REFUSES && writer.refuse_after-- <= 0)
		return -EACCES;
	r = machine_check(writer.machine, rq->item, rq->index, &rq->value);
	return r < 0 ? r : machine_write(writer.machine, rq->item, rq->index, &rq->value);
}

/* How many descriptors go with the answer. */
static int wrap(const struct writer_request *rq, int fds[2])
{
	enum writer_gift gift = writer.gift;
	int ends[2];

	if (gift == GIFT_NONE || (rq->verb != WRITER_OPEN && gift != GIFT_ALWAYS))
		return 0;
	if (gift == GIFT_PIPE) {
		assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
		close(ends[1]);
		fds[0] = ends[0];
		return 1;
	}
	for (int i = 0; i < 2; i++)
		fds[i] = open(gift == GIFT_FOLDER ? "sys" : GIFT_PATH, O_RDONLY | O_CLOEXEC);
	return gift == GIFT_TWO ? 2 : 1;
}

static ssize_t send_reply(int fd, const struct writer_request *rq, struct writer_reply *reply)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(2 * sizeof(int))];
	} control = {.head = {.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS}};
	struct iovec iov = {.iov_base = reply, .iov_len = sizeof(*reply)};
	struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1};
	int fds[2] = {-1, -1}, count = wrap(rq, fds);
	ssize_t n;

	if (count) {
		memcpy(CMSG_DATA(&control.head), fds, count * sizeof(int));
		control.head.cmsg_len = CMSG_LEN(count * sizeof(int));
		m.msg_control = &control;
		m.msg_controllen = control.head.cmsg_len;
	}
	n = sendmsg(fd, &m, MSG_NOSIGNAL);
	cleanup_close_p(&fds[0]);
	cleanup_close_p(&fds[1]);
	return n;
}

/* False: the connection is over. */
static bool serve_one(int fd)
{
	struct writer_request rq;
	struct writer_reply reply = {.magic = WRITER_MAGIC};
	ssize_t n = recv(fd, &rq, sizeof(rq), 0);

	if (n != sizeof(rq) || rq.magic != WRITER_MAGIC)
		return false;
	pthread_mutex_lock(&writer.lock);
	note(&rq);
	reply.sequence = rq.sequence;
	reply.error = writer.mood == WRITER_SILENT ? 0 : perform(&rq);
	n = writer.mood == WRITER_SILENT ? 0 : send_reply(fd, &rq, &reply);
	pthread_mutex_unlock(&writer.lock);
	return n >= 0;
}

static void *run(void *data)
{
	int fd = -1;

	for (;;) {
		struct pollfd p[] = {
			{.fd = writer.stop_fd, .events = POLLIN},
			{.fd = fd < 0 ? writer.listen_fd : fd, .events = POLLIN},
		};

		/* Interrupted when another thread changes the ids of the process. */
		if (poll(p, ARRAY_SIZE(p), -1) < 0)
			continue;
		if (p[0].revents)
			break;
		if (fd < 0)
			fd = accept4(writer.listen_fd, NULL, NULL, SOCK_CLOEXEC);
		else if (!serve_one(fd))
			close(take_fd(&fd));
	}
	cleanup_close_p(&fd);
	return NULL;
}

void writer_start(const struct testroot *t)
{
	const struct sockaddr_un sa = {.sun_family = AF_UNIX,
				       .sun_path = "run/leonhard/pwrapis-writer"};

	assert_int_equal(machine_new(t->fd, &writer.machine), 0);
	mkdir("run", 0755);
	mkdir("run/leonhard", 0755);
	unlink(sa.sun_path);
	writer.listen_fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(writer.listen_fd, (const struct sockaddr *)&sa, sizeof(sa)), 0);
	assert_int_equal(listen(writer.listen_fd, 8), 0);
	writer.stop_fd = eventfd(0, EFD_CLOEXEC);
	writer.mood = WRITER_WRITES;
	writer.gift = GIFT_FILE;
	writer.opens = 0;
	assert_int_equal(pthread_create(&writer.thread, NULL, run, NULL), 0);
	writer.running = true;
}

void writer_stop(void)
{
	if (!writer.running)
		return;
	writer.running = false;
	eventfd_write(writer.stop_fd, 1);
	pthread_join(writer.thread, NULL);
	close(writer.listen_fd);
	close(writer.stop_fd);
	machine_free(writer.machine);
	strbuf_deinit(&writer.notes);
}

void writer_set_mood(enum writer_mood mood)
{
	pthread_mutex_lock(&writer.lock);
	writer.mood = mood;
	writer.refuse_after = 0;
	pthread_mutex_unlock(&writer.lock);
}

void writer_refuse_after(int count)
{
	pthread_mutex_lock(&writer.lock);
	writer.mood = WRITER_REFUSES;
	writer.refuse_after = count;
	pthread_mutex_unlock(&writer.lock);
}

void writer_give(enum writer_gift gift)
{
	pthread_mutex_lock(&writer.lock);
	writer.gift = gift;
	pthread_mutex_unlock(&writer.lock);
}

unsigned writer_opens(void)
{
	unsigned opens;

	pthread_mutex_lock(&writer.lock);
	opens = writer.opens;
	pthread_mutex_unlock(&writer.lock);
	return opens;
}

void writer_expect(const char *lines)
{
	struct timespec until;
	_cleanup_free_ char *noted = NULL;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += HANG_MS / 1000;
	pthread_mutex_lock(&writer.lock);
	while (writer.notes.len < strlen(lines) &&
	       pthread_cond_timedwait(&writer.noted, &writer.lock, &until) == 0)
		;
	strbuf_steal(&writer.notes, &noted);
	pthread_mutex_unlock(&writer.lock);
	assert_string_equal(noted, lines);
}
