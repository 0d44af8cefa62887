/*
 * One lab: a guest with a name, and the loop that serves it and its control socket.
 */
#ifndef LAB_LAB_H
#define LAB_LAB_H

#include "lab/artifacts.h"
#include "lab/guest.h"
#include "lab/loop.h"
#include "lab/relay.h"

struct lab {
	const struct options *options;
	struct artifacts artifacts;
	struct loop loop;
	struct guest guest;
	struct relay *relay;
	int directory_fd;
	char *name; /* claimed; NULL before */
	bool started;
};

/* The statuses that are the lab's own. */
enum { LAB_STATUS_USAGE = 2, LAB_STATUS_TIMEOUT = 124, LAB_STATUS_KILLED = 125 };

int lab_init(struct lab *lab, const struct options *o);

/* Kills the guest and gives the name free. */
void lab_deinit(struct lab *lab);

/*
 * Starts a guest with @image, which has no file for a kernel alone, and waits until a command can
 * run in it: for its agent and, with a disk that has been booted before, for the end of the boot.
 */
int lab_start(struct lab *lab, const struct option_drive *image);

/* Says on standard error what the error @r of a running lab was, and returns its status. */
int lab_explain(struct lab *lab, int r);

/* lab-run --prepare: a status. */
int lab_prepare(struct lab *lab);

#endif
