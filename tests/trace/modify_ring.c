/*
 * Ways to write through io_uring, in which no system call names the file: by the calling process,
 * and by a thread of the kernel that polls on its behalf. The two rings are shared memory; this is
 * the least that a program must do with them (io_uring(7)).
 */
#include "modify.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/def.h"

struct ring {
	int fd;
	struct io_uring_params params;
	char *submissions, *completions;
	struct io_uring_sqe *entries;
};

static int map(int fd, size_t len, uint64_t offset, void *ret_memory)
{
	void *memory = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, offset);

	if (memory == MAP_FAILED)
		return -errno;
	memcpy(ret_memory, &memory, sizeof(memory));
	return 0;
}

static int ring_open(struct ring *r, uint32_t flags)
{
	struct io_uring_params *p = &r->params;
	int result;

	p->flags = flags;
	p->sq_thread_idle = 1000;
	r->fd = syscall(SYS_io_uring_setup, 1, p);
	if (r->fd < 0)
		return -errno;
	result = map(r->fd, p->sq_off.array + p->sq_entries * sizeof(uint32_t), IORING_OFF_SQ_RING,
		     &r->submissions);
	if (result == 0)
		result = map(r->fd, p->cq_off.cqes + p->cq_entries * sizeof(struct io_uring_cqe),
			     IORING_OFF_CQ_RING, &r->completions);
	if (result == 0)
		result = map(r->fd, p->sq_entries * sizeof(*r->entries), IORING_OFF_SQES,
			     &r->entries);
	return result;
}

static uint32_t *word(char *ring, uint32_t offset)
{
	return (uint32_t *)(ring + offset);
}

static void ring_write(struct ring *r, int fd)
{
	r->entries[0] = (struct io_uring_sqe){
		.opcode = IORING_OP_WRITE,
		.fd = fd,
		.addr = (uintptr_t)MODIFY_TEXT,
		.len = MODIFY_LEN,
	};
	*word(r->submissions, r->params.sq_off.array) = 0;
	__atomic_store_n(word(r->submissions, r->params.sq_off.tail), 1, __ATOMIC_RELEASE);
}

static int ring_result(struct ring *r)
{
	const struct io_uring_cqe *done = (void *)(r->completions + r->params.cq_off.cqes);
	const uint32_t flags = IORING_ENTER_GETEVENTS |
			       (r->params.flags & IORING_SETUP_SQPOLL ? IORING_ENTER_SQ_WAKEUP : 0);
	const uint32_t count = r->params.flags & IORING_SETUP_SQPOLL ? 0 : 1;

	if (syscall(SYS_io_uring_enter, r->fd, count, 1, flags, NULL, 0) < 0)
		return -errno;
	if (!__atomic_load_n(word(r->completions, r->params.cq_off.tail), __ATOMIC_ACQUIRE))
		return -EIO;
	return done->res < 0 ? done->res : modify_whole(done->res, MODIFY_LEN);
}

static int write_through(const char *path, uint32_t flags)
{
	_cleanup_close_ int fd = open(path, O_WRONLY);
	struct ring ring = {};
	int r = ring_open(&ring, flags);

	if (r < 0)
		return r;
	ring_write(&ring, fd);
	return ring_result(&ring);
}

static int by_ring(const char *path, const char *other)
{
	return write_through(path, 0);
}

static int by_polled_ring(const char *path, const char *other)
{
	return write_through(path, IORING_SETUP_SQPOLL);
}

const struct way ring_ways[] = {{"io-uring", by_ring}, {"io-uring-polled", by_polled_ring}, {}};
