/*
 * Where each path of an image comes from.
 *
 *   package:NAME   a package lists it (of several, the first by name)
 *   script:NAME    a rule says that the package's maintainer script makes it
 *   trigger:NAME   a rule says that the package's trigger makes it
 *   step:NAME      a step of the assembly makes it; step:tree is the profile's own tree/,
 *                  step:mke2fs the directory lost+found
 *
 * A package's file whose content is not the one the package was built with has a second origin
 * behind a comma, from a rule; one whose content a rule leaves out has `,empty:NAME` there.
 */
#ifndef IMAGER_ORIGIN_H
#define IMAGER_ORIGIN_H

#include <stdint.h>

#include "err.h"

struct rules;
struct tree;

/* Marks what the rules drop, empties what they empty, and enters lost+found, of @epoch_s. Before
 * the tree is sealed. */
int origin_trim(struct tree *tree, struct rules *rules, int64_t epoch_s, struct err *err);

/*
 * Sets the origin of every entry of a sealed tree. Paths without one are printed to stderr (the
 * first 50), with why; then -EPERM.
 */
int origin_assign(struct tree *tree, struct rules *rules, struct err *err);

#endif
