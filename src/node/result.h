/*
 * The result of the probe, as it is read from its file (README.md has the format).
 */
#ifndef NODE_RESULT_H
#define NODE_RESULT_H

#include <stddef.h>
#include <stdint.h>

#include "node/finding.h"
#include "node/machine.h"

enum { RESULT_BYTES_MAX = 256 * 1024, RESULT_POWERS_MAX = 256 };

struct result {
	uint64_t started_ns; /* CLOCK_BOOTTIME */
	uint64_t probed_ns; /* CLOCK_REALTIME */
	struct finding *findings[RESULT_POWERS_MAX]; /* by place in powers.h; NULL: not tried */
};

/*
 * Parses @len bytes. -EBADMSG when they are not a result, -ESTALE when it is of another boot than
 * @boot_id, -ENOMEM, in place of which -EBADMSG may come, too.
 */
int result_parse(const char *text, size_t len, const char *boot_id, struct result **ret_result);

/* Reads the machine's. -ENOENT when there is none; else as above, or another errno of the file. */
int result_read(const struct machine *m, struct result **ret_result);

void result_free(struct result *r);
void result_free_p(struct result **r);

#endif
