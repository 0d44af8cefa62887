/*
 * Directories and names under watch, as events name them: a key and a name, and what path that is.
 *
 * Directories hold their own name and their parent, so that a directory that is moved moves what is
 * below it. An inode can have several names. All in memory; nothing here touches a file system.
 * Paths are absolute and shorter than 4096 bytes: -ENAMETOOLONG.
 */
#ifndef FILETRACE_TREE_H
#define FILETRACE_TREE_H

#include <stdbool.h>
#include <stddef.h>

#include "filetrace/bpf/abi.h"

struct tree;

int tree_new(struct tree **ret_tree);
void tree_free(struct tree *t);
void tree_free_p(struct tree **t);

/* The directory @key is at @path; whatever was there, or was @key before, is not any more. Its
 * parent need not be known. -ENOMEM. */
int tree_add_dir(struct tree *t, const struct ft_key *key, const char *path);
/* With all directories below it, and all their names. */
void tree_remove_dir(struct tree *t, const struct ft_key *key);
/* The directory is at @path now, and what is below it moves along; what was there is not any more.
 * -ENOENT when it is not known, -EINVAL for a path below itself, -ENOMEM. */
int tree_move_dir(struct tree *t, const struct ft_key *key, const char *path);
bool tree_has_dir(const struct tree *t, const struct ft_key *key);
/* The path of an entry of a directory; @name NULL: of the directory itself. -ENOENT when it is not
 * known, -ENAMETOOLONG over 4096 bytes. The caller's. */
int tree_path(const struct tree *t, const struct ft_key *dir, const char *name, char **ret_path);

/* The inode @key is what @path leads to; another one there before is not any more. */
int tree_add_name(struct tree *t, const struct ft_key *key, const char *path);
void tree_remove_name(struct tree *t, const char *path);
/* The inode at @path. -ENOENT. */
int tree_inode(const struct tree *t, const char *path, struct ft_key *ret_key);
/* The @i-th path of an inode, borrowed until the next call or change; NULL behind the last. The
 * order stays as it is while nothing changes. */
const char *tree_name(struct tree *t, const struct ft_key *key, size_t i);

/* Each directory, in no order; @fn may not change the tree. A non-zero result ends it. */
int tree_each_dir(const struct tree *t,
		  int (*fn)(void *data, const struct ft_key *key, const char *path), void *data);
/* Each path of an inode at or below @path; otherwise the same. */
int tree_each_name(const struct tree *t, const char *path,
		   int (*fn)(void *data, const struct ft_key *key, const char *path), void *data);
size_t tree_name_count(const struct tree *t);

#endif
