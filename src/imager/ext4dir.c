/*
 * Writing directories; see ext4int.h.
 *
 * A directory is a row of blocks that entries fill from the front: inode, length of the record,
 * length of the name, type, name. The last record of a block reaches up to its end, where a
 * record of twelve bytes with the checksum is. No index is made: the kernel reads such
 * directories as they are.
 */
#include "ext4int.h"

#include <string.h>
#include <sys/stat.h>

#include "base/def.h"
#include "tree.h"

#define RECORD_HEAD 8
#define RECORD_ALIGN 4

struct dir {
	struct ext4_map map;
	blk64_t block_count;
	size_t used; /* of the block being filled */
	struct ext2_dir_entry *last; /* in it */
	_Alignas(8) char block[EXT4_BLOCK_BYTES];
};

static const struct {
	uint32_t type;
	uint8_t code;
} codes[] = {
	{S_IFREG, EXT2_FT_REG_FILE}, {S_IFDIR, EXT2_FT_DIR},	{S_IFLNK, EXT2_FT_SYMLINK},
	{S_IFCHR, EXT2_FT_CHRDEV},   {S_IFBLK, EXT2_FT_BLKDEV}, {S_IFIFO, EXT2_FT_FIFO},
};

static int code_of(uint32_t mode)
{
	for (size_t i = 0; i < ARRAY_SIZE(codes); i++)
		if (codes[i].type == (mode & S_IFMT))
			return codes[i].code;
	return EXT2_FT_UNKNOWN;
}

/* Where the records end: the tail with the checksum is behind them. */
static size_t block_end(void)
{
	return EXT4_BLOCK_BYTES - sizeof(struct ext2_dir_entry_tail);
}

static errcode_t write_block(struct dir *d)
{
	ext2_filsys fs = d->map.x->fs;
	blk64_t physical, count;
	errcode_t e;

	d->last->rec_len += block_end() - d->used;
	ext2fs_initialize_dirent_tail(fs, (void *)(d->block + block_end()));
	e = ext4_map_add(&d->map, d->block_count, 1, &physical, &count);
	if (!e)
		e = ext2fs_write_dir_block4(fs, physical, d->block, 0, d->map.ino);
	d->block_count++;
	d->used = 0;
	memset(d->block, 0, sizeof(d->block));
	return e;
}

static errcode_t add(struct dir *d, ext2_ino_t ino, const char *name, int code)
{
	size_t len = strlen(name);
	size_t record = (RECORD_HEAD + len + RECORD_ALIGN - 1) / RECORD_ALIGN * RECORD_ALIGN;
	errcode_t e = d->used + record > block_end() ? write_block(d) : 0;

	d->last = (struct ext2_dir_entry *)(d->block + d->used);
	d->last->inode = ino;
	d->last->rec_len = record;
	ext2fs_dirent_set_name_len(d->last, len);
	ext2fs_dirent_set_file_type(d->last, code);
	memcpy(d->last->name, name, len);
	d->used += record;
	return e;
}

errcode_t ext4_write_dir(struct ext4 *x, const struct dentry *entry, struct ext2_inode_large *inode)
{
	const struct dentry *parent = entry->parent ? entry->parent : entry;
	struct dir d = {};
	errcode_t e = ext4_map_begin(&d.map, x, entry->node->ino, inode);

	if (!e)
		e = add(&d, entry->node->ino, ".", EXT2_FT_DIR);
	if (!e)
		e = add(&d, parent->node->ino, "..", EXT2_FT_DIR);
	for (const struct dentry *c = entry->child; !e && c; c = c->sibling)
		e = add(&d, c->node->ino, c->name, code_of(c->node->mode));
	if (!e)
		e = write_block(&d);
	e = ext4_map_end(&d.map, e);
	return e ? e
		 : ext2fs_inode_size_set(x->fs, EXT2_INODE(inode),
					 d.block_count * EXT4_BLOCK_BYTES);
}
