/*
 * What is looked at before any map: an array of bits over the last digits of inode numbers. A bit
 * that is not set means that the inode, or the directory, is not under watch; one that is set means
 * nothing. The daemon and the programs set bits, and nobody ever clears one.
 *
 * This look is what everybody pays who has nothing under watch. A device in it would cost two reads
 * of the kernel's memory more, each of eight instructions, to save a few files of other file
 * systems a look at a map: the first directory of a tmpfs has the number of ext4's root, and files
 * made in it cost 3 % more than elsewhere (README).
 */
#ifndef FILETRACE_FILTER_H
#define FILETRACE_FILTER_H

enum { FT_FILTER_BITS = 20, FT_FILTER_WORDS = 1 << (FT_FILTER_BITS - 6) };

static inline __u32 ft_filter_bit(__u64 ino)
{
	return ino & ((1U << FT_FILTER_BITS) - 1);
}

static inline _Bool ft_filter_has(const __u64 filter[FT_FILTER_WORDS], __u64 ino)
{
	__u32 bit = ft_filter_bit(ino);

	return filter[bit >> 6] >> (bit & 63) & 1;
}

static inline void ft_filter_add(__u64 filter[FT_FILTER_WORDS], __u64 ino)
{
	__u32 bit = ft_filter_bit(ino);

	__sync_fetch_and_or(&filter[bit >> 6], 1ULL << (bit & 63));
}

/* The key of the file that the daemon showed the kernel: fcntl(fd, F_GETFD, token). */
struct ft_shown {
	struct ft_key key;
	__u32 igeneration;
	__u32 count; /* grows with each */
};

#endif
