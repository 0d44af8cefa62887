/*
 * The results of a build: files that appear under their names whole, or not at all.
 *
 * They are written beside their final names, as NAME.tmp, and renamed at the end. On failure and
 * on SIGINT, SIGTERM and SIGHUP the temporary files are removed; what a killed build left of them
 * the next one replaces. One build at a time works in a directory.
 */
#ifndef IMAGER_OUTPUT_H
#define IMAGER_OUTPUT_H

#include "err.h"

enum output_file { OUTPUT_MANIFEST, OUTPUT_IMAGE, OUTPUT_FILE_COUNT };

struct output {
	int dirfd;
	int fds[OUTPUT_FILE_COUNT];
};

#define OUTPUT_INIT {.dirfd = -1, .fds = {-1, -1}}

/* Opens the directory @path, which it makes if missing, and locks it. Only one at a time. */
int output_open(struct output *o, const char *path, struct err *err);

/* Starts the temporary files. */
int output_create(struct output *o, struct err *err);

/* Syncs and renames them: the image last. */
int output_publish(struct output *o, struct err *err);

/* Removes what was not published. */
void output_close(struct output *o);

#endif
