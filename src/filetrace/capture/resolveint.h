/*
 * What the parts of resolve.c share: the run itself, what the source has been given (watched.c),
 * and what is taken away after a run (sweep.c).
 */
#ifndef FILETRACE_CAPTURE_RESOLVEINT_H
#define FILETRACE_CAPTURE_RESOLVEINT_H

#include <sys/stat.h>

#include "core/list.h"
#include "filetrace/capture/resolve.h"
#include "filetrace/hashmap.h"

/* A name given to the source in a directory of which not all is under watch. */
struct watched_name {
	struct list_link link;
	uint64_t run; /* the last in which it was told */
	char name[];
};

/* A directory given to the source. It is found by what stat tells, since its key is known only when
 * the source has it. */
struct watched_dir {
	struct hashmap_link by_stat;
	struct list_link link;
	dev_t dev;
	ino_t ino;
	struct ft_key key;
	uint64_t run; /* the last in which it was found */
	struct list names;
};

struct found {
	uint64_t *hashes;
	size_t count, room;
};

struct resolve {
	struct resolve_config config;
	const struct watchset *set; /* of the run that goes on */
	struct hashmap by_stat;
	struct list dirs;
	uint64_t run;
	struct found found;
	char **aliases; /* paths of directories that have another one; in this run */
	size_t alias_count, dir_count;
	struct resolve_counts counts;
};

/* The directory that @st is of; NULL when the source has not been given it. */
struct watched_dir *watched_find(const struct resolve *r, const struct stat *st);
/* The same, made when it is not there; its key is the caller's to set. */
int watched_make(struct resolve *r, const struct stat *st, struct watched_dir **ret_dir);
int watched_make_name(struct watched_dir *d, const char *name, struct watched_name **ret_name);
void watched_free_name(struct watched_name *n);
/* With its names. */
void watched_free(struct resolve *r, struct watched_dir *d);

int found_add(struct found *f, const struct ft_key *key, const char *path);

/* Takes away what is at @below and under it, and was not found by this run. */
int resolve_sweep(struct resolve *r, const char *below);

#endif
