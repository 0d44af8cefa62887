/*
 * The program in the kernel that tells of each process that has ended, and the ring that it tells
 * it in. It is there from ends_open() to ends_close().
 */
#ifndef PWRAPIS_PROBE_ENDS_H
#define PWRAPIS_PROBE_ENDS_H

struct ends;

/* -EOPNOTSUPP where the kernel refuses it or has no type information. */
int ends_open(struct ends **ret_ends);
void ends_close(struct ends *e);

/* The map of the ring, borrowed. */
int ends_fd(const struct ends *e);

#endif
