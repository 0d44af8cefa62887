/*
 * Shared by the ext4*.c files only: the file system while it is being filled.
 *
 * Blocks are taken one behind the other from the start of the file system, in the order of the
 * paths; so are inodes. Nothing else decides where something lies.
 */
#ifndef IMAGER_EXT4INT_H
#define IMAGER_EXT4INT_H

#include <ext2fs/ext2_fs.h>
#include <ext2fs/ext2fs.h>

#include "ext4.h"

#define EXT4_CHUNK_BLOCKS 256 /* of content that is copied at a time */

struct dentry;

struct ext4 {
	ext2_filsys fs;
	const struct ext4_spec *spec;
	const struct tree *tree;
	const struct spool *spool;
	struct err *err;
	blk64_t goal; /* behind the block taken last */
	char *chunk; /* EXT4_CHUNK_BLOCKS of memory */
};

/* An inode while blocks are added to it, in the order of the file. */
struct ext4_map {
	struct ext4 *x;
	ext2_ino_t ino;
	struct ext2_inode_large *inode;
	ext2_extent_handle_t extents;
	struct ext2fs_extent pending; /* e_len is 0 when there is none */
};

/* All of these return an error of libext2fs, or 0. */
errcode_t ext4_map_begin(struct ext4_map *m, struct ext4 *x, ext2_ino_t ino,
			 struct ext2_inode_large *inode);
/* Takes 1 to @want blocks for the file's block @logical on. */
errcode_t ext4_map_add(struct ext4_map *m, blk64_t logical, blk64_t want, blk64_t *ret_physical,
		       blk64_t *ret_count);
/* Must follow ext4_map_begin() also on failure; the inode remains to be written. */
errcode_t ext4_map_end(struct ext4_map *m, errcode_t failed);

errcode_t ext4_write_content(struct ext4 *x, const struct dentry *e,
			     struct ext2_inode_large *inode);
errcode_t ext4_write_dir(struct ext4 *x, const struct dentry *e, struct ext2_inode_large *inode);

#endif
