/*
 * What dpkg's database in a tree says of the tree: packages, and which path is whose.
 */
#ifndef IMAGER_DPKGDB_H
#define IMAGER_DPKGDB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "tree.h"

struct spool;

struct dpkgdb_package {
	char *name, *version, *architecture;
	bool installed;
};

struct dpkgdb_conffile {
	size_t package;
	char *path;
	uint8_t md5[TREE_MD5_LEN];
};

struct dpkgdb_diversion {
	char *from, *to, *package;
};

struct dpkgdb {
	struct dpkgdb_package *packages; /* in the order of the status file */
	size_t package_count;
	struct dpkgdb_conffile *conffiles; /* in the order of the packages */
	size_t conffile_count;
	struct dpkgdb_diversion *diversions;
	size_t diversion_count;
};

/*
 * Reads the database in /var/lib/dpkg of the tree, and notes in each entry who lists it and
 * whether its content is one recorded. The names in the entries belong to @db, which must live
 * as long. To be called before the tree is sealed.
 */
int dpkgdb_read(struct dpkgdb *db, struct tree *tree, const struct spool *spool, struct err *err);
void dpkgdb_deinit(struct dpkgdb *db);

#endif
