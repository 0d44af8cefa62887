/*
 * The source "fanotify": files by fanotify, processes by /proc.
 *
 * Nothing is pinned: what happens between the end of one daemon and the start of the next is found
 * by looking at everything again.
 */
#include "filetrace/source_fanotify.h"

#include <errno.h>
#include <stdlib.h>

#include "filetrace/fan.h"

struct source {
	struct fan fan;
};

static const char *const cannot_see[] = {
	"Who made a change is read from /proc afterwards: of a process that has ended by then nothing "
	"is known but its number, and one that runs another program by then is named with that one.",
	"The parents of a process whose own parent has ended are not known.",
	"Stores through a mapping are seen when it is unmapped or its process ends, not before.",
	"A file that is written through a name outside of what is under watch is seen only if it had "
	"several names when the watch began.",
	"What is made in a new directory in its first moments is recorded without who made it.",
	"Several changes by one process that follow each other quickly are one.",
	"The number that proves that nobody wrote meanwhile grows with each event that is seen, not "
	"before each modification: a change within the moment of reading is noticed afterwards.",
	"Whether times, attributes or an ACL were changed is not told apart; changes of mounts are "
	"not seen.",
	"Nothing is seen while the daemon does not run; it is found by comparing, without who did it.",
	NULL,
};

static void source_close(struct source *s, bool keep)
{
	if (!s)
		return;
	fan_deinit(&s->fan);
	free(s);
}

static int source_open(const struct source_config *config, struct source **ret_source,
		       bool *ret_adopted, const char **ret_reason)
{
	struct source *s = calloc(1, sizeof(*s));
	int r;

	if (!s)
		return -ENOMEM;
	r = fan_init(&s->fan, config->root_fd, ret_reason);
	if (r < 0) {
		source_close(s, false);
		return r;
	}
	*ret_source = s;
	*ret_adopted = false;
	return 0;
}

static int source_fd(const struct source *s)
{
	return s->fan.epoll_fd;
}

static int source_read(struct source *s, unsigned max, source_fn fn, void *data)
{
	return fan_read(&s->fan, max, fn, data);
}

static void source_commit(struct source *s)
{
}

static uint64_t source_position(const struct source *s)
{
	return 0;
}

static int source_skip(struct source *s, uint64_t position)
{
	return 0;
}

static int watch_dir(struct source *s, int fd, uint32_t flags, struct ft_key *ret_key)
{
	return fan_watch_dir(&s->fan, fd, flags, ret_key);
}

static int watch_name(struct source *s, const struct ft_key *dir, const char *name, uint32_t flags)
{
	return fan_watch_name(&s->fan, dir, name, flags);
}

static int watch_inode(struct source *s, int fd, struct ft_key *ret_key)
{
	return fan_watch_inode(&s->fan, fd, ret_key);
}

static int unwatch_dir(struct source *s, const struct ft_key *key)
{
	return fan_unwatch_dir(&s->fan, key);
}

static int unwatch_name(struct source *s, const struct ft_key *dir, const char *name)
{
	return fan_unwatch_name(&s->fan, dir, name);
}

static int unwatch_inode(struct source *s, const struct ft_key *key)
{
	return fan_unwatch_inode(&s->fan, key);
}

static int source_inode(struct source *s, const struct ft_key *key, struct ft_inode *ret_inode)
{
	return fan_inode(&s->fan, key, ret_inode);
}

static void source_counts(const struct source *s, struct source_counts *ret_counts)
{
	ret_counts->lost = s->fan.lost + s->fan.queue.lost;
}

const struct source_ops source_fanotify = {
	.name = "fanotify",
	.cannot_see = cannot_see,
	.open = source_open,
	.close = source_close,
	.fd = source_fd,
	.read = source_read,
	.commit = source_commit,
	.position = source_position,
	.skip = source_skip,
	.watch_dir = watch_dir,
	.watch_name = watch_name,
	.watch_inode = watch_inode,
	.unwatch_dir = unwatch_dir,
	.unwatch_name = unwatch_name,
	.unwatch_inode = unwatch_inode,
	.inode = source_inode,
	.counts = source_counts,
};
