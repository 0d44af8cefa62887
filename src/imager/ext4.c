/*
 * Filling an ext4 file system with a tree, through libext2fs; see ext4.h.
 *
 * First every node gets its inode number, in the order of the paths, so that directories can be
 * written at once and complete; then each node is written, in the same order.
 */
#include "ext4.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/def.h"
#include "ext4int.h"
#include "tree.h"

#define LINKS_MAX 65000 /* ext4: EXT4_LINK_MAX; a directory with more has a count of 1 */

static int fail(const struct ext4 *x, errcode_t e, const char *path)
{
	if (e == EXT2_ET_BLOCK_ALLOC_FAIL || e == ENOSPC)
		return err_set(x->err, -ENOSPC,
			       "no space for %s in a file system of %" PRIu64
			       " bytes: raise `size` in the profile",
			       path, x->spec->size_bytes);
	return err_set(x->err, -EIO, "cannot write %s into the file system: %s", path,
		       error_message(e));
}

/* Numbers of what mke2fs made. */
static uint32_t fixed_ino(const struct dentry *e)
{
	if (!e->parent)
		return EXT2_ROOT_INO;
	return strcmp(e->path, "/lost+found") == 0 ? EXT2_GOOD_OLD_FIRST_INO : 0;
}

static int number_nodes(struct ext4 *x)
{
	uint64_t next = EXT2_GOOD_OLD_FIRST_INO + 1, max = x->fs->super->s_inodes_count;

	for (size_t i = 0; i < x->tree->count; i++) {
		const struct dentry *e = x->tree->entries[i];

		if (e->node->first != e)
			continue;
		e->node->ino = fixed_ino(e);
		if (!e->node->ino)
			e->node->ino = next++;
	}
	if (next - 1 > max)
		return err_set(x->err, -ENOSPC,
			       "the tree needs %" PRIu64 " inodes, the file system has %" PRIu64
			       ": raise `inodes` or `size` in the profile",
			       next - 1, max);
	return 0;
}

/* Seconds as ext4 has them: 32 bits, signed, and two more above these in the extra field. */
static void set_time(int64_t time_s, uint32_t *ret_low, uint32_t *ret_extra)
{
	*ret_low = (uint32_t)time_s;
	*ret_extra = (time_s - (int32_t)*ret_low) >> 32 & 3;
}

static void set_times(struct ext2_inode_large *inode, int64_t mtime_s, int64_t epoch_s)
{
	set_time(mtime_s, &inode->i_mtime, &inode->i_mtime_extra);
	set_time(mtime_s, &inode->i_atime, &inode->i_atime_extra);
	set_time(epoch_s, &inode->i_ctime, &inode->i_ctime_extra);
	set_time(epoch_s, &inode->i_crtime, &inode->i_crtime_extra);
}

/* Old numbers have eight bits each and their own form; the kernel tells them by the word. */
static void set_device(struct ext2_inode_large *inode, uint32_t major, uint32_t minor)
{
	if (major < 256 && minor < 256)
		inode->i_block[0] = major << 8 | minor;
	else
		inode->i_block[1] = (minor & 0xff) | major << 8 | (minor & ~0xffU) << 12;
}

static unsigned count_links(const struct dentry *e)
{
	unsigned count = 2;

	if (!S_ISDIR(e->node->mode))
		return e->node->link_count;
	for (const struct dentry *c = e->child; c; c = c->sibling)
		count += S_ISDIR(c->node->mode);
	return count > LINKS_MAX ? 1 : count;
}

static void fill_inode(const struct ext4 *x, const struct dentry *e, struct ext2_inode_large *inode)
{
	const struct node *n = e->node;

	*inode = (struct ext2_inode_large){
		.i_mode = n->mode,
		.i_uid = n->uid,
		.i_gid = n->gid,
		.i_links_count = count_links(e),
		.i_extra_isize = sizeof(*inode) - EXT2_GOOD_OLD_INODE_SIZE,
	};
	ext2fs_set_i_uid_high(*inode, n->uid >> 16);
	ext2fs_set_i_gid_high(*inode, n->gid >> 16);
	set_times(inode, n->mtime_s, x->spec->epoch_s);
}

static errcode_t write_regular(struct ext4 *x, const struct dentry *e,
			       struct ext2_inode_large *inode)
{
	errcode_t r = ext4_write_content(x, e, inode);

	return r ? r : ext2fs_inode_size_set(x->fs, EXT2_INODE(inode), e->node->size_bytes);
}

/* A short target is kept in the inode itself. */
static errcode_t write_symlink(struct ext4 *x, const struct dentry *e,
			       struct ext2_inode_large *inode)
{
	uint64_t len = e->node->size_bytes;

	if (len >= sizeof(inode->i_block))
		return write_regular(x, e, inode);
	memcpy(inode->i_block, e->node->target, len);
	return ext2fs_inode_size_set(x->fs, EXT2_INODE(inode), len);
}

static errcode_t write_device(struct ext4 *x, const struct dentry *e,
			      struct ext2_inode_large *inode)
{
	set_device(inode, e->node->major, e->node->minor);
	return 0;
}

static errcode_t write_nothing(struct ext4 *x, const struct dentry *e,
			       struct ext2_inode_large *inode)
{
	return 0;
}

static const struct {
	uint32_t type;
	errcode_t (*write)(struct ext4 *x, const struct dentry *e, struct ext2_inode_large *inode);
} types[] = {
	{S_IFREG, write_regular}, {S_IFDIR, ext4_write_dir}, {S_IFLNK, write_symlink},
	{S_IFCHR, write_device},  {S_IFBLK, write_device},   {S_IFIFO, write_nothing},
};

static errcode_t write_xattrs(struct ext4 *x, const struct node *n)
{
	struct ext2_xattr_handle *h;
	errcode_t e;

	if (!n->xattrs)
		return 0;
	e = ext2fs_xattrs_open(x->fs, n->ino, &h);
	if (e)
		return e;
	for (const struct xattr *a = n->xattrs; !e && a; a = a->next)
		e = ext2fs_xattr_set(h, a->name, a->value, a->len);
	ext2fs_xattrs_close(&h);
	return e;
}

static errcode_t write_node(struct ext4 *x, const struct dentry *entry)
{
	const struct node *n = entry->node;
	struct ext2_inode_large inode;
	errcode_t e = 0;

	fill_inode(x, entry, &inode);
	if (!fixed_ino(entry))
		ext2fs_inode_alloc_stats2(x->fs, n->ino, +1, S_ISDIR(n->mode));
	for (size_t i = 0; !e && i < ARRAY_SIZE(types); i++)
		if (types[i].type == (n->mode & S_IFMT))
			e = types[i].write(x, entry, &inode);
	if (!e)
		e = ext2fs_write_inode_full(x->fs, n->ino, EXT2_INODE(&inode), sizeof(inode));
	return e ? e : write_xattrs(x, n);
}

/* The root directory is written anew, for its order; lost+found stays as mke2fs made it. */
static int write_nodes(struct ext4 *x)
{
	errcode_t e = ext2fs_punch(x->fs, EXT2_ROOT_INO, NULL, NULL, 0, ~0ULL);

	if (e)
		return fail(x, e, "/");
	for (size_t i = 0; i < x->tree->count; i++) {
		const struct dentry *entry = x->tree->entries[i];

		if (entry->node->first != entry || entry->node->ino == EXT2_GOOD_OLD_FIRST_INO)
			continue;
		if (!S_ISDIR(entry->node->mode) && entry->node->link_count > LINKS_MAX)
			return err_set(x->err, -EMLINK, "%s: more than %d hard links", entry->path,
				       LINKS_MAX);
		e = write_node(x, entry);
		if (e)
			return fail(x, e, entry->path);
	}
	return 0;
}

static int open_fs(struct ext4 *x, int fd)
{
	char path[32], options[48];
	errcode_t e;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	snprintf(options, sizeof(options), "offset=%" PRIu64, x->spec->offset_bytes);
	e = ext2fs_open2(path, options, EXT2_FLAG_RW | EXT2_FLAG_64BITS, 0, 0, unix_io_manager,
			 &x->fs);
	if (!e)
		e = ext2fs_read_bitmaps(x->fs);
	if (e)
		return err_set(x->err, -EIO, "cannot open the file system: %s", error_message(e));
	x->fs->now = x->spec->epoch_s;
	return 0;
}

/* Writes bitmaps, group descriptors and superblocks. */
static int close_fs(struct ext4 *x)
{
	struct ext2_super_block *super = x->fs->super;
	errcode_t e;

	/* It counts what this library wrote; zero makes it stop counting. */
	super->s_kbytes_written = 0;
	/* Says how names are hashed; mke2fs takes what a char is on the host. */
	super->s_flags &= ~EXT2_FLAGS_UNSIGNED_HASH;
	super->s_flags |= EXT2_FLAGS_SIGNED_HASH;
	ext2fs_mark_super_dirty(x->fs);
	e = ext2fs_close_free(&x->fs);
	if (e)
		return err_set(x->err, -EIO, "cannot finish the file system: %s", error_message(e));
	return 0;
}

static void ext4_deinit(struct ext4 *x)
{
	if (x->fs)
		ext2fs_free(x->fs);
	free(x->chunk);
}

int ext4_populate(int fd, const struct ext4_spec *spec, const struct tree *tree,
		  const struct spool *spool, struct err *err)
{
	_cleanup_(ext4_deinit) struct ext4 x = {
		.spec = spec,
		.tree = tree,
		.spool = spool,
		.err = err,
		.chunk = malloc(EXT4_CHUNK_BLOCKS * EXT4_BLOCK_BYTES),
	};
	int r;

	if (!x.chunk)
		return err_oom(err);
	initialize_ext2_error_table();
	r = open_fs(&x, fd);
	if (r == 0)
		r = number_nodes(&x);
	if (r == 0)
		r = write_nodes(&x);
	return r < 0 ? r : close_fs(&x);
}
