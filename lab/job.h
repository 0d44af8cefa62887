/*
 * A command that the agent runs: one stream of the link.
 *
 * The job owns its pipes and reports everything about itself over the link: data within the
 * windows that the host granted, the ends of its channels and, last, its exit.
 */
#ifndef LAB_JOB_H
#define LAB_JOB_H

#include <sys/types.h>

#include "lab/link.h"

struct job {
	struct link *link; /* borrowed */
	uint16_t stream;
	pid_t pid; /* 0 until started */
	bool exited;
	uint32_t exit_kind, exit_value;
	int fds[LAB_CHANNEL_COUNT]; /* our ends of the pipes, -1 when closed */
	uint32_t window[LAB_CHANNEL_COUNT]; /* may still arrive (0), may still be sent (1, 2) */
	size_t left[LAB_CHANNEL_COUNT]; /* what an ended command left to be sent */
	uint32_t owed; /* taken from channel 0, not yet granted again */
	bool in_eof;
	struct queue in, exec;
};

int job_new(struct link *link, uint16_t stream, struct job **ret_job);

/* Kills what still runs. */
void job_free(struct job *j);

/* A frame of the job's stream. A command that cannot start is an exit, not an error. */
int job_handle(struct job *j, const struct lab_frame *f);

/* The command ended with @status, as from waitpid(2). */
void job_exited(struct job *j, int status);

/* Sends what an ended command left in its pipes; true once the job has said its last word. */
int job_finish(struct job *j, bool *ret_done);

void job_poll(struct job *j, struct pollset *ps);

#endif
