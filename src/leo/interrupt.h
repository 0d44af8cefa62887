/*
 * Ctrl-C while leo waits for a service: it ends the waiting, and not leo in the middle of a line.
 */
#ifndef LEO_INTERRUPT_H
#define LEO_INTERRUPT_H

#include <stdbool.h>

/* From now on Ctrl-C makes waiting end with EINTR. Calls do not nest. */
void interrupt_begin(void);
void interrupt_end(void);

/* Whether Ctrl-C was pressed since interrupt_begin(). */
bool interrupt_seen(void);

#endif
