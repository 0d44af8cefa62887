/*
 * What the sources that use fanotify have in common: the functions of their tables (source.h), but
 * for opening and closing.
 */
#ifndef FILETRACE_FANSOURCE_H
#define FILETRACE_FANSOURCE_H

#include "filetrace/fan.h"

struct source {
	struct fan fan;
	void *images; /* of the source that has better ones than /proc */
};

int fan_source_fd(const struct source *s);
int fan_source_read(struct source *s, unsigned max, source_fn fn, void *data);
void fan_source_commit(struct source *s);
uint64_t fan_source_position(const struct source *s);
int fan_source_skip(struct source *s, uint64_t position);
int fan_source_watch_dir(struct source *s, int fd, uint32_t flags, struct ft_key *ret_key);
int fan_source_watch_name(struct source *s, const struct ft_key *dir, const char *name,
			  uint32_t flags);
int fan_source_watch_inode(struct source *s, int fd, struct ft_key *ret_key);
int fan_source_unwatch_dir(struct source *s, const struct ft_key *key);
int fan_source_unwatch_name(struct source *s, const struct ft_key *dir, const char *name);
int fan_source_unwatch_inode(struct source *s, const struct ft_key *key);
int fan_source_inode(struct source *s, const struct ft_key *key, struct ft_inode *ret_inode);
void fan_source_counts(const struct source *s, struct source_counts *ret_counts);

#endif
