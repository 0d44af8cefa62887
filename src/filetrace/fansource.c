/*
 * What the sources that use fanotify have in common; see fansource.h.
 */
#include "filetrace/fansource.h"

int fan_source_fd(const struct source *s)
{
	return s->fan.epoll_fd;
}

int fan_source_read(struct source *s, unsigned max, source_fn fn, void *data)
{
	return fan_read(&s->fan, max, fn, data);
}

void fan_source_commit(struct source *s)
{
}

uint64_t fan_source_position(const struct source *s)
{
	return 0;
}

int fan_source_skip(struct source *s, uint64_t position)
{
	return 0;
}

int fan_source_watch_dir(struct source *s, int fd, uint32_t flags, struct ft_key *ret_key)
{
	return fan_watch_dir(&s->fan, fd, flags, ret_key);
}

int fan_source_watch_name(struct source *s, const struct ft_key *dir, const char *name,
			  uint32_t flags)
{
	return fan_watch_name(&s->fan, dir, name, flags);
}

int fan_source_watch_inode(struct source *s, int fd, struct ft_key *ret_key)
{
	return fan_watch_inode(&s->fan, fd, ret_key);
}

int fan_source_unwatch_dir(struct source *s, const struct ft_key *key)
{
	return fan_unwatch_dir(&s->fan, key);
}

int fan_source_unwatch_name(struct source *s, const struct ft_key *dir, const char *name)
{
	return fan_unwatch_name(&s->fan, dir, name);
}

int fan_source_unwatch_inode(struct source *s, const struct ft_key *key)
{
	return fan_unwatch_inode(&s->fan, key);
}

int fan_source_inode(struct source *s, const struct ft_key *key, struct ft_inode *ret_inode)
{
	return fan_inode(&s->fan, key, ret_inode);
}

void fan_source_counts(const struct source *s, struct source_counts *ret_counts)
{
	ret_counts->lost = s->fan.lost + s->fan.queue.lost;
}
