/*
 * Events of fanotify; see fanevent.h.
 *
 * An event is a fixed head and records of information behind it, each with its own head: a handle,
 * a handle and a name, or a descriptor of the process.
 */
#include "filetrace/fanevent.h"

#include <errno.h>
#include <string.h>
#include <sys/fanotify.h>

#include "base/def.h"

/* A record of information, its own head excluded. */
struct info {
	const uint8_t *at;
	size_t len;
};

/* A file system's id, the handle's length and type, the handle; what is behind it is left over. */
static int take_handle(struct info *i, struct fan_handle *ret_handle)
{
	struct fan_handle h = {};
	size_t fixed = sizeof(h.fsid) + sizeof(h.len) + sizeof(h.type);

	if (i->len < fixed)
		return -EBADMSG;
	memcpy(h.fsid, i->at, sizeof(h.fsid));
	memcpy(&h.len, i->at + sizeof(h.fsid), sizeof(h.len));
	memcpy(&h.type, i->at + sizeof(h.fsid) + sizeof(h.len), sizeof(h.type));
	i->at += fixed;
	i->len -= fixed;
	if (h.len > sizeof(h.bytes) || h.len > i->len)
		return -EBADMSG;
	memcpy(h.bytes, i->at, h.len);
	i->at += h.len;
	i->len -= h.len;
	*ret_handle = h;
	return 0;
}

static int take_object(struct info *i, struct fan_event *e)
{
	int r = take_handle(i, &e->object);

	e->has_object = r == 0;
	return r;
}

static int take_place(struct info *i, struct fan_place *p)
{
	int r = take_handle(i, &p->dir);
	size_t len;

	if (r < 0)
		return r;
	len = strnlen((const char *)i->at, i->len);
	if (len == 0 || len == i->len || len >= sizeof(p->name))
		return -EBADMSG;
	memset(p->name, 0, sizeof(p->name));
	memcpy(p->name, i->at, len);
	p->known = true;
	return 0;
}

static int take_from(struct info *i, struct fan_event *e)
{
	return take_place(i, &e->place);
}

static int take_to(struct info *i, struct fan_event *e)
{
	return take_place(i, &e->to);
}

static int take_pidfd(struct info *i, struct fan_event *e)
{
	int32_t fd;

	if (i->len < sizeof(fd) || e->pidfd >= 0)
		return -EBADMSG;
	memcpy(&fd, i->at, sizeof(fd));
	e->pidfd = fd < 0 ? -1 : fd;
	return 0;
}

static const struct {
	uint8_t type;
	int (*take)(struct info *i, struct fan_event *e);
} takers[] = {
	{FAN_EVENT_INFO_TYPE_FID, take_object},
	{FAN_EVENT_INFO_TYPE_DFID_NAME, take_from},
	{FAN_EVENT_INFO_TYPE_PIDFD, take_pidfd},
	{FAN_EVENT_INFO_TYPE_OLD_DFID_NAME, take_from},
	{FAN_EVENT_INFO_TYPE_NEW_DFID_NAME, take_to},
};

/* Kinds that are not known are of later kernels, and passed. */
static int take_info(uint8_t type, struct info i, struct fan_event *e)
{
	for (size_t t = 0; t < ARRAY_SIZE(takers); t++)
		if (takers[t].type == type)
			return takers[t].take(&i, e);
	return 0;
}

static int take_infos(const uint8_t *at, size_t len, struct fan_event *e)
{
	struct fanotify_event_info_header head;
	int r = 0;

	for (; r == 0 && len; at += head.len, len -= head.len) {
		if (len < sizeof(head))
			return -EBADMSG;
		memcpy(&head, at, sizeof(head));
		if (head.len < sizeof(head) || head.len > len)
			return -EBADMSG;
		r = take_info(head.info_type,
			      (struct info){at + sizeof(head), head.len - sizeof(head)}, e);
	}
	return r;
}

int fan_event_decode(const void *buf, size_t len, struct fan_event *ret_event, size_t *ret_size)
{
	struct fanotify_event_metadata head;
	int r;

	*ret_event = (struct fan_event){.pidfd = -1};
	if (len < sizeof(head))
		return -EBADMSG;
	memcpy(&head, buf, sizeof(head));
	if (head.vers != FANOTIFY_METADATA_VERSION || head.metadata_len < sizeof(head) ||
	    head.event_len < head.metadata_len || head.event_len > len)
		return -EBADMSG;
	ret_event->mask = head.mask;
	ret_event->pid = head.pid;
	r = take_infos((const uint8_t *)buf + head.metadata_len, head.event_len - head.metadata_len,
		       ret_event);
	if (r == 0)
		*ret_size = head.event_len;
	return r;
}
