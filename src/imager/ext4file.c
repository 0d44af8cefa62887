/*
 * Blocks and extents, and the contents of files; see ext4int.h.
 *
 * Blocks of zeroes are not stored: they become holes. So the image depends on what the files
 * contain, and not on how the archive happened to write it down.
 */
#include "ext4int.h"

#include <stdbool.h>
#include <string.h>

#include "base/def.h"
#include "spool.h"
#include "tree.h"

#define EXTENT_BLOCKS_MAX 32768 /* ext4: a longer one means "unwritten" */

errcode_t ext4_map_begin(struct ext4_map *m, struct ext4 *x, ext2_ino_t ino,
			 struct ext2_inode_large *inode)
{
	errcode_t e;

	*m = (struct ext4_map){.x = x, .ino = ino, .inode = inode};
	inode->i_flags |= EXT4_EXTENTS_FL;
	/* The extent code rewrites the inode as it goes: it must be there. */
	e = ext2fs_write_inode_full(x->fs, ino, EXT2_INODE(inode), sizeof(*inode));
	return e ? e : ext2fs_extent_open2(x->fs, ino, EXT2_INODE(inode), &m->extents);
}

static errcode_t flush(struct ext4_map *m)
{
	errcode_t e;

	if (!m->pending.e_len)
		return 0;
	e = ext2fs_extent_insert(m->extents, EXT2_EXTENT_INSERT_AFTER, &m->pending);
	if (!e)
		e = ext2fs_extent_fix_parents(m->extents);
	m->pending.e_len = 0;
	return e;
}

/* Lengthens the extent that waits, or lets it go and starts the next. */
static errcode_t extend(struct ext4_map *m, blk64_t logical, blk64_t physical, blk64_t count)
{
	struct ext2fs_extent *p = &m->pending;
	errcode_t e;

	if (p->e_len && p->e_lblk + p->e_len == logical && p->e_pblk + p->e_len == physical &&
	    p->e_len + count <= EXTENT_BLOCKS_MAX) {
		p->e_len += count;
		return 0;
	}
	e = flush(m);
	*p = (struct ext2fs_extent){.e_lblk = logical, .e_pblk = physical, .e_len = count};
	return e;
}

errcode_t ext4_map_add(struct ext4_map *m, blk64_t logical, blk64_t want, blk64_t *ret_physical,
		       blk64_t *ret_count)
{
	ext2_filsys fs = m->x->fs;
	blk64_t physical, count;
	errcode_t e;

	e = ext2fs_new_range(fs, 0, m->x->goal, want, NULL, &physical, &count);
	if (e)
		return e;
	if (count > want)
		count = want;
	ext2fs_block_alloc_stats_range(fs, physical, count, +1);
	m->x->goal = physical + count;
	e = ext2fs_iblk_add_blocks(fs, EXT2_INODE(m->inode), count);
	if (!e)
		e = extend(m, logical, physical, count);
	if (e)
		return e;
	*ret_physical = physical;
	*ret_count = count;
	return 0;
}

errcode_t ext4_map_end(struct ext4_map *m, errcode_t failed)
{
	errcode_t e = failed ? failed : flush(m);

	ext2fs_extent_free(m->extents);
	return e;
}

/* Writes @count blocks of content that are not zero. */
static errcode_t write_run(struct ext4_map *m, blk64_t logical, const char *data, blk64_t count)
{
	while (count) {
		blk64_t physical, n;
		errcode_t e = ext4_map_add(m, logical, count, &physical, &n);

		if (!e)
			e = io_channel_write_blk64(m->x->fs->io, physical, n, data);
		if (e)
			return e;
		logical += n;
		data += n * EXT4_BLOCK_BYTES;
		count -= n;
	}
	return 0;
}

static bool is_zero(const char *block)
{
	return block[0] == 0 && memcmp(block, block + 1, EXT4_BLOCK_BYTES - 1) == 0;
}

/* Writes what is not zero of @count blocks in the chunk. */
static errcode_t write_chunk(struct ext4_map *m, blk64_t logical, blk64_t count)
{
	const char *data = m->x->chunk;
	blk64_t start = 0;

	while (start < count) {
		bool hole = is_zero(data + start * EXT4_BLOCK_BYTES);
		blk64_t end = start + 1;
		errcode_t e = 0;

		while (end < count && is_zero(data + end * EXT4_BLOCK_BYTES) == hole)
			end++;
		if (!hole)
			e = write_run(m, logical + start, data + start * EXT4_BLOCK_BYTES,
				      end - start);
		if (e)
			return e;
		start = end;
	}
	return 0;
}

/* A symbolic link whose target is too long for the inode is content as well. */
static errcode_t read_chunk(struct ext4 *x, const struct node *n, uint64_t offset, size_t len)
{
	size_t rounded = (len + EXT4_BLOCK_BYTES - 1) / EXT4_BLOCK_BYTES * EXT4_BLOCK_BYTES;

	memset(x->chunk + len, 0, rounded - len);
	if (n->target) {
		memcpy(x->chunk, n->target + offset, len);
		return 0;
	}
	return -spool_read(x->spool, n, offset, x->chunk, len);
}

errcode_t ext4_write_content(struct ext4 *x, const struct dentry *entry,
			     struct ext2_inode_large *inode)
{
	const uint64_t max = EXT4_CHUNK_BLOCKS * EXT4_BLOCK_BYTES;
	const struct node *n = entry->node;
	struct ext4_map m;
	errcode_t e = ext4_map_begin(&m, x, n->ino, inode);

	for (uint64_t done = 0; !e && done < n->size_bytes; done += max) {
		uint64_t len = n->size_bytes - done < max ? n->size_bytes - done : max;

		e = read_chunk(x, n, done, len);
		if (!e)
			e = write_chunk(&m, done / EXT4_BLOCK_BYTES,
					(len + EXT4_BLOCK_BYTES - 1) / EXT4_BLOCK_BYTES);
	}
	return ext4_map_end(&m, e);
}
