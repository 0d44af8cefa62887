/*
 * Running mke2fs; see ext4.h.
 *
 * Nothing of the host goes into its result: features, sizes and identities are all said on the
 * command line, there is no configuration file, the environment has what is listed here only, and
 * the clock is the epoch. The image is passed as descriptor 3, so that no name can mislead it.
 */
#include "ext4.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "base/def.h"

#define IMAGE_FD 3
#define RESERVED_PERCENT "1"

/* "none" first: what mke2fs would take by itself is left out. */
static const char features[] =
	"none,has_journal,ext_attr,resize_inode,dir_index,filetype,extent,64bit,flex_bg,"
	"sparse_super,large_file,huge_file,dir_nlink,extra_isize,metadata_csum";

static const char *const programs[] = {"/usr/sbin/mke2fs", "/sbin/mke2fs", "mke2fs"};

struct command {
	char inode_bytes[16], block_bytes[16], inodes[24], blocks[24];
	char uuid[UUID_TEXT_LEN + 1], extended[256];
	char fake_time[64];
};

static void format(struct command *c, const struct ext4_spec *spec)
{
	char seed[UUID_TEXT_LEN + 1];

	uuid_format(&spec->uuid, c->uuid);
	uuid_format(&spec->hash_seed, seed);
	snprintf(c->block_bytes, sizeof(c->block_bytes), "%d", EXT4_BLOCK_BYTES);
	snprintf(c->inode_bytes, sizeof(c->inode_bytes), "%d", EXT4_INODE_BYTES);
	snprintf(c->inodes, sizeof(c->inodes), "%" PRIu64,
		 spec->inodes ? spec->inodes : spec->size_bytes / 16384);
	snprintf(c->blocks, sizeof(c->blocks), "%" PRIu64, spec->size_bytes / EXT4_BLOCK_BYTES);
	/* The file is fresh: its inode tables and its journal are zeroes without being written. */
	snprintf(c->extended, sizeof(c->extended),
		 "offset=%" PRIu64 ",hash_seed=%s,root_owner=0:0,nodiscard,"
		 "assume_storage_prezeroed=1",
		 spec->offset_bytes, seed);
	snprintf(c->fake_time, sizeof(c->fake_time), "E2FSPROGS_FAKE_TIME=%" PRId64, spec->epoch_s);
}

static int spawn(int fd, const struct command *c, const char *label, pid_t *ret_pid)
{
	/* -T: a usage of which no configuration says anything, or the size would choose one. */
	const char *argv[] = {
		"mke2fs",	"-q", "-F",	 "-t", "ext4",		 "-T",
		"default",	"-O", features,	 "-b", c->block_bytes,	 "-I",
		c->inode_bytes, "-N", c->inodes, "-m", RESERVED_PERCENT, "-U",
		c->uuid,	"-L", label,	 "-E", c->extended,	 "/proc/self/fd/3",
		c->blocks,	NULL};
	const char *env[] = {"MKE2FS_CONFIG=/dev/null",
			     "MKE2FS_SYNC=0",
			     "LC_ALL=C.UTF-8",
			     "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
			     c->fake_time,
			     NULL};
	posix_spawn_file_actions_t actions;
	int r = posix_spawn_file_actions_init(&actions);

	if (r)
		return -r;
	r = posix_spawn_file_actions_adddup2(&actions, fd, IMAGE_FD);
	if (!r)
		r = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	if (!r)
		r = posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	for (size_t i = 0; !r && i < ARRAY_SIZE(programs); i++) {
		r = posix_spawnp(ret_pid, programs[i], &actions, NULL, (char **)argv, (char **)env);
		if (r != ENOENT)
			break;
		r = i + 1 < ARRAY_SIZE(programs) ? 0 : r;
	}
	posix_spawn_file_actions_destroy(&actions);
	return -r;
}

static int wait_for(pid_t pid, struct err *err)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return err_errno(err, -errno, "cannot wait for mke2fs");
	if (WIFSIGNALED(status))
		return err_set(err, -EIO, "mke2fs was ended by signal %d", WTERMSIG(status));
	if (WEXITSTATUS(status))
		return err_set(err, -EIO, "mke2fs failed (%d): see above", WEXITSTATUS(status));
	return 0;
}

int ext4_make(int fd, const struct ext4_spec *spec, struct err *err)
{
	struct command c;
	pid_t pid;
	int r;

	format(&c, spec);
	r = spawn(fd, &c, spec->label, &pid);
	if (r < 0)
		return err_errno(err, r, "cannot run mke2fs (package e2fsprogs)");
	return wait_for(pid, err);
}
