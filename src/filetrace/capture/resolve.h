/*
 * From patterns to watches: walks what is under watch, and gives the source and the tree what is
 * there.
 *
 * A directory is given to the source before its entries are looked at, so that what is made
 * meanwhile is either found or told as an event, or both; never neither. What an earlier run has
 * given and this one does not find, or what no pattern reaches any more, is taken away: from the
 * source and from the tree.
 *
 *	all below (REACH_ALL)		watch_dir with FT_DIR_ALL | FT_DIR_DEEP
 *	entries by a glob		watch_dir with FT_DIR_ALL
 *	names only			watch_dir without flags, and watch_name for each
 *
 * Directories that are missing on the way to a pattern: their name is under watch in the directory
 * where they will be, with both flags, so that nothing below is missed until a run looks again.
 *
 * A directory has one path. When patterns reach it by several (a link to it is named by one, the
 * directory by another), the path by which more of it is under watch is taken, of equal ones the
 * first; what only the other one names is not watched. counts.aliases tells that it happened.
 */
#ifndef FILETRACE_CAPTURE_RESOLVE_H
#define FILETRACE_CAPTURE_RESOLVE_H

#include "filetrace/source.h"
#include "filetrace/tree.h"
#include "filetrace/watchset.h"

struct resolve;

struct resolve_config {
	int root_fd; /* base/fs.h; this and all below is borrowed */
	const struct source_ops *ops;
	struct source *source;
	struct tree *tree;
	/* Each file, link or other entry under watch, when it is in the source and the tree. @fd is
	 * O_PATH. A non-zero result ends the run, which returns it. */
	int (*file)(void *data, const char *path, const struct ft_key *key, int fd);
	void *data;
};

/* Of the last run, but for the first two. */
struct resolve_counts {
	uint64_t files, directories; /* under watch now, as the tree and the source have them */
	uint64_t refused; /* could not be opened: see scan.h */
	uint64_t failed; /* the source did not take */
	uint64_t aliases; /* directories that had a path already */
	int error; /* the first of what the source said then, or 0 */
	bool cut; /* there is more than the bounds of scan.h allow */
};

/* -ENOMEM. */
int resolve_new(const struct resolve_config *config, struct resolve **ret_resolve);
/* Leaves the source and the tree as they are. */
void resolve_free(struct resolve *r);
void resolve_free_p(struct resolve **r);

/*
 * Looks at what of @set is at @below and under it (NULL: at everything, as after a change of the
 * set). What one directory or file refuses is counted, and the run goes on; -ENOMEM, -EMFILE and
 * what config.file returns end it, and then, or when there is more than the bounds allow, nothing
 * is taken away. Running again is always fine.
 */
int resolve_run(struct resolve *r, const struct watchset *set, const char *below);
void resolve_counts(const struct resolve *r, struct resolve_counts *ret_counts);

#endif
