/*
 * The single sources, for the table of them all.
 */
#ifndef FILETRACE_SOURCES_H
#define FILETRACE_SOURCES_H

#include "filetrace/source.h"

extern const struct source_ops source_lsm, source_tracepoint, source_fanotify;

#endif
