/*
 * What is marked, and what events name: see fan.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "base/def.h"
#include "filetrace/fan.h"

/* Of a directory: what is done to its entries, and to their content. */
#define DIR_MASK                                                                            \
	(FAN_MODIFY | FAN_CLOSE_WRITE | FAN_ATTRIB | FAN_CREATE | FAN_DELETE | FAN_RENAME | \
	 FAN_ONDIR | FAN_EVENT_ON_CHILD)
/* Of a file that has names elsewhere. */
#define FILE_MASK (FAN_MODIFY | FAN_CLOSE_WRITE | FAN_ATTRIB)

static uint64_t hash_handle(const struct fan_handle *h)
{
	return hashmap_hash(h, offsetof(struct fan_handle, bytes) + h->len, 0);
}

static uint64_t hash_key(const struct ft_key *key)
{
	return hashmap_hash(key, sizeof(*key), 0);
}

struct fan_node *fan_find(struct fan *f, const struct fan_handle *handle)
{
	struct hashmap_link *l = hashmap_first(&f->by_handle, hash_handle(handle));

	for (; l; l = hashmap_next(l)) {
		struct fan_node *n = hashmap_item(l, struct fan_node, by_handle);

		if (!memcmp(&n->handle, handle, sizeof(*handle)))
			return n;
	}
	return NULL;
}

struct fan_node *fan_find_key(struct fan *f, const struct ft_key *key)
{
	struct hashmap_link *l = hashmap_first(&f->by_key, hash_key(key));

	for (; l; l = hashmap_next(l)) {
		struct fan_node *n = hashmap_item(l, struct fan_node, by_key);

		/* Of two with one number, the one that is still there. */
		if (!memcmp(&n->key, key, sizeof(*key)) && !n->unlinked)
			return n;
	}
	return NULL;
}

static void set_stat(struct fan_node *n, const struct statx *st)
{
	n->mode = st->stx_mode;
	n->uid = st->stx_uid;
	n->gid = st->stx_gid;
	n->nlink = st->stx_nlink;
	n->size = st->stx_size;
}

static int stat_fd(int fd, struct statx *ret_st)
{
	int flags = AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT;

	return statx(fd, "", flags, STATX_BASIC_STATS, ret_st) < 0 ? -errno : 0;
}

static struct fan_node *add_node(struct fan *f, const struct fan_handle *handle,
				 const struct ft_key *key)
{
	struct fan_node *n = calloc(1, sizeof(*n)), *gone = fan_find_key(f, key);

	if (!n)
		return NULL;
	/* A number that is used again was another inode's, whose end nobody told. */
	if (gone) {
		gone->unlinked = true;
		gone->dir_watched = gone->watched = false;
		fan_forget(f, gone);
	}
	n->handle = *handle;
	n->key = *key;
	list_init(&n->edits);
	hashmap_add(&f->by_handle, &n->by_handle, hash_handle(handle));
	hashmap_add(&f->by_key, &n->by_key, hash_key(key));
	list_add_last(&f->nodes, &n->link);
	return n;
}

/* ---- handles ---- */

/* Room for the handles of all file systems. */
union handle {
	struct file_handle handle;
	char room[sizeof(struct file_handle) + FAN_HANDLE_BYTES];
};

static int handle_of(int fd, struct fan_handle *ret_handle)
{
	union handle u = {.handle.handle_bytes = FAN_HANDLE_BYTES};
	struct fan_handle h = {};
	struct statfs fs;
	int mount;

	if (name_to_handle_at(fd, "", &u.handle, &mount, AT_EMPTY_PATH) < 0 || fstatfs(fd, &fs) < 0)
		return -errno;
	memcpy(h.fsid, &fs.f_fsid, sizeof(h.fsid));
	h.type = u.handle.handle_type;
	h.len = u.handle.handle_bytes;
	memcpy(h.bytes, u.handle.f_handle, h.len);
	*ret_handle = h;
	return 0;
}

static struct fan_fs *find_system(struct fan *f, const uint32_t fsid[2])
{
	struct fan_fs *fs;

	for (list_each(fs, &f->systems, link))
		if (!memcmp(fs->fsid, fsid, sizeof(fs->fsid)))
			return fs;
	return NULL;
}

/* A descriptor that is not O_PATH, of the object that @fd is of. */
static int reopen(int fd, int flags)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	fd = open(path, flags | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int learn_system(struct fan *f, int dirfd, const struct fan_handle *handle)
{
	struct fan_fs *fs = find_system(f, handle->fsid);
	int fd;

	if (fs)
		return 0;
	fd = reopen(dirfd, O_RDONLY | O_DIRECTORY | O_NONBLOCK);
	if (fd < 0)
		return fd;
	fs = calloc(1, sizeof(*fs));
	if (!fs) {
		close(fd);
		return -ENOMEM;
	}
	memcpy(fs->fsid, handle->fsid, sizeof(fs->fsid));
	fs->fd = fd;
	list_add_last(&f->systems, &fs->link);
	return 0;
}

static int open_handle(struct fan *f, const struct fan_handle *h, int flags)
{
	struct fan_fs *fs = find_system(f, h->fsid);
	union handle u = {.handle.handle_bytes = h->len, .handle.handle_type = h->type};
	int fd;

	if (!fs)
		return -ESTALE;
	memcpy(u.handle.f_handle, h->bytes, h->len);
	fd = open_by_handle_at(fs->fd, &u.handle, flags | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int fan_open_node(struct fan *f, const struct fan_node *n, int flags)
{
	return open_handle(f, &n->handle, flags);
}

int fan_stat_node(struct fan *f, struct fan_node *n)
{
	_cleanup_close_ int fd = fan_open_node(f, n, O_PATH);
	struct statx st;
	int r = fd < 0 ? fd : stat_fd(fd, &st);

	if (r == 0 && st.stx_nlink == 0 && !S_ISDIR(st.stx_mode))
		r = -ESTALE;
	if (r == 0)
		set_stat(n, &st);
	return r;
}

static struct ft_key key_of(const struct statx *st)
{
	return (struct ft_key){.ino = st->stx_ino,
			       .dev = st->stx_dev_major << 20 | st->stx_dev_minor};
}

struct fan_node *fan_learn(struct fan *f, const struct fan_handle *handle, bool *ret_new)
{
	/* Inode numbers of this size are not in use. */
	struct ft_key key = {.ino = hash_handle(handle) | UINT64_C(1) << 63};
	struct fan_node *n = fan_find(f, handle);
	_cleanup_close_ int fd = -1;
	struct statx st = {};

	*ret_new = !n;
	if (n)
		return n;
	fd = open_handle(f, handle, O_PATH);
	if (fd >= 0 && stat_fd(fd, &st) == 0)
		key = key_of(&st);
	n = add_node(f, handle, &key);
	if (n)
		set_stat(n, &st);
	return n;
}

void fan_forget(struct fan *f, struct fan_node *n)
{
	if (n->dir_watched || n->watched || n->held || !list_is_empty(&n->edits))
		return;
	hashmap_remove(&f->by_handle, &n->by_handle);
	hashmap_remove(&f->by_key, &n->by_key);
	list_remove(&n->link);
	free(n->names);
	free(n);
}

/* ---- watches ---- */

int fan_mark(struct fan *f, struct fan_node *n, int fd, bool dir)
{
	char path[32];

	if (n->marked)
		return 0;
	/* The descriptor may be O_PATH, which fanotify_mark() does not take by itself. */
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (fanotify_mark(f->fan_fd, FAN_MARK_ADD, dir ? DIR_MASK : FILE_MASK, AT_FDCWD, path) < 0)
		return -errno;
	n->marked = true;
	return 0;
}

/* The node of a descriptor, made when it is new. */
static int node_of(struct fan *f, int fd, struct fan_node **ret_node)
{
	struct fan_handle handle;
	struct fan_node *n;
	struct ft_key key;
	struct statx st;
	int r = handle_of(fd, &handle);

	if (r == 0)
		r = stat_fd(fd, &st);
	if (r < 0)
		return r;
	key = key_of(&st);
	n = fan_find(f, &handle);
	if (!n)
		n = add_node(f, &handle, &key);
	if (!n)
		return -ENOMEM;
	set_stat(n, &st);
	n->unlinked = false;
	*ret_node = n;
	return 0;
}

int fan_watch_dir(struct fan *f, int fd, uint32_t flags, struct ft_key *ret_key)
{
	struct fan_node *n;
	int r = node_of(f, fd, &n);

	if (r < 0)
		return r;
	r = S_ISDIR(n->mode) ? learn_system(f, fd, &n->handle) : -ENOTDIR;
	if (r == 0)
		r = fan_mark(f, n, fd, true);
	if (r == 0) {
		n->dir_watched = true;
		n->dir_flags = flags;
		*ret_key = n->key;
	}
	fan_forget(f, n);
	return r;
}

static struct fan_name *find_name(const struct fan_node *dir, const char *name)
{
	uint64_t hash = ft_name_hash(name, strlen(name));

	for (size_t i = 0; i < dir->name_count; i++)
		if (dir->names[i].hash == hash)
			return &dir->names[i];
	return NULL;
}

int fan_watch_name(struct fan *f, const struct ft_key *dir, const char *name, uint32_t flags)
{
	struct fan_node *n = fan_find_key(f, dir);
	struct fan_name *known, *grown;

	if (!n || !n->dir_watched)
		return -ENOENT;
	known = find_name(n, name);
	if (known) {
		known->flags = flags;
		return 0;
	}
	grown = reallocarray(n->names, n->name_count + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	n->names = grown;
	n->names[n->name_count++] =
		(struct fan_name){.hash = ft_name_hash(name, strlen(name)), .flags = flags};
	return 0;
}

void fan_set_watched(struct fan *f, struct fan_node *n)
{
	n->watched = true;
	if (f->watched)
		f->watched(f->data, &n->key);
}

/* A file with one name is seen through the directory of that name. */
int fan_watch_inode(struct fan *f, int fd, struct ft_key *ret_key)
{
	struct fan_node *n;
	int r = node_of(f, fd, &n);

	if (r == 0 && S_ISREG(n->mode) && n->nlink > 1)
		r = fan_mark(f, n, fd, false);
	if (r < 0)
		return r;
	fan_set_watched(f, n);
	*ret_key = n->key;
	return 0;
}

static void unmark(struct fan *f, struct fan_node *n, bool dir)
{
	_cleanup_close_ int fd = n->marked ? fan_open_node(f, n, O_PATH) : -1;
	char path[32];

	if (fd < 0)
		return;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	fanotify_mark(f->fan_fd, FAN_MARK_REMOVE, dir ? DIR_MASK : FILE_MASK, AT_FDCWD, path);
	n->marked = false;
}

int fan_unwatch_dir(struct fan *f, const struct ft_key *key)
{
	struct fan_node *n = fan_find_key(f, key);

	if (!n || !n->dir_watched)
		return -ENOENT;
	unmark(f, n, true);
	n->dir_watched = false;
	n->name_count = 0;
	fan_forget(f, n);
	return 0;
}

int fan_unwatch_name(struct fan *f, const struct ft_key *dir, const char *name)
{
	struct fan_node *n = fan_find_key(f, dir);
	struct fan_name *known = n ? find_name(n, name) : NULL;

	if (!known)
		return -ENOENT;
	*known = n->names[--n->name_count];
	return 0;
}

int fan_unwatch_inode(struct fan *f, const struct ft_key *key)
{
	struct fan_node *n = fan_find_key(f, key);

	if (!n || !n->watched)
		return -ENOENT;
	if (!n->dir_watched)
		unmark(f, n, false);
	n->watched = false;
	fan_forget(f, n);
	return 0;
}

bool fan_covers(const struct fan_node *dir, const char *name, uint32_t *ret_flags)
{
	const struct fan_name *known = dir && dir->dir_watched ? find_name(dir, name) : NULL;

	if (!dir || !dir->dir_watched)
		return false;
	if (known)
		*ret_flags = known->flags;
	else
		*ret_flags = dir->dir_flags & FT_DIR_DEEP ? dir->dir_flags : 0;
	return known || (dir->dir_flags & FT_DIR_ALL);
}
