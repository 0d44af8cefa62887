/*
 * Loading the programs of the source "lsm" (bpf/lsm.bpf.c): for this kernel, attached, and told of
 * the processes that are there.
 */
#ifndef FILETRACE_LSM_LOAD_H
#define FILETRACE_LSM_LOAD_H

#include "filetrace/source.h"
#include "filetrace/bpf/filter.h"
#include "filetrace/bpf/lsm.skel.h"

/* -EOPNOTSUPP when this kernel does not take them, with *@ret_reason as of source_ops. */
int lsm_load(const struct source_config *config, struct lsm_bpf **ret_skel,
	     const char **ret_reason);
void lsm_unload_p(struct lsm_bpf **skel);

/* The object as it is in this program: what it is pinned under is named by it. */
const void *lsm_object(size_t *ret_len);

#endif
