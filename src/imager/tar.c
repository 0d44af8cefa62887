/*
 * Reading a tar stream with libarchive; see tar.h.
 *
 * libarchive takes the stream through read_input(), which keeps the last bytes that went by: a
 * tar ends in two blocks of zeroes, and libarchive itself takes an archive that is cut off
 * between two of its entries as whole.
 */
#include "tar.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "acl.h"
#include "base/def.h"
#include "spool.h"
#include "tree.h"

#define END_MARK_BYTES 1024

struct input {
	int fd;
	char tail[END_MARK_BYTES];
	char buf[1 << 16];
};

struct reader {
	struct archive *archive;
	struct input *input;
	int64_t epoch_s;
	uint64_t max_bytes;
	struct tree *tree;
	struct spool *spool;
	struct err *err;
};

static void archive_freep(struct archive **a)
{
	archive_read_free(*a);
}

static ssize_t read_some(struct input *in)
{
	ssize_t n;

	do
		n = read(in->fd, in->buf, sizeof(in->buf));
	while (n < 0 && errno == EINTR);
	if (n >= END_MARK_BYTES) {
		memcpy(in->tail, in->buf + n - END_MARK_BYTES, END_MARK_BYTES);
	} else if (n > 0) {
		memmove(in->tail, in->tail + n, END_MARK_BYTES - n);
		memcpy(in->tail + END_MARK_BYTES - n, in->buf, n);
	}
	return n;
}

static ssize_t read_input(struct archive *a, void *data, const void **ret_buf)
{
	struct input *in = data;
	ssize_t n = read_some(in);

	if (n < 0)
		archive_set_error(a, errno, "%s", strerror(errno));
	*ret_buf = in->buf;
	return n;
}

/* The rest of the stream is padding; whoever writes it into a pipe shall not see it break. */
static int check_end(struct reader *rd)
{
	static const char zeroes[END_MARK_BYTES];
	ssize_t n;

	while ((n = read_some(rd->input)) > 0)
		;
	if (n < 0)
		return err_errno(rd->err, -errno, "cannot read the tar");
	if (archive_filter_code(rd->archive, 0) == ARCHIVE_FILTER_NONE &&
	    memcmp(rd->input->tail, zeroes, END_MARK_BYTES) != 0)
		return err_set(rd->err, -ENODATA, "the tar is truncated: its end mark is missing");
	return 0;
}

static int fail(struct reader *rd, const char *path)
{
	const char *why = archive_error_string(rd->archive);

	return err_set(rd->err, -EBADMSG, "cannot read the tar%s%s: %s", path ? " at " : "",
		       path ? path : "", why ? why : "it is damaged");
}

static int read_content(struct reader *rd, const char *path, uint64_t size, struct node *node)
{
	const void *data;
	int64_t offset;
	size_t len;
	int r, n = 0;

	r = spool_begin(rd->spool);
	while (r == 0) {
		n = archive_read_data_block(rd->archive, &data, &len, &offset);
		if (n != ARCHIVE_OK)
			break;
		r = spool_add(rd->spool, offset, data, len);
	}
	if (r == 0 && n != ARCHIVE_EOF)
		return fail(rd, path);
	if (r == 0)
		r = spool_finish(rd->spool, size, node);
	if (r < 0)
		return err_errno(rd->err, r, "cannot store the content of %s (%llu bytes)", path,
				 (unsigned long long)size);
	return 0;
}

static int read_regular(struct reader *rd, struct archive_entry *ae, const char *path,
			struct node *node)
{
	int64_t size = archive_entry_size(ae);

	if (size < 0 || (uint64_t)size > rd->max_bytes)
		return err_set(rd->err, -ENOSPC,
			       "%s: %lld bytes do not fit on a disk of %llu bytes", path,
			       (long long)size, (unsigned long long)rd->max_bytes);
	return read_content(rd, path, size, node);
}

static int read_symlink(struct reader *rd, struct archive_entry *ae, const char *path,
			struct node *node)
{
	const char *target = archive_entry_symlink(ae);

	if (!target || !*target || strlen(target) > TREE_PATH_MAX)
		return err_set(rd->err, -EINVAL,
			       "%s: the target of the symbolic link is empty or too long", path);
	node->target = strdup(target);
	if (!node->target)
		return err_oom(rd->err);
	node->size_bytes = strlen(target);
	return 0;
}

static int read_device(struct reader *rd, struct archive_entry *ae, const char *path,
		       struct node *node)
{
	uint64_t major = archive_entry_rdevmajor(ae), minor = archive_entry_rdevminor(ae);

	/* What the kernel's dev_t can say: 12 and 20 bits. */
	if (major > 0xfff || minor > 0xfffff)
		return err_set(rd->err, -ERANGE, "%s: a device number out of range", path);
	node->major = major;
	node->minor = minor;
	return 0;
}

static int read_nothing(struct reader *rd, struct archive_entry *ae, const char *path,
			struct node *node)
{
	return 0;
}

static const struct {
	uint32_t type;
	int (*read)(struct reader *rd, struct archive_entry *ae, const char *path,
		    struct node *node);
} types[] = {
	{S_IFREG, read_regular}, {S_IFDIR, read_nothing}, {S_IFLNK, read_symlink},
	{S_IFCHR, read_device},	 {S_IFBLK, read_device},  {S_IFIFO, read_nothing},
};

static int read_type(struct reader *rd, struct archive_entry *ae, const char *path,
		     struct node *node)
{
	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (types[i].type == archive_entry_filetype(ae))
			return types[i].read(rd, ae, path, node);
	return err_set(rd->err, -EINVAL, "%s: a type of file that an image cannot hold", path);
}

static int read_owner(struct reader *rd, struct archive_entry *ae, const char *path,
		      struct node *node)
{
	int64_t uid = archive_entry_uid(ae), gid = archive_entry_gid(ae);
	int64_t mtime = archive_entry_mtime(ae);

	/* The highest id is the kernel's word for "none". */
	if (uid < 0 || uid >= UINT32_MAX || gid < 0 || gid >= UINT32_MAX)
		return err_set(rd->err, -ERANGE, "%s: a user or group id out of range", path);
	node->uid = uid;
	node->gid = gid;
	node->mtime_s = mtime < 0 ? 0 : mtime > rd->epoch_s ? rd->epoch_s : mtime;
	return 0;
}

static int read_xattrs(struct reader *rd, struct archive_entry *ae, const char *path,
		       struct node *node)
{
	static const char *const prefixes[] = {"user.", "security.", "trusted.",
					       "system.posix_acl_"};
	const char *name;
	const void *value;
	size_t len;

	archive_entry_xattr_reset(ae);
	while (archive_entry_xattr_next(ae, &name, &value, &len) == ARCHIVE_OK) {
		size_t i = 0;

		while (i < ARRAY_SIZE(prefixes) &&
		       strncmp(name, prefixes[i], strlen(prefixes[i])) != 0)
			i++;
		if (i == ARRAY_SIZE(prefixes) || strlen(name) > NAME_MAX)
			return err_set(rd->err, -ENOTSUP, "%s: ext4 has no attribute %s", path,
				       name);
		if (node_set_xattr(node, name, value, len) < 0)
			return err_oom(rd->err);
	}
	return acl_read(ae, path, node, rd->err);
}

/* A hard link is one more name of a node that must be known by then. */
static int read_hardlink(struct reader *rd, const char *target, const char *path)
{
	char canonical[PATH_MAX];
	struct dentry *e = NULL;
	int r = tree_path(target, canonical);

	if (r == 0)
		e = tree_find(rd->tree, canonical);
	if (!e)
		return err_set(rd->err, -ENOENT, "%s: a hard link to %s, which is missing", path,
			       target);
	if (S_ISDIR(e->node->mode))
		return err_set(rd->err, -EISDIR, "%s: a hard link to the directory %s", path,
			       target);
	return tree_insert(rd->tree, path, e->node, NULL) < 0 ? err_oom(rd->err) : 0;
}

static int read_node(struct reader *rd, struct archive_entry *ae, const char *path)
{
	_cleanup_(node_unrefp) struct node *node =
		node_new(archive_entry_filetype(ae) | (archive_entry_perm(ae) & 07777));
	int r;

	if (!node)
		return err_oom(rd->err);
	r = read_owner(rd, ae, path, node);
	if (r == 0)
		r = read_type(rd, ae, path, node);
	if (r == 0)
		r = read_xattrs(rd, ae, path, node);
	if (r == 0 && tree_insert(rd->tree, path, node, NULL) < 0)
		r = err_oom(rd->err);
	return r;
}

static int read_entry(struct reader *rd, struct archive_entry *ae)
{
	const char *name = archive_entry_pathname(ae), *target = archive_entry_hardlink(ae);
	char path[PATH_MAX];
	int r;

	if (!name || !*name)
		return err_set(rd->err, -EINVAL, "an entry of the tar has no name");
	r = tree_path(name, path);
	if (r == -ENAMETOOLONG)
		return err_set(rd->err, r, "a name is too long for ext4: %s", name);
	if (r < 0)
		return err_set(rd->err, r, "%s: the name is absolute, or leads out of the tree",
			       name);
	return target ? read_hardlink(rd, target, path) : read_node(rd, ae, path);
}

static int open_stream(struct reader *rd)
{
	struct archive *a = rd->archive;

	if (archive_read_support_format_tar(a) == ARCHIVE_OK &&
	    archive_read_support_filter_gzip(a) == ARCHIVE_OK &&
	    archive_read_support_filter_xz(a) == ARCHIVE_OK &&
	    archive_read_support_filter_zstd(a) == ARCHIVE_OK &&
	    archive_read_open(a, rd->input, NULL, read_input, NULL) == ARCHIVE_OK)
		return 0;
	return fail(rd, NULL);
}

int tar_read(int fd, int64_t epoch_s, uint64_t max_bytes, struct tree *tree, struct spool *spool,
	     struct err *err)
{
	_cleanup_free_ struct input *input = calloc(1, sizeof(*input));
	_cleanup_(archive_freep) struct archive *a = archive_read_new();
	struct reader rd = {a, input, epoch_s, max_bytes, tree, spool, err};
	struct archive_entry *ae;
	int r, n;

	if (!input || !a)
		return err_oom(err);
	memset(input->tail, 1, sizeof(input->tail));
	input->fd = fd;
	r = open_stream(&rd);
	while (r == 0) {
		n = archive_read_next_header(a, &ae);
		if (n == ARCHIVE_EOF)
			return check_end(&rd);
		r = n == ARCHIVE_OK ? read_entry(&rd, ae) : fail(&rd, NULL);
	}
	return r;
}
