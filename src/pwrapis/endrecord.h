/*
 * What the program in the kernel tells of a process that has ended (probe/ends.bpf.c), as it stands
 * in the ring. Included by that program, too, so that nothing of libc is in here.
 */
#ifndef PWRAPIS_ENDRECORD_H
#define PWRAPIS_ENDRECORD_H

/* A process that was waited for: nothing of it is in /proc any more. */
struct probe_end {
	unsigned int pid, uid;
	unsigned long long start_ns; /* since boot, as start_boottime of the kernel */
	unsigned long long runtime_ns; /* of all its threads */
	/* The id in the unified hierarchy: the number of its folder's inode. */
	unsigned long long cgroup;
	unsigned int lost; /* ends for which there was no room, since the program was loaded */
	unsigned int reserved;
	char comm[16]; /* bytes, with an end */
};

_Static_assert(sizeof(struct probe_end) == 56, "the program in the kernel means the same");

#endif
