/*
 * The list of what is in an image; README.md has the format.
 */
#ifndef IMAGER_MANIFEST_H
#define IMAGER_MANIFEST_H

#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "uuid.h"

struct dpkgdb;
struct profile;
struct tree;

struct manifest {
	char *body; /* all but the name of the profile and the identities, which follow from it */
	size_t body_len;
	struct uuid disk, partition, filesystem, hash_seed;
};

/* Describes a sealed tree whose origins are assigned, and derives the identities of its image. */
int manifest_make(struct manifest *m, const struct tree *tree, const struct dpkgdb *db,
		  const struct profile *profile, int64_t epoch_s, struct err *err);
void manifest_deinit(struct manifest *m);

/* Writes the whole manifest to @fd. */
int manifest_write(const struct manifest *m, const struct profile *profile, int fd);

#endif
