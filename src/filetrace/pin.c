/*
 * What outlives the daemon; see pin.h.
 */
#include "filetrace/pin.h"

#include <bpf/bpf.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/def.h"
#include "base/str.h"
#include "filetrace/source.h"

/* Begins the names of our folders. A dot may not be in any name of a BPF file system. */
static const char prefix[] = "leonhard-filetrace-";

/* FNV-1a: nobody but root can put anything there, so that it need not withstand anybody. */
static uint64_t hash_bytes(const unsigned char *bytes, size_t len)
{
	uint64_t hash = 0xcbf29ce484222325;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ bytes[i]) * 0x100000001b3;
	return hash;
}

int pin_path(const char *pin_dir, const void *object, size_t len, char **ret_path)
{
	char *path;

	if (asprintf(&path, "%s/%s%d-%016llx", pin_dir, prefix, FT_ABI,
		     (unsigned long long)hash_bytes(object, len)) < 0)
		return -ENOMEM;
	*ret_path = path;
	return 0;
}

bool pin_exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static int remove_at(int dirfd, const char *name)
{
	_cleanup_closedir_ DIR *d = NULL;
	struct dirent *e;
	int fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	d = fdopendir(fd);
	if (!d) {
		close(fd);
		return -ENOMEM;
	}
	while ((e = readdir(d)))
		if (!str_equal(e->d_name, ".") && !str_equal(e->d_name, "..") &&
		    unlinkat(fd, e->d_name, 0) < 0)
			return -errno;
	return unlinkat(dirfd, name, AT_REMOVEDIR) < 0 ? -errno : 0;
}

int pin_remove(const char *path)
{
	return remove_at(AT_FDCWD, path);
}

int pin_remove_others(const char *pin_dir, const char *keep)
{
	_cleanup_closedir_ DIR *d = opendir(pin_dir);
	const char *name = keep ? strrchr(keep, '/') + 1 : NULL;
	struct dirent *e;
	int r = 0;

	if (!d)
		return errno == ENOENT ? 0 : -errno;
	while ((e = readdir(d))) {
		int k = 0;

		if (str_starts(e->d_name, prefix) && !(name && str_equal(e->d_name, name)))
			k = remove_at(dirfd(d), e->d_name);
		if (k < 0)
			r = k;
	}
	return r;
}

/* PATH/NAME, without dots in the name. */
static int object_path(const char *path, const char *name, char **ret_path)
{
	char *text;

	if (asprintf(&text, "%s/%s", path, name) < 0)
		return -ENOMEM;
	for (char *p = text + strlen(path) + 1; *p; p++)
		if (*p == '.')
			*p = '_';
	*ret_path = text;
	return 0;
}

static int pin_one(const char *path, const char *name, int fd)
{
	_cleanup_free_ char *text = NULL;
	int r = object_path(path, name, &text);

	if (r < 0)
		return r;
	return bpf_obj_pin(fd, text) < 0 ? -errno : 0;
}

static int pin_into(const char *path, const struct bpf_object_skeleton *s)
{
	int r = mkdir(path, 0700) < 0 ? -errno : 0;

	for (int i = 0; i < s->map_cnt && r == 0; i++)
		r = pin_one(path, s->maps[i].name, bpf_map__fd(*s->maps[i].map));
	for (int i = 0; i < s->prog_cnt && r == 0; i++) {
		_cleanup_free_ char *name = NULL;

		if (!*s->progs[i].link)
			continue;
		if (asprintf(&name, "link-%s", s->progs[i].name) < 0)
			return -ENOMEM;
		r = pin_one(path, name, bpf_link__fd(*s->progs[i].link));
	}
	return r;
}

int pin_make(const char *path, const struct bpf_object_skeleton *skeleton)
{
	_cleanup_free_ char *work = NULL;
	int r;

	if (asprintf(&work, "%s-work", path) < 0)
		return -ENOMEM;
	r = pin_into(work, skeleton);
	if (r == 0 && rename(work, path) < 0)
		r = -errno;
	if (r < 0)
		pin_remove(work);
	return r;
}

int pin_map(const char *path, const char *name, int *ret_fd)
{
	_cleanup_free_ char *text = NULL;
	int r = object_path(path, name, &text), fd;

	if (r < 0)
		return r;
	fd = bpf_obj_get(text);
	if (fd < 0)
		return -errno;
	*ret_fd = fd;
	return 0;
}

int source_unpin(const char *pin_dir)
{
	return pin_remove_others(pin_dir, NULL);
}
