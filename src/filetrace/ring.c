/*
 * The ring of events, as its reader; see ring.h.
 */
#include "filetrace/ring.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/bpfring.h"
#include "base/def.h"

struct ring {
	struct bpfring raw;
	uint64_t at; /* behind what was handed out */
	uint64_t malformed;
	int map_fd, epoll_fd;
	union ft_any_event event; /* the one that is being handed out */
};

/* How large an event may be, and whether a text is at its end. */
static const struct shape {
	uint32_t min, max;
	bool text;
} shapes[FT_TYPE_END] = {
	[FT_IMAGE] = {offsetof(struct ft_image_event, image.exe) + 1, sizeof(struct ft_image_event),
		      true},
	[FT_ARGS] = {offsetof(struct ft_args_event, bytes), sizeof(struct ft_args_event), false},
	[FT_BEGIN] = {offsetof(struct ft_begin_event, place.name) + 1,
		      sizeof(struct ft_begin_event), true},
	[FT_END] = {sizeof(struct ft_end_event), sizeof(struct ft_end_event), false},
	[FT_META] = {offsetof(struct ft_meta_event, place.name) + 1, sizeof(struct ft_meta_event),
		     true},
	[FT_NAME] = {offsetof(struct ft_name_event, place.name) + 1, sizeof(struct ft_name_event),
		     true},
	[FT_EXIT] = {sizeof(struct ft_exit_event), sizeof(struct ft_exit_event), false},
	[FT_MOUNT] = {sizeof(struct ft_mount_event), sizeof(struct ft_mount_event), false},
};

static int new_ring(const struct bpfring *raw, struct ring **ret_ring)
{
	struct ring *r = calloc(1, sizeof(*r));

	if (!r)
		return -ENOMEM;
	r->raw = *raw;
	r->at = __atomic_load_n(raw->reader, __ATOMIC_ACQUIRE);
	r->map_fd = r->epoll_fd = -1;
	*ret_ring = r;
	return 0;
}

int ring_open_memory(uint64_t *reader, const uint64_t *writer, const void *data, size_t bytes,
		     struct ring **ret_ring)
{
	const struct bpfring raw = {
		.reader = reader,
		.writer = writer,
		.data = data,
		.bytes = bytes,
	};

	return new_ring(&raw, ret_ring);
}

void ring_close(struct ring *r)
{
	if (!r)
		return;
	bpfring_unmap(&r->raw);
	cleanup_close_p(&r->epoll_fd);
	cleanup_close_p(&r->map_fd);
	free(r);
}

void ring_close_p(struct ring **r)
{
	ring_close(*r);
}

/* A second descriptor of the map, and one that tells of news only: the map's own would be readable
 * until what was handed out is stored. */
static int watch_map(struct ring *r, int map_fd)
{
	struct epoll_event event = {.events = EPOLLIN | EPOLLET};

	r->map_fd = fcntl(map_fd, F_DUPFD_CLOEXEC, 3);
	r->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (r->map_fd < 0 || r->epoll_fd < 0 ||
	    epoll_ctl(r->epoll_fd, EPOLL_CTL_ADD, r->map_fd, &event) < 0)
		return -errno;
	return 0;
}

int ring_open(int map_fd, struct ring **ret_ring)
{
	_cleanup_(ring_close_p) struct ring *r = NULL;
	struct bpf_map_info info = {0};
	__u32 info_len = sizeof(info);
	struct bpfring raw;
	int k;

	if (bpf_obj_get_info_by_fd(map_fd, &info, &info_len) < 0)
		return -errno;
	k = bpfring_map(map_fd, info.max_entries, &raw);
	if (k < 0)
		return k;
	k = new_ring(&raw, &r);
	if (k < 0) {
		bpfring_unmap(&raw);
		return k;
	}
	k = watch_map(r, map_fd);
	if (k == 0)
		*ret_ring = take_ptr(r);
	return k;
}

int ring_fd(const struct ring *r)
{
	return r->epoll_fd;
}

/* Whether the event, of which @len bytes are there, is one. */
static bool event_good(const union ft_any_event *e, uint32_t len)
{
	const struct shape *shape = &shapes[e->event.type];
	uint32_t size = e->event.size;

	if (size > len || size < shape->min || size > shape->max)
		return false;
	if (shape->text && ((const char *)e)[size - 1])
		return false;
	if (e->event.type == FT_ARGS)
		return e->args.len == size - offsetof(struct ft_args_event, bytes) &&
		       e->args.offset % FT_ARGS_CHUNK == 0 && e->args.offset < FT_ARGS_BYTES;
	return true;
}

/* Copies the event at @at, with zeroes behind its end. */
static bool event_copy(struct ring *r, uint64_t at, uint32_t len)
{
	union ft_any_event *e = &r->event;
	const struct shape *shape;

	if (len < sizeof(e->event))
		return false;
	bpfring_copy(&r->raw, at, e, len < sizeof(*e) ? len : sizeof(*e));
	if (e->event.type >= FT_TYPE_END || !shapes[e->event.type].max)
		return false;
	shape = &shapes[e->event.type];
	if (!event_good(e, len))
		return false;
	memset((char *)e + e->event.size, 0, shape->max - e->event.size);
	return true;
}

/* Whether there was news is known now; there will be again with the next event. */
static void forget_news(const struct ring *r)
{
	struct epoll_event event;

	if (r->epoll_fd >= 0)
		epoll_wait(r->epoll_fd, &event, 1, 0);
}

/* There is more, which is no news to the kernel. */
static void keep_news(const struct ring *r)
{
	struct epoll_event event = {.events = EPOLLIN | EPOLLET};

	if (r->epoll_fd >= 0)
		epoll_ctl(r->epoll_fd, EPOLL_CTL_MOD, r->map_fd, &event);
}

int ring_read(struct ring *r, unsigned max, source_fn fn, void *data)
{
	unsigned count = 0;
	bool stop = false;
	int k = 1;

	forget_news(r);
	while (count < max && !stop) {
		uint32_t len;
		uint64_t next;
		uint64_t at = r->at;

		k = bpfring_record(&r->raw, at, &len, &next);
		if (k <= 0)
			break;
		r->at = next;
		if (len & BPFRING_DISCARD)
			continue;
		if (!event_copy(r, at + BPFRING_HEAD, len)) {
			r->malformed++;
			continue;
		}
		count++;
		stop = fn(data, &r->event.event) != 0;
	}
	if (k > 0)
		keep_news(r);
	return k < 0 && !count ? k : (int)count;
}

void ring_commit(struct ring *r)
{
	__atomic_store_n(r->raw.reader, r->at, __ATOMIC_RELEASE);
}

uint64_t ring_position(const struct ring *r)
{
	return r->at;
}

int ring_skip(struct ring *r, uint64_t position)
{
	uint64_t at = r->at;

	while (at < position) {
		uint32_t len;
		int k = bpfring_record(&r->raw, at, &len, &at);

		if (k < 0)
			return k;
		if (k == 0)
			return -ERANGE;
	}
	if (at != position)
		return -ERANGE;
	r->at = at;
	return 0;
}

uint64_t ring_malformed(const struct ring *r)
{
	return r->malformed;
}
