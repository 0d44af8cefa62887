/*
 * What is looked at before any map: an array of bits over keys, hashed. A bit that is not set means
 * that the inode, or the directory, is not under watch; one that is set means nothing. The daemon
 * and the programs set bits, and nobody ever clears one.
 */
#ifndef FILETRACE_FILTER_H
#define FILETRACE_FILTER_H

enum { FT_FILTER_BITS = 20, FT_FILTER_WORDS = 1 << (FT_FILTER_BITS - 6) };

/* The upper bits of the product are the good ones. */
static inline __u32 ft_filter_bit(__u64 ino, __u32 dev)
{
	return (ino + dev * 0xc2b2ae3d27d4eb4fULL) * 0x9e3779b97f4a7c15ULL >> (64 - FT_FILTER_BITS);
}

/* The key of the file that the daemon showed the kernel: fcntl(fd, F_GETFD, token). */
struct ft_shown {
	struct ft_key key;
	__u32 igeneration;
	__u32 count; /* grows with each */
};

#endif
