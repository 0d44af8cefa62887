/*
 * Files below a directory descriptor; see fs.h.
 */
#include "base/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "base/def.h"
#include "base/io.h"
#include "base/parse.h"
#include "base/str.h"

enum {
	FS_LINE_MAX = 4096,
	/*
	 * The kernel says EAGAIN when a rename elsewhere kept it from proving that ".." stays
	 * inside. Who renames without end gets this far, and no further.
	 */
	FS_TRIES = 256,
};

/* openat2(2) has no wrapper in the C library. */
static int open_how(int dirfd, const char *path, int flags, mode_t mode, uint64_t resolve,
		    int *ret_fd)
{
	struct open_how how = {
		.flags = (unsigned)flags | O_CLOEXEC,
		.mode = flags & O_CREAT || (flags & O_TMPFILE) == O_TMPFILE ? mode : 0,
		.resolve = resolve,
	};
	long fd;

	for (int tries = 0;; tries++) {
		fd = syscall(SYS_openat2, dirfd, path, &how, sizeof(how));
		if (fd >= 0)
			break;
		if (errno != EINTR && (errno != EAGAIN || tries == FS_TRIES))
			return -errno;
	}
	*ret_fd = fd;
	return 0;
}

int fs_open_root(const char *root, int *ret_fd)
{
	int fd = open(root && *root ? root : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	*ret_fd = fd;
	return 0;
}

int fs_open(int root_fd, const char *path, int flags, mode_t mode, int *ret_fd)
{
	if (*path != '/')
		return -EINVAL;
	return open_how(root_fd, path, flags, mode, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
			ret_fd);
}

/* Whether one of the components of @name is "..". */
static bool climbs(const char *name)
{
	while (*name) {
		size_t len = strcspn(name, "/");

		if (len == 2 && name[0] == '.' && name[1] == '.')
			return true;
		name += len + (name[len] == '/');
	}
	return false;
}

int fs_open_beneath(int dirfd, const char *name, int flags, mode_t mode, int *ret_fd)
{
	if (!*name || climbs(name))
		return -EINVAL;
	return open_how(dirfd, name, flags, mode,
			RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS, ret_fd);
}

int fs_read(int root_fd, const char *path, size_t max, char **ret_text, size_t *ret_len)
{
	_cleanup_close_ int fd = -1;
	/* A pipe that somebody put there must not make us wait for a writer. */
	int r = fs_open(root_fd, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0, &fd);

	return r < 0 ? r : io_read_fd(fd, max, ret_text, ret_len);
}

/*
 * Opens the directory that @path lies in; @ret_name is its last component, in the buffer @copy.
 * -EINVAL when no entry can have that name: "", ".", "..".
 */
static int open_parent(int root_fd, char *copy, int *ret_fd, const char **ret_name)
{
	char *slash = strrchr(copy, '/');

	if (!slash || !slash[1] || str_equal(slash + 1, ".") || str_equal(slash + 1, ".."))
		return -EINVAL;
	*ret_name = slash + 1;
	*slash = '\0';
	return fs_open(root_fd, *copy ? copy : "/", O_PATH | O_DIRECTORY, 0, ret_fd);
}

int fs_replace(int root_fd, const char *path, const void *buf, size_t len, mode_t mode)
{
	_cleanup_free_ char *copy = strdup(path);
	_cleanup_close_ int fd = -1;
	const char *name;
	int r;

	if (!copy)
		return -ENOMEM;
	r = open_parent(root_fd, copy, &fd, &name);
	return r < 0 ? r : io_replace_file(fd, name, buf, len, mode);
}

int fs_read_line(int root_fd, const char *path, char **ret_line)
{
	_cleanup_free_ char *text = NULL;
	int r = fs_read(root_fd, path, FS_LINE_MAX, &text, NULL);

	if (r < 0)
		return r;
	text[strcspn(text, "\n")] = '\0';
	*ret_line = take_ptr(text);
	return 0;
}

int fs_read_u64(int root_fd, const char *path, uint64_t *ret_value)
{
	_cleanup_free_ char *line = NULL;
	int r = fs_read_line(root_fd, path, &line);

	return r < 0 ? r : parse_u64(line, 0, UINT64_MAX, ret_value);
}

int fs_exists(int root_fd, const char *path)
{
	_cleanup_close_ int fd = -1;
	int r = fs_open(root_fd, path, O_PATH, 0, &fd);

	if (r == -ENOENT || r == -ENOTDIR)
		return 0;
	return r < 0 ? r : 1;
}

/* Gives a new directory what the umask has taken of its mode. */
static int widen(int parent, const char *name, mode_t mode)
{
	_cleanup_close_ int fd = -1;
	struct stat st;
	int r = fs_open_beneath(parent, name, O_RDONLY | O_DIRECTORY, 0, &fd);

	if (r < 0)
		return r;
	if (fstat(fd, &st) < 0)
		return -errno;
	return (st.st_mode & mode) == mode || fchmod(fd, mode) == 0 ? 0 : -errno;
}

/* Makes one directory, whose parent is there. One that exists is as good. */
static int make_directory(int root_fd, const char *path, mode_t mode)
{
	_cleanup_free_ char *copy = strdup(path);
	_cleanup_close_ int parent = -1, fd = -1;
	const char *name;
	int r;

	if (!copy)
		return -ENOMEM;
	r = open_parent(root_fd, copy, &parent, &name);
	if (r < 0)
		return r;
	if (mkdirat(parent, name, mode) == 0)
		return widen(parent, name, mode);
	return errno == EEXIST ? fs_open(root_fd, path, O_PATH | O_DIRECTORY, 0, &fd) : -errno;
}

int fs_mkdir(int root_fd, const char *path, mode_t mode)
{
	_cleanup_free_ char *part = strdup(path);
	size_t end = 0;

	if (!part)
		return -ENOMEM;
	if (*path != '/')
		return -EINVAL;
	while (path[end += strspn(path + end, "/")]) {
		_cleanup_close_ int fd = -1;
		bool last;
		int r;

		end += strcspn(path + end, "/");
		last = !path[end + strspn(path + end, "/")];
		part[end] = '\0';
		r = fs_open(root_fd, part, O_PATH | O_DIRECTORY, 0, &fd);
		if (r == -ENOENT)
			r = make_directory(root_fd, part, last ? mode : 0755);
		if (r < 0)
			return r;
		part[end] = path[end];
	}
	return 0;
}

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Appends a copy of @name to the vector of @count names; there is room for one, and the NULL. */
static int add_name(char ***names, size_t count, const char *name)
{
	/* The room doubles whenever it is used up: at 0, 8, 16, 32, … names. */
	if (count == 0 || (count >= 8 && (count & (count - 1)) == 0)) {
		size_t room = count ? 2 * count : 8;
		char **grown = reallocarray(*names, room + 1, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		*names = grown;
	}
	(*names)[count] = strdup(name);
	if (!(*names)[count])
		return -ENOMEM;
	(*names)[count + 1] = NULL;
	return 0;
}

static bool is_dot(const char *name)
{
	return str_equal(name, ".") || str_equal(name, "..");
}

/* On failure *@names holds what was read so far. */
static int read_names(DIR *d, char ***names, size_t *ret_count)
{
	size_t count = 0;

	for (;;) {
		struct dirent *e;
		int r;

		errno = 0;
		e = readdir(d);
		if (!e && errno)
			return -errno;
		if (!e)
			break;
		if (is_dot(e->d_name))
			continue;
		r = add_name(names, count, e->d_name);
		if (r < 0)
			return r;
		count++;
	}
	*ret_count = count;
	return 0;
}

int fs_list(int root_fd, const char *path, char ***ret_names)
{
	_cleanup_(str_vector_free_p) char **names = calloc(1, sizeof(*names));
	_cleanup_closedir_ DIR *d = NULL;
	_cleanup_close_ int fd = -1;
	size_t count = 0;
	int r = fs_open(root_fd, path, O_RDONLY | O_DIRECTORY, 0, &fd);

	if (r < 0)
		return r;
	if (!names)
		return -ENOMEM;
	d = fdopendir(fd);
	if (!d)
		return -errno;
	take_fd(&fd);
	r = read_names(d, &names, &count);
	if (r < 0)
		return r;
	qsort(names, count, sizeof(*names), by_bytes);
	*ret_names = take_ptr(names);
	return 0;
}
