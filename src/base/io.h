/*
 * Reading and writing whole things: no short read or write reaches a caller.
 *
 * All functions return 0 or a negative errno and restart after EINTR.
 */
#ifndef BASE_IO_H
#define BASE_IO_H

#include <stddef.h>

/* Writes all of @len bytes to the blocking descriptor @fd. */
int io_write_all(int fd, const void *buf, size_t len);

/* Reads @len bytes, or less where the end comes first; @ret_len is how many. */
int io_read_up_to(int fd, void *buf, size_t len, size_t *ret_len);

/* Reads exactly @len bytes; -ENODATA when the end comes first. */
int io_read_exact(int fd, void *buf, size_t len);

/*
 * Reads the file @path, relative to the directory @dirfd (or AT_FDCWD), into a new buffer.
 *
 * The buffer is @ret_len bytes long with a NUL byte added behind them, and belongs to the caller.
 * -EFBIG when the file holds more than @max bytes. @ret_len may be NULL.
 */
int io_read_file(int dirfd, const char *path, size_t max, char **ret_buf, size_t *ret_len);
/* The same of a descriptor, from where it stands to the end. */
int io_read_fd(int fd, size_t max, char **ret_buf, size_t *ret_len);

/*
 * Replaces the file @path, relative to @dirfd, with @len bytes of mode @mode: written beside it,
 * synced, renamed. A reader sees the old content or the new, never less; so does a machine that
 * loses its power. That is so for one writer at a time: the file beside has one name, @path.new, so
 * that one who was killed leaves no more than that, and of two at once one may put the other's in
 * place before it is whole.
 */
int io_replace_file(int dirfd, const char *path, const void *buf, size_t len, unsigned mode);

/*
 * Opens /dev/null as each standard stream that is missing. Else the next file of the program would
 * take its place, and what is said to the stream be written into that file.
 */
int io_open_streams(void);

#endif
