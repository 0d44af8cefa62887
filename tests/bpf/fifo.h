/*
 * What fifo.bpf.c and the program that loads it agree on.
 */
#ifndef TESTS_BPF_FIFO_H
#define TESTS_BPF_FIFO_H

/* Processes whose scheduling is watched. */
enum { FIFO_WATCHED = 4 };

/* scx_exit_info.kind when user space unloads a scheduler (SCX_EXIT_UNREG). */
enum { FIFO_EXIT_UNLOADED = 64 };

#endif
