/*
 * Everything a machine tells about power, as text.
 */
#ifndef PWRAPIS_MACHINE_LISTING_H
#define PWRAPIS_MACHINE_LISTING_H

#include <stdio.h>

#include "pwrapis/machine.h"

/* Its processors, then a line for each item and value; instances that stand next to each other and
 * say the same share one. What cannot be read is the name of the error. */
void listing_print(struct machine *m, FILE *out);

/* The table of items, as it stands in the README. */
void listing_print_table(FILE *out);

#endif
