/*
 * The result of all trials, as the file that the daemon reads; README.md has its format.
 */
#ifndef NODE_PROBE_REPORT_H
#define NODE_PROBE_REPORT_H

#include <jansson.h>
#include <stdbool.h>

#include "node/probe/trial.h"

/*
 * Makes the trials named in the NULL-terminated @names, or all when there are none, one after the
 * other for at most @limit_ns altogether; those left then are "unknown". *@ret_report is the
 * caller's. -ENOENT with *@ret_unknown set when there is no such trial.
 */
int report_make(char *const *names, uint64_t limit_ns, json_t **ret_report,
		const char **ret_unknown);

#endif
