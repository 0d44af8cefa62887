/*
 * Power, energy, usage and frequencies of this machine from memory that leonhard-pwrapis shares: a
 * reading takes no system call, and costs the daemon nothing. Header only; C11 or later, and C++.
 *
 * powerring_open() connects to the daemon and maps a ring of samples, read-only. As long as the
 * connection is open the daemon writes: every 10 ms for who has the class control (less often where
 * that would cost it over one percent of a processor), once a second and rounded for who has the
 * class observe. Nobody waits for anybody: a reader that is too slow finds samples overwritten, and
 * is told.
 *
 *	struct powerring ring;
 *	struct powerring_sample sample;
 *	int r = powerring_open(NULL, &ring);
 *
 *	if (r == 0)
 *		r = powerring_latest(&ring, &sample, NULL, 0);
 *	if (r == 0 && sample.known & POWERRING_BOARD_WATTS)
 *		printf("%f W\n", sample.watts[POWERRING_BOARD]);
 *	powerring_close(&ring);
 *
 * What is not known has no bit in `known`, and its number says nothing. The layout of the memory is
 * in power-ring.md; a reader in another language may map it itself.
 *
 * Order of memory, in C11's terms. Each slot has a sequence: 2n once it holds sample n, 2n - 1
 *while that is written. The writer stores the odd number (relaxed), a release fence, the words of
 *the sample (relaxed), the even number (release), and then the number of the latest sample
 *(release). The reader loads the number of the latest (acquire), the sequence (acquire), the words
 *(relaxed), an acquire fence, and the sequence again (relaxed): if both are 2n, all words are of
 *sample n. All words are 64 bits wide and loaded as such.
 *
 * A ring may be read by any number of threads at once; opening and closing is one thread's. All
 * functions return 0 or a negative errno, and leave what they return untouched on failure.
 */
#ifndef POWERRING_H
#define POWERRING_H

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#ifdef __cplusplus
extern "C" {
#endif

#define POWERRING_PATH "/run/leonhard/pwrapis-ring"
#define POWERRING_MAGIC UINT64_C(0x00474e4952525750) /* "PWRRING" in little endian */

enum {
	POWERRING_VERSION = 1,
	POWERRING_CPUS_MAX = 1024,
	POWERRING_SAMPLE_WORDS = 12,
	POWERRING_TRIES = 16,
	POWERRING_OPEN_SECONDS = 5,
};

/* Parts of the machine: the whole board, the packages of its processors, its memory. */
enum { POWERRING_BOARD, POWERRING_PROCESSORS, POWERRING_MEMORY, POWERRING_PARTS };

/* What of a sample is known. Of a part: its bit shifted by the part. */
enum {
	POWERRING_BOARD_WATTS = 1 << 0,
	POWERRING_PROCESSORS_WATTS = 1 << 1,
	POWERRING_MEMORY_WATTS = 1 << 2,
	POWERRING_BOARD_JOULES = 1 << 3,
	POWERRING_PROCESSORS_JOULES = 1 << 4,
	POWERRING_MEMORY_JOULES = 1 << 5,
	POWERRING_USAGE = 1 << 6,
};

/* What of a processor is known. */
enum { POWERRING_CPU_USAGE = 1 << 0, POWERRING_CPU_FREQUENCY = 1 << 1 };

struct powerring_sample {
	uint64_t number; /* counts from 1; in memory the sequence of the slot stands here */
	uint64_t monotonic_ns; /* CLOCK_MONOTONIC */
	uint64_t realtime_ns; /* CLOCK_REALTIME */
	uint64_t power_ns; /* CLOCK_MONOTONIC of the look at power that this tells; 0: none yet */
	uint64_t known;
	double watts[POWERRING_PARTS];
	/* Known to have been used since some time that is the same for all samples of a ring. */
	double joules[POWERRING_PARTS];
	double usage; /* of all processors, 0 to 1 */
};

/* By the kernel's number of the processor. */
struct powerring_cpu {
	uint32_t khz; /* looked at once a second */
	uint16_t usage; /* of 10,000 */
	uint16_t known;
};

/* At the beginning of the memory. */
struct powerring_head {
	uint64_t magic;
	uint32_t version;
	uint32_t coarse; /* 1: rounded */
	uint64_t bytes; /* of the memory */
	uint32_t slots_offset, slot_bytes, slot_count;
	uint32_t cpus_offset; /* in a slot, behind the sample */
	uint32_t cpu_count;
	uint32_t reserved;
	uint64_t period_ns; /* between two samples, about; may change */
	uint64_t latest; /* number of the latest sample; 0: there is none yet */
	uint64_t ended; /* not 0: no more samples come, open again */
};

/* What the daemon sends to who has connected; with it, if there is no error, the memory. */
struct powerring_hello {
	uint64_t magic;
	uint32_t version;
	int32_t error; /* 0, or an errno: EACCES, EUSERS (too many are connected) */
	uint64_t bytes;
};

struct powerring {
	int fd; /* the connection: readable when it has ended */
	const unsigned char *map;
	uint64_t bytes;
	uint32_t slots_offset, slot_bytes, slot_count, cpus_offset, cpu_count;
	uint32_t coarse;
};

/* ---- reading ---- */

static inline const uint64_t *powerring_word(const struct powerring *r, uint64_t offset)
{
	return (const uint64_t *)(const void *)(r->map + offset);
}

static inline uint64_t powerring_head_word(const struct powerring *r, size_t offset)
{
	return __atomic_load_n(powerring_word(r, offset), __ATOMIC_ACQUIRE);
}

/* The number of the latest sample, 0 while there is none. */
static inline uint64_t powerring_latest_number(const struct powerring *r)
{
	return powerring_head_word(r, offsetof(struct powerring_head, latest));
}

/* Nanoseconds between two samples, about. */
static inline uint64_t powerring_period_ns(const struct powerring *r)
{
	return powerring_head_word(r, offsetof(struct powerring_head, period_ns));
}

/*
 * The sample of this number; and the first @room processors, of which there are r->cpu_count: @cpus
 * may be NULL if @room is 0. -EAGAIN: it is not there yet; -ESTALE: it is overwritten.
 */
static inline int powerring_read(const struct powerring *r, uint64_t number,
				 struct powerring_sample *ret_sample, struct powerring_cpu *cpus,
				 size_t room)
{
	uint64_t words[POWERRING_SAMPLE_WORDS], word, sequence;
	const uint64_t *slot;
	size_t i;

	if (number == 0)
		return -ESTALE;
	slot = powerring_word(r, r->slots_offset +
					 (number - 1) % r->slot_count * (uint64_t)r->slot_bytes);
	sequence = __atomic_load_n(slot, __ATOMIC_ACQUIRE);
	if (sequence != 2 * number)
		return sequence > 2 * number ? -ESTALE : -EAGAIN;
	words[0] = number;
	for (i = 1; i < POWERRING_SAMPLE_WORDS; i++)
		words[i] = __atomic_load_n(slot + i, __ATOMIC_RELAXED);
	if (room > r->cpu_count)
		room = r->cpu_count;
	for (i = 0; i < room; i++) {
		word = __atomic_load_n(slot + r->cpus_offset / sizeof(*slot) + i, __ATOMIC_RELAXED);
		memcpy(&cpus[i], &word, sizeof(word));
	}
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	if (__atomic_load_n(slot, __ATOMIC_RELAXED) != sequence)
		return -ESTALE;
	memcpy(ret_sample, words, sizeof(words));
	return 0;
}

/* The latest sample. -ENODATA: there is none yet. */
static inline int powerring_latest(const struct powerring *r, struct powerring_sample *ret_sample,
				   struct powerring_cpu *cpus, size_t room)
{
	int tries, e = -EAGAIN;

	for (tries = 0; e != 0 && tries < POWERRING_TRIES; tries++) {
		uint64_t number = powerring_latest_number(r);

		if (number == 0)
			return -ENODATA;
		e = powerring_read(r, number, ret_sample, cpus, room);
	}
	return e;
}

/*
 * Samples behind the number @after, oldest first, at most @max: how many. *@ret_missed, which may
 * be NULL: how many have been overwritten before they could be read.
 */
static inline size_t powerring_since(const struct powerring *r, uint64_t after,
				     struct powerring_sample *samples, size_t max,
				     uint64_t *ret_missed)
{
	uint64_t latest = powerring_latest_number(r), number = after + 1, missed = 0;
	size_t count = 0;

	if (latest > r->slot_count && number <= latest - r->slot_count)
		number = latest - r->slot_count + 1;
	missed = number - after - 1;
	for (; number <= latest && count < max; number++) {
		if (powerring_read(r, number, &samples[count], NULL, 0) == 0)
			count++;
		else
			missed++;
	}
	if (ret_missed)
		*ret_missed = missed;
	return count;
}

/* Whether no more samples come: the daemon has gone, or who may read it was changed. Open again. */
static inline int powerring_has_ended(const struct powerring *r)
{
	char byte;

	return powerring_head_word(r, offsetof(struct powerring_head, ended)) != 0 ||
	       recv(r->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

/* ---- opening ---- */

static inline int powerring_connect(const char *path, int *ret_fd)
{
	struct timeval patience;
	struct sockaddr_un sa;
	int fd, e;

	memset(&sa, 0, sizeof(sa));
	memset(&patience, 0, sizeof(patience));
	sa.sun_family = AF_UNIX;
	patience.tv_sec = POWERRING_OPEN_SECONDS;
	if (strlen(path) >= sizeof(sa.sun_path))
		return -ENAMETOOLONG;
	memcpy(sa.sun_path, path, strlen(path));
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)) < 0 ||
	    connect(fd, (const struct sockaddr *)&sa, sizeof(sa)) < 0) {
		e = -errno;
		close(fd);
		return e;
	}
	*ret_fd = fd;
	return 0;
}

static inline int powerring_passed(struct msghdr *message)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(message);
	int fd = -1;

	if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS &&
	    c->cmsg_len == CMSG_LEN(sizeof(fd)))
		memcpy(&fd, CMSG_DATA(c), sizeof(fd));
	return fd;
}

static inline int powerring_receive(int fd, struct powerring_hello *ret_hello, int *ret_memory)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control;
	struct powerring_hello hello;
	struct msghdr message;
	struct iovec data;
	ssize_t n;
	int memory;

	memset(&hello, 0, sizeof(hello));
	memset(&control, 0, sizeof(control));
	memset(&message, 0, sizeof(message));
	data.iov_base = &hello;
	data.iov_len = sizeof(hello);
	message.msg_iov = &data;
	message.msg_iovlen = 1;
	message.msg_control = &control;
	message.msg_controllen = sizeof(control);
	n = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
	if (n < 0)
		return errno == EAGAIN ? -ETIMEDOUT : -errno;
	memory = powerring_passed(&message);
	if (n == (ssize_t)sizeof(hello) && hello.magic == POWERRING_MAGIC && hello.error == 0 &&
	    memory >= 0) {
		*ret_hello = hello;
		*ret_memory = memory;
		return 0;
	}
	if (memory >= 0)
		close(memory);
	if (n == 0)
		return -ECONNRESET;
	if (n != (ssize_t)sizeof(hello) || hello.magic != POWERRING_MAGIC || hello.error <= 0)
		return -EPROTO;
	return -hello.error;
}

/* Whether all that the head names lies in the memory. */
static inline int powerring_check(const struct powerring_head *h, uint64_t bytes)
{
	if (h->magic != POWERRING_MAGIC)
		return -EPROTO;
	if (h->version != POWERRING_VERSION)
		return -EPROTONOSUPPORT;
	if (h->bytes != bytes || h->slot_count == 0 || h->slots_offset % 8 || h->slot_bytes % 8 ||
	    h->cpus_offset % 8 || h->slots_offset < sizeof(*h) ||
	    h->cpus_offset < sizeof(struct powerring_sample) || h->cpu_count > POWERRING_CPUS_MAX ||
	    h->cpus_offset + (uint64_t)h->cpu_count * sizeof(struct powerring_cpu) >
		    h->slot_bytes ||
	    h->slots_offset + (uint64_t)h->slot_count * h->slot_bytes > bytes)
		return -EPROTO;
	return 0;
}

/* Takes neither descriptor. */
static inline int powerring_map(int fd, int memory, uint64_t bytes, struct powerring *ret_ring)
{
	const struct powerring_head *h;
	struct stat st;
	void *map;
	int e;

	if (fstat(memory, &st) < 0)
		return -errno;
	if (bytes < sizeof(*h) || (uint64_t)st.st_size != bytes)
		return -EPROTO;
	map = mmap(NULL, bytes, PROT_READ, MAP_SHARED, memory, 0);
	if (map == MAP_FAILED)
		return -errno;
	h = (const struct powerring_head *)map;
	e = powerring_check(h, bytes);
	if (e < 0) {
		munmap(map, bytes);
		return e;
	}
	ret_ring->fd = fd;
	ret_ring->map = (const unsigned char *)map;
	ret_ring->bytes = bytes;
	ret_ring->slots_offset = h->slots_offset;
	ret_ring->slot_bytes = h->slot_bytes;
	ret_ring->slot_count = h->slot_count;
	ret_ring->cpus_offset = h->cpus_offset;
	ret_ring->cpu_count = h->cpu_count;
	ret_ring->coarse = h->coarse;
	return 0;
}

/*
 * @path: NULL for POWERRING_PATH. -EACCES: this user may not read power; -EUSERS: too many are
 * connected; -EPROTONOSUPPORT: the daemon has another layout; or why it cannot be reached.
 */
static inline int powerring_open(const char *path, struct powerring *ret_ring)
{
	struct powerring_hello hello = {0, 0, 0, 0};
	int fd = -1, memory = -1, e;

	e = powerring_connect(path ? path : POWERRING_PATH, &fd);
	if (e < 0)
		return e;
	e = powerring_receive(fd, &hello, &memory);
	if (e == 0) {
		e = powerring_map(fd, memory, hello.bytes, ret_ring);
		close(memory);
	}
	if (e < 0)
		close(fd);
	return e;
}

static inline void powerring_close(struct powerring *r)
{
	munmap((void *)(uintptr_t)r->map, r->bytes);
	close(r->fd);
}

#ifdef __cplusplus
}
static_assert(sizeof(struct powerring_sample) == 96, "layout of power-ring.md");
static_assert(sizeof(struct powerring_cpu) == 8, "layout of power-ring.md");
static_assert(sizeof(struct powerring_head) == 72, "layout of power-ring.md");
#else
_Static_assert(sizeof(struct powerring_sample) == 96, "layout of power-ring.md");
_Static_assert(sizeof(struct powerring_cpu) == 8, "layout of power-ring.md");
_Static_assert(sizeof(struct powerring_head) == 72, "layout of power-ring.md");
#endif

#endif
