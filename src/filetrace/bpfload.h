/*
 * What the sources with programs in the kernel do alike when they load them.
 */
#ifndef FILETRACE_BPFLOAD_H
#define FILETRACE_BPFLOAD_H

#include <bpf/libbpf.h>
#include <stdint.h>

/* Before anything else: the library has no messages of its own, for a reason is told instead. */
void bpfload_begin(void);

/* After a failure of the library: -ENOMEM, or -EOPNOTSUPP for what the kernel refuses. */
int bpfload_refused(void);

/* Where ids of images begin: behind those that another load may have given in this boot, which are
 * fewer than one in a nanosecond. */
uint64_t bpfload_first_image(void);

/*
 * Tells the programs of the processes that are there, by the iterator @iter (bpf/process.bpf.h). A
 * process that was forked by one that they did not know yet is found in a second turn; parents are
 * told last, when all are known: *@late_links, shared with the programs, says that.
 */
int bpfload_processes(const struct bpf_program *iter, uint32_t *late_links);

#endif
