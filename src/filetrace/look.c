/*
 * Looking at paths; see look.h.
 *
 * A path is opened with O_PATH first, which has no effect on whatever is there, and everything else
 * is asked of that descriptor: another file that takes the path meanwhile is not looked at. Reading
 * needs a descriptor of another kind, which only /proc/self/fd gives for the same file; names of
 * extended attributes are asked there too, since the system calls refuse O_PATH.
 */
#include "filetrace/look.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include <openssl/evp.h>

#include "base/def.h"
#include "base/fs.h"
#include "base/io.h"
#include "base/str.h"
#include "base/time.h"

enum {
	FD_PATH_MAX = 32,
	DEPTH_MAX = 256, /* of directories above a file */
	XATTR_TRIES = 8, /* of lists and values that grow while they are read */
	/* What chattr(1) can set, and the file system does not change by itself. */
	FLAGS = STATX_ATTR_COMPRESSED | STATX_ATTR_IMMUTABLE | STATX_ATTR_APPEND |
		STATX_ATTR_NODUMP,
};

/* ---- hashes ---- */

int sha256_of(const void *bytes, size_t len, struct sha256 *ret_sha256)
{
	struct sha256 sha256;

	if (!EVP_Digest(bytes, len, sha256.bytes, NULL, EVP_sha256(), NULL))
		return -EIO;
	*ret_sha256 = sha256;
	return 0;
}

int look_hash(struct look *l)
{
	int r;

	if (!l->content)
		return 0;
	r = sha256_of(l->content, l->len, &l->state.sha256);
	l->state.hashed = r == 0;
	return r;
}

/* ---- metadata ---- */

static enum state_kind kind_of(unsigned mode)
{
	switch (mode & S_IFMT) {
	case S_IFREG:
		return STATE_FILE;
	case S_IFDIR:
		return STATE_DIRECTORY;
	case S_IFLNK:
		return STATE_SYMLINK;
	}
	return STATE_OTHER;
}

static int64_t ns_of(const struct statx_timestamp *t)
{
	return t->tv_sec * (int64_t)NS_PER_S + t->tv_nsec;
}

/* What a descriptor of any kind tells; *@ret_flags are those that are kept with attributes. */
static int stat_fd(int fd, struct state *ret_state, uint64_t *ret_flags)
{
	struct statx st;
	struct state s;

	if (statx(fd, "", AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, STATX_BASIC_STATS,
		  &st) < 0)
		return -errno;
	s = (struct state){
		.kind = kind_of(st.stx_mode),
		.private = !(st.stx_mode & S_IROTH),
		.mode = st.stx_mode,
		.uid = st.stx_uid,
		.gid = st.stx_gid,
		.key = {.ino = st.stx_ino, .dev = st.stx_dev_major << 20 | st.stx_dev_minor},
		.mtime_ns = ns_of(&st.stx_mtime),
		.ctime_ns = ns_of(&st.stx_ctime),
	};
	/* That of a directory or device says nothing of what people put there. */
	if (s.kind == STATE_FILE || s.kind == STATE_SYMLINK)
		s.size = st.stx_size;
	*ret_state = s;
	*ret_flags = st.stx_attributes & FLAGS;
	return 0;
}

static void fd_path(int fd, char ret_path[FD_PATH_MAX])
{
	snprintf(ret_path, FD_PATH_MAX, "/proc/self/fd/%d", fd);
}

/* ---- attributes ---- */

/* The value of an attribute (@name), or the list of names (NULL); grows until it fits. */
static ssize_t get_xattr(const char *path, const char *name, char **ret_value)
{
	_cleanup_free_ char *value = NULL;

	for (int tries = 0; tries < XATTR_TRIES; tries++) {
		ssize_t len = name ? getxattr(path, name, NULL, 0) : listxattr(path, NULL, 0);
		char *grown = len < 0 ? NULL : realloc(value, len + 1);

		if (len < 0)
			return -errno;
		if (!grown)
			return -ENOMEM;
		value = grown;
		if (len > 0)
			len = name ? getxattr(path, name, value, len) : listxattr(path, value, len);
		if (len >= 0) {
			*ret_value = take_ptr(value);
			return len;
		}
		if (errno != ERANGE)
			return -errno;
	}
	return -EAGAIN;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The names in a list of NUL-terminated ones, sorted; they point into it. */
static int sort_names(char *list, size_t len, char ***ret_names, size_t *ret_count)
{
	size_t count = 0, i = 0;
	char **names;

	for (size_t at = 0; at < len; at += strlen(list + at) + 1)
		count++;
	names = calloc(count + 1, sizeof(*names));
	if (!names)
		return -ENOMEM;
	for (size_t at = 0; at < len; at += strlen(list + at) + 1)
		names[i++] = list + at;
	qsort(names, count, sizeof(*names), by_name);
	*ret_names = names;
	*ret_count = count;
	return 0;
}

/* A name with its NUL, the value's length and the value: no two lists look alike. */
static int add_attribute(struct strbuf *b, const char *name, const void *value, uint64_t len)
{
	int r = strbuf_add(b, name, strlen(name) + 1);

	if (r == 0)
		r = strbuf_add(b, &len, sizeof(len));
	return r < 0 ? r : strbuf_add(b, value, len);
}

/* All that @path, of a descriptor, has. An attribute that goes away meanwhile is not there. */
static int add_attributes(struct strbuf *b, const char *path)
{
	_cleanup_free_ char *list = NULL;
	_cleanup_free_ char **names = NULL;
	ssize_t list_len = get_xattr(path, NULL, &list);
	size_t count;
	int r;

	/* A file system without attributes. */
	if (list_len == -EOPNOTSUPP || list_len == 0)
		return 0;
	if (list_len < 0)
		return list_len;
	list[list_len] = '\0';
	r = sort_names(list, list_len, &names, &count);
	for (size_t i = 0; r == 0 && i < count; i++) {
		_cleanup_free_ char *value = NULL;
		ssize_t len = get_xattr(path, names[i], &value);

		if (len != -ENODATA)
			r = len < 0 ? len : add_attribute(b, names[i], value, len);
	}
	return r;
}

/* Without an answer the state says that it does not know (attributed). */
static int hash_attributes(int fd, uint64_t flags, struct state *s)
{
	_cleanup_(strbuf_deinit) struct strbuf b = {};
	char path[FD_PATH_MAX];
	int r;

	fd_path(fd, path);
	r = add_attributes(&b, path);
	/* A name that no attribute has. */
	if (r == 0 && flags)
		r = add_attribute(&b, "", &flags, sizeof(flags));
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	r = sha256_of(b.text ? b.text : "", b.len, &s->attributes);
	s->attributed = r == 0;
	return r;
}

/* ---- the path ---- */

static bool is_ours(int r)
{
	return r == -ENOMEM || r == -EMFILE || r == -ENFILE;
}

static bool is_absent(int r)
{
	return r == -ENOENT || r == -ENOTDIR || r == -ELOOP;
}

/* What is not reached, for whatever reason. */
static int refused(int r, struct state *ret_state)
{
	if (is_ours(r))
		return r;
	*ret_state = (struct state){.kind = is_absent(r) ? STATE_ABSENT : STATE_OTHER};
	return 0;
}

/*
 * Opens the regular file of @fd for reading, without leaving a time of access where that is
 * allowed. -1 for one that cannot be read; a failure is one of ours, not the file's.
 */
static int open_content(int fd, int *ret_fd)
{
	static const int flags[] = {O_NOATIME, 0};
	char path[FD_PATH_MAX];
	int opened = -1;

	fd_path(fd, path);
	for (size_t i = 0; i < ARRAY_SIZE(flags) && opened < 0; i++)
		opened = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | flags[i]);
	if (opened < 0 && (is_ours(-errno) || errno == ENOENT))
		return -errno;
	*ret_fd = opened;
	return 0;
}

static uint32_t read_generation(int fd)
{
	/* Declared with a long, written as an int. */
	union {
		unsigned int number;
		long room;
	} generation = {};

	return fd >= 0 && ioctl(fd, FS_IOC_GETVERSION, &generation) == 0 ? generation.number : 0;
}

/* All of the state but what belongs to content. */
static int describe(struct look *l)
{
	uint64_t flags;
	int r = stat_fd(l->fd, &l->state, &flags);

	return r < 0 ? r : hash_attributes(l->fd, flags, &l->state);
}

static int read_link(struct look *l)
{
	_cleanup_free_ char *target = malloc(PATH_MAX + 1);
	ssize_t len = target ? readlinkat(l->fd, "", target, PATH_MAX) : -1;

	if (!target)
		return -ENOMEM;
	if (len < 0)
		return 0;
	target[len] = '\0';
	l->content = take_ptr(target);
	l->len = l->state.size = len;
	return 0;
}

/* The times are those after reading, and the size is that of what was read. */
static int read_file(struct look *l, size_t max_bytes)
{
	_cleanup_close_ int fd = -1;
	int r = open_content(l->fd, &fd);

	if (r < 0 || fd < 0)
		return r;
	close(l->fd);
	l->fd = take_fd(&fd);
	if (l->state.size <= max_bytes)
		r = io_read_fd(l->fd, max_bytes, &l->content, &l->len);
	if (r != -ENOMEM)
		r = describe(l);
	if (r < 0)
		return r;
	l->state.igeneration = read_generation(l->fd);
	if (l->content)
		l->state.size = l->len;
	return 0;
}

static int read_content(struct look *l, size_t max_bytes)
{
	int r = describe(l);

	if (r < 0)
		return r;
	if (l->state.kind == STATE_SYMLINK)
		return read_link(l);
	if (l->state.kind == STATE_FILE)
		return read_file(l, max_bytes);
	return 0;
}

/* Whether a directory above keeps others out, whatever the file itself allows. Asked from the file
 * upwards, so that links on the way do not matter. */
static bool is_enclosed(int root_fd, const char *path)
{
	_cleanup_free_ char *dir = strndup(path, strrchr(path, '/') - path);
	_cleanup_close_ int fd = -1;
	struct stat root, st;

	if (!dir || fstat(root_fd, &root) < 0 ||
	    fs_open(root_fd, *dir ? dir : "/", O_PATH | O_DIRECTORY, 0, &fd) < 0)
		return true;
	for (int depth = 0; depth < DEPTH_MAX && fstat(fd, &st) == 0; depth++) {
		int up;

		if (st.st_dev == root.st_dev && st.st_ino == root.st_ino)
			return false;
		up = st.st_mode & S_IXOTH ? openat(fd, "..", O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
		if (up < 0)
			return true;
		close(fd);
		fd = up;
	}
	return true;
}

int look_at(int root_fd, const char *path, size_t max_bytes, struct look *ret_look)
{
	_cleanup_(look_deinit) struct look l = {.fd = -1};
	int r;

	if (*path != '/')
		return -EINVAL;
	r = fs_open(root_fd, path, O_PATH | O_NOFOLLOW, 0, &l.fd);
	if (r == 0)
		r = read_content(&l, max_bytes);
	if (r == 0 && !l.state.private)
		l.state.private = is_enclosed(root_fd, path);
	if (r < 0) {
		look_deinit(&l);
		r = refused(r, &l.state);
	}
	if (r < 0)
		return r;
	*ret_look = l;
	l = (struct look){.fd = -1};
	return 0;
}

void look_deinit(struct look *l)
{
	free(l->content);
	if (l->fd >= 0)
		close(l->fd);
	*l = (struct look){.fd = -1};
}

int look_state(int root_fd, const char *path, struct state *ret_state)
{
	_cleanup_(look_deinit) struct look l = {.fd = -1};
	_cleanup_close_ int fd = -1;
	int r = fs_open(root_fd, path, O_PATH | O_NOFOLLOW, 0, &l.fd);

	if (r == 0)
		r = describe(&l);
	if (r == 0 && l.state.kind == STATE_FILE)
		r = open_content(l.fd, &fd);
	if (r == 0)
		l.state.igeneration = read_generation(fd);
	else
		r = refused(r, &l.state);
	if (r == 0)
		*ret_state = l.state;
	return r;
}
