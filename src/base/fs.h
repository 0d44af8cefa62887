/*
 * Files below a directory descriptor, so that no name leads out of it.
 *
 * "root" in these functions is a descriptor opened by fs_open_root(): the machine's own root or,
 * with --root=DIR, a folder that plays one. Paths are absolute in it; symbolic links, absolute
 * ones too, are followed within it (openat2, RESOLVE_IN_ROOT) and links of /proc such as exe are
 * not. All functions return 0 or a negative errno.
 */
#ifndef BASE_FS_H
#define BASE_FS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* @root NULL or "": the machine's own. */
int fs_open_root(const char *root, int *ret_fd);

/* As open(2) with O_CLOEXEC added, below @root_fd. -EINVAL when @path is not absolute. */
int fs_open(int root_fd, const char *path, int flags, mode_t mode, int *ret_fd);

/*
 * For names from outside: relative, below @dirfd, without symbolic links, "..", mount points of
 * others allowed. -EXDEV, -ELOOP or -EINVAL for a name that does not stay.
 */
int fs_open_beneath(int dirfd, const char *name, int flags, mode_t mode, int *ret_fd);

/*
 * As io_read_file() and io_replace_file(), below @root_fd. A pipe without a writer reads as empty;
 * a link that is replaced is replaced itself, not what it leads to.
 */
int fs_read(int root_fd, const char *path, size_t max, char **ret_text, size_t *ret_len);
int fs_replace(int root_fd, const char *path, const void *buf, size_t len, mode_t mode);

/* The first line of a small file of /proc or /sys, without its newline. -EFBIG over 4096 bytes. */
int fs_read_line(int root_fd, const char *path, char **ret_line);
/* A file that holds one decimal number. */
int fs_read_u64(int root_fd, const char *path, uint64_t *ret_value);

/* Whether there is such a path (a dangling link is none): 1, 0 or a negative errno. */
int fs_exists(int root_fd, const char *path);

/*
 * Makes the directory, and those above it that are missing with mode 0755, whatever the umask is.
 * It may exist already, and keeps its mode then.
 */
int fs_mkdir(int root_fd, const char *path, mode_t mode);

/* Names in a directory but "." and "..", sorted by bytes: NULL-terminated, str_vector_free(). */
int fs_list(int root_fd, const char *path, char ***ret_names);

#endif
