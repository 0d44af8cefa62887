/*
 * The source "lsm": BPF programs on LSM hooks and on functions of the VFS (bpf/lsm.bpf.c).
 *
 * The programs, their maps and the ring are loaded, attached and pinned at once; from then on the
 * source is what is pinned, whoever made it. Without a folder to pin them in they live as long as
 * the source does.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>

#include "base/def.h"
#include "base/str.h"
#include "filetrace/lsm_load.h"
#include "filetrace/pin.h"
#include "filetrace/ring.h"
#include "filetrace/sources.h"
#include "filetrace/bpf/filter.h"

enum { IMAGE_ENTRY_BYTES = 4096, PROGRAMS_MAX = 64 };

struct source {
	struct lsm_bpf *skel; /* NULL when everything is pinned */
	char *pin; /* NULL when nothing is */
	struct ring *ring;
	int dirs, names, inodes, images;
	int programs[PROGRAMS_MAX]; /* all that run */
	size_t program_count;
	struct lsm_bpf__bss *shared; /* with the programs */
};

static const char *const cannot_see[] = {
	"Stores through a shared mapping are not seen one by one: the file counts as being edited "
	"while it is mapped.",
	"Changes below the file system are not seen: to its device, or by another machine.",
	"On NFS, the removal of a file that is open on this machine is not seen.",
	NULL,
};

static const char no_pin[] = "the programs cannot be pinned in /sys/fs/bpf";

/* ---- opening ---- */

static void lsm_close(struct source *s, bool keep)
{
	if (!s)
		return;
	ring_close(s->ring);
	if (s->shared)
		munmap(s->shared, sizeof(*s->shared));
	cleanup_close_p(&s->dirs);
	cleanup_close_p(&s->names);
	cleanup_close_p(&s->inodes);
	cleanup_close_p(&s->images);
	for (size_t i = 0; i < s->program_count; i++)
		close(s->programs[i]);
	if (s->pin && !keep)
		pin_remove(s->pin);
	free(s->pin);
	lsm_bpf__destroy(s->skel);
	free(s);
}

static void close_kept(struct source **s)
{
	lsm_close(*s, true);
}

/* A descriptor of a map, wherever it is. */
static int map_of(const struct source *s, const char *name, int *ret_fd)
{
	int fd;

	if (s->pin)
		return pin_map(s->pin, name, ret_fd);
	fd = fcntl(bpf_object__find_map_fd_by_name(s->skel->obj, name), F_DUPFD_CLOEXEC, 3);
	if (fd < 0)
		return -errno;
	*ret_fd = fd;
	return 0;
}

static int map_shared(struct source *s)
{
	_cleanup_close_ int fd = -1;
	int r = map_of(s, "lsm_bpf.bss", &fd);
	void *p;

	if (r < 0)
		return r;
	p = mmap(NULL, sizeof(*s->shared), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		return -errno;
	s->shared = p;
	return getrandom(&s->shared->show_token, sizeof(s->shared->show_token), 0) < 0 ? -errno : 0;
}

static int open_ring(struct source *s)
{
	_cleanup_close_ int fd = -1;
	int r = map_of(s, "ring", &fd);

	return r < 0 ? r : ring_open(fd, &s->ring);
}

/* Their entries are the programs' own business; here only their size matters. */
static int open_images(struct source *s)
{
	struct bpf_map_info info = {};
	__u32 len = sizeof(info);
	int r = map_of(s, "images", &s->images);

	if (r == 0 && bpf_obj_get_info_by_fd(s->images, &info, &len) < 0)
		r = -errno;
	return r == 0 && info.value_size > IMAGE_ENTRY_BYTES ? -E2BIG : r;
}

/* The program of a link; takes @link_fd. */
static int add_program(struct source *s, int link_fd)
{
	_cleanup_close_ int link = link_fd;
	struct bpf_link_info info = {};
	__u32 len = sizeof(info);
	int fd;

	if (link < 0 || bpf_obj_get_info_by_fd(link, &info, &len) < 0)
		return -errno;
	if (s->program_count == PROGRAMS_MAX)
		return -E2BIG;
	fd = bpf_prog_get_fd_by_id(info.prog_id);
	if (fd < 0)
		return -errno;
	s->programs[s->program_count++] = fd;
	return 0;
}

static int open_pinned_programs(struct source *s)
{
	_cleanup_closedir_ DIR *d = opendir(s->pin);
	struct dirent *e;
	int r = d ? 0 : -errno;

	while (r == 0 && (e = readdir(d))) {
		_cleanup_free_ char *path = NULL;

		if (!str_starts(e->d_name, "link-"))
			continue;
		if (asprintf(&path, "%s/%s", s->pin, e->d_name) < 0)
			return -ENOMEM;
		r = add_program(s, bpf_obj_get(path));
	}
	return r;
}

static int open_programs(struct source *s)
{
	struct bpf_object_skeleton *k;
	int r = 0;

	if (s->pin)
		return open_pinned_programs(s);
	k = s->skel->skeleton;
	for (int i = 0; i < k->prog_cnt && r == 0; i++)
		if (*k->progs[i].link)
			r = add_program(s,
					fcntl(bpf_link__fd(*k->progs[i].link), F_DUPFD_CLOEXEC, 3));
	return r;
}

/* Opens what is pinned, or what @skel holds. Takes both. */
static int use(struct lsm_bpf *skel, char *pin, struct source **ret_source)
{
	_cleanup_(close_kept) struct source *s = calloc(1, sizeof(*s));
	int r;

	if (!s) {
		free(pin);
		lsm_bpf__destroy(skel);
		return -ENOMEM;
	}
	*s = (struct source){
		.skel = skel, .pin = pin, .dirs = -1, .names = -1, .inodes = -1, .images = -1};
	r = map_of(s, "dirs", &s->dirs);
	if (r == 0)
		r = map_of(s, "names", &s->names);
	if (r == 0)
		r = map_of(s, "inodes", &s->inodes);
	if (r == 0)
		r = open_images(s);
	if (r == 0)
		r = open_programs(s);
	if (r == 0)
		r = map_shared(s);
	if (r == 0)
		r = open_ring(s);
	if (r == 0)
		*ret_source = take_ptr(s);
	return r;
}

/* Loads and pins. What others have pinned is gone before, so that nothing is seen twice. */
static int make_pinned(const struct source_config *config, const char *path,
		       const char **ret_reason)
{
	_cleanup_(lsm_unload_p) struct lsm_bpf *skel = NULL;
	int r = lsm_load(config, &skel, ret_reason);

	if (r < 0)
		return r;
	*ret_reason = no_pin;
	return pin_make(path, skel->skeleton);
}

static int open_pinned(const struct source_config *config, struct source **ret_source,
		       bool *ret_adopted, const char **ret_reason)
{
	_cleanup_free_ char *path = NULL;
	size_t len;
	const void *object = lsm_object(&len);
	int r = pin_path(config->pin_dir, object, len, &path);
	bool adopted;

	if (r < 0)
		return r;
	r = pin_remove_others(config->pin_dir, path);
	if (r < 0)
		return r;
	adopted = pin_exists(path);
	if (adopted && use(NULL, strdup(path), ret_source) == 0) {
		*ret_adopted = true;
		return 0;
	}
	/* It is there and of no use: it was tampered with. */
	if (adopted)
		pin_remove(path);
	r = make_pinned(config, path, ret_reason);
	if (r == 0)
		r = use(NULL, strdup(path), ret_source);
	if (r == 0)
		*ret_adopted = false;
	return r;
}

static int lsm_open(const struct source_config *config, struct source **ret_source,
		    bool *ret_adopted, const char **ret_reason)
{
	struct lsm_bpf *skel;
	int r;

	if (config->pin_dir)
		return open_pinned(config, ret_source, ret_adopted, ret_reason);
	r = lsm_load(config, &skel, ret_reason);
	if (r == 0)
		r = use(skel, NULL, ret_source);
	if (r == 0)
		*ret_adopted = false;
	return r;
}

/* ---- events ---- */

static int lsm_fd(const struct source *s)
{
	return ring_fd(s->ring);
}

static int lsm_read(struct source *s, unsigned max, source_fn fn, void *data)
{
	return ring_read(s->ring, max, fn, data);
}

static void lsm_commit(struct source *s)
{
	ring_commit(s->ring);
}

static uint64_t lsm_position(const struct source *s)
{
	return s->pin ? ring_position(s->ring) : 0;
}

static int lsm_skip(struct source *s, uint64_t position)
{
	return ring_skip(s->ring, position);
}

/* ---- watches ---- */

/*
 * The key of the file behind @fd, as the kernel has it: what stat(2) tells is another number on
 * file systems with subvolumes or layers. The kernel is shown the descriptor by a call that does
 * nothing, with a number that only the programs understand.
 */
static int show(const struct source *s, int fd, struct ft_shown *ret_shown)
{
	const volatile struct ft_shown *shown = &s->shared->shown;
	uint32_t before = shown->count;

	if (fcntl(fd, F_GETFD, (unsigned long)s->shared->show_token) < 0)
		return -errno;
	if (shown->count == before)
		return -EIO;
	*ret_shown = *(const struct ft_shown *)&s->shared->shown;
	return 0;
}

static int lsm_watch_dir(struct source *s, int fd, uint32_t flags, struct ft_key *ret_key)
{
	struct ft_dir dir = {.flags = flags};
	struct ft_shown shown;
	int r = show(s, fd, &shown);

	if (r < 0)
		return r;
	ft_filter_add(s->shared->filter, shown.key.ino);
	if (bpf_map_update_elem(s->dirs, &shown.key, &dir, BPF_ANY) < 0)
		return -errno;
	*ret_key = shown.key;
	return 0;
}

/* Names are looked for only in directories that are known. */
static int lsm_watch_name(struct source *s, const struct ft_key *dir, const char *name,
			  uint32_t flags)
{
	struct ft_name_key key = {.dir = *dir, .hash = ft_name_hash(name, strlen(name))};
	struct ft_name value = {.flags = flags};
	struct ft_dir none = {0};

	ft_filter_add(s->shared->filter, dir->ino);
	if (bpf_map_update_elem(s->dirs, dir, &none, BPF_NOEXIST) < 0 && errno != EEXIST)
		return -errno;
	return bpf_map_update_elem(s->names, &key, &value, BPF_ANY) < 0 ? -errno : 0;
}

static int lsm_watch_inode(struct source *s, int fd, struct ft_key *ret_key)
{
	struct ft_inode entry = {.generation = 1}, there;
	struct ft_shown shown;
	int r = show(s, fd, &shown);

	if (r < 0)
		return r;
	ft_filter_add(s->shared->filter, shown.key.ino);
	entry.igeneration = shown.igeneration;
	if (bpf_map_lookup_elem(s->inodes, &shown.key, &there) < 0 ||
	    there.igeneration != shown.igeneration)
		r = bpf_map_update_elem(s->inodes, &shown.key, &entry, BPF_ANY);
	if (r < 0)
		return -errno;
	*ret_key = shown.key;
	return 0;
}

static int lsm_unwatch_dir(struct source *s, const struct ft_key *key)
{
	return bpf_map_delete_elem(s->dirs, key) < 0 ? -errno : 0;
}

static int lsm_unwatch_name(struct source *s, const struct ft_key *dir, const char *name)
{
	struct ft_name_key key = {.dir = *dir, .hash = ft_name_hash(name, strlen(name))};

	return bpf_map_delete_elem(s->names, &key) < 0 ? -errno : 0;
}

static int lsm_unwatch_inode(struct source *s, const struct ft_key *key)
{
	return bpf_map_delete_elem(s->inodes, key) < 0 ? -errno : 0;
}

static int lsm_inode(struct source *s, const struct ft_key *key, struct ft_inode *ret_inode)
{
	struct ft_inode entry;

	if (bpf_map_lookup_elem(s->inodes, key, &entry) < 0)
		return -errno;
	*ret_inode = entry;
	return 0;
}

static bool lsm_image_lives(struct source *s, uint64_t image)
{
	char entry[IMAGE_ENTRY_BYTES];

	return bpf_map_lookup_elem(s->images, &image, entry) == 0;
}

/* How often a program did not run because its processor was in the same one: it can only have been
 * preempted there, by a kernel that preempts everywhere. */
static uint64_t missed(const struct source *s)
{
	uint64_t count = 0;

	for (size_t i = 0; i < s->program_count; i++) {
		struct bpf_prog_info info = {};
		__u32 len = sizeof(info);

		if (bpf_obj_get_info_by_fd(s->programs[i], &info, &len) == 0)
			count += info.recursion_misses;
	}
	return count;
}

static void lsm_counts(const struct source *s, struct source_counts *ret_counts)
{
	const volatile struct ft_counts *c = &s->shared->counts;

	ret_counts->lost = c->lost_events + c->lost_images + c->lost_inodes + c->lost_edits +
			   ring_malformed(s->ring) + missed(s);
}

const struct source_ops source_lsm = {
	.name = "lsm",
	.cannot_see = cannot_see,
	.open = lsm_open,
	.close = lsm_close,
	.fd = lsm_fd,
	.read = lsm_read,
	.commit = lsm_commit,
	.position = lsm_position,
	.skip = lsm_skip,
	.watch_dir = lsm_watch_dir,
	.watch_name = lsm_watch_name,
	.watch_inode = lsm_watch_inode,
	.unwatch_dir = lsm_unwatch_dir,
	.unwatch_name = lsm_unwatch_name,
	.unwatch_inode = lsm_unwatch_inode,
	.image_lives = lsm_image_lives,
	.inode = lsm_inode,
	.counts = lsm_counts,
};
