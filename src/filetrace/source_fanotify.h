/*
 * The source "fanotify"; see source.h.
 */
#ifndef FILETRACE_SOURCE_FANOTIFY_H
#define FILETRACE_SOURCE_FANOTIFY_H

#include "filetrace/source.h"

extern const struct source_ops source_fanotify;

#endif
