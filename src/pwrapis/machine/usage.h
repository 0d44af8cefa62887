/*
 * How busy processors are, as a subtraction: nobody waits for half a second to be told.
 *
 * Samples of /proc/stat are kept, some hundred milliseconds apart, for some seconds. A reading
 * takes the times of now and subtracts the youngest sample that is old enough. Time is
 * CLOCK_MONOTONIC in nanoseconds, handed in. One thread.
 */
#ifndef PWRAPIS_MACHINE_USAGE_H
#define PWRAPIS_MACHINE_USAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { USAGE_CPUS_MAX = 8192, USAGE_TIMES = 8 };

/* Times of one processor, in ticks: user, nice, system, idle, iowait, irq, softirq, steal. */
struct usage_times {
	uint64_t ticks[USAGE_TIMES];
	bool present;
};

struct usage;

/* @root_fd is borrowed. -ENOENT when there is no /proc/stat. */
int usage_new(int root_fd, struct usage **ret_usage);
/* How far samples are apart at least; 250 ms unless it is said. Eight of them are kept. */
void usage_set_step(struct usage *u, uint64_t step_ns);
void usage_free(struct usage *u);
void usage_free_p(struct usage **u);

/* Keeps a sample, if the last one is long enough ago. */
int usage_sample(struct usage *u, uint64_t now_ns);

/*
 * How busy each processor was, from 0 to 1, since the youngest sample that is @window_ns old or
 * older: @cpus by their numbers, -1 for one that is not on line, or was not, or has no tick since.
 * @ret_count is one more than the highest number, at most @room. @ret_average is of all that are
 * known. Keeps a sample as well. -EAGAIN when there is no sample that old, -ENODATA when nothing is
 * known of any processor.
 */
int usage_read(struct usage *u, uint64_t now_ns, uint64_t window_ns, double *cpus, size_t room,
	       double *ret_average, size_t *ret_count);

/* The same since the boot: for whoever asks before there is a sample. */
int usage_read_boot(struct usage *u, double *cpus, size_t room, double *ret_average,
		    size_t *ret_count);

/*
 * Times in the text of /proc/stat, by numbers of processors: @ret_count is one more than the
 * highest. Lines of other things are passed over. -EBADMSG for a line of a processor that is none,
 * -ERANGE for a number over the bound; @times may be changed then.
 */
int usage_parse(const char *text, struct usage_times times[USAGE_CPUS_MAX], size_t *ret_count);

#endif
