/*
 * Where the numbers of this machine come from: so that nobody takes watts of a model for watts.
 */
#ifndef PWRAPIS_MACHINE_LEVEL_H
#define PWRAPIS_MACHINE_LEVEL_H

#include <stdbool.h>

struct machine;

/*
 * "simulated plant": files of power are served by a program (FUSE); "files": the root is another
 * one than that of the system; "virtual machine"; "hardware". @own_root: whether the root is the
 * system's. What cannot be read says nothing; needs no right.
 */
const char *level_of(const struct machine *m, bool own_root);

#endif
