/*
 * Fuzzes what a guest can send to the board's controller of the lab, in two pieces.
 */
#include <assert.h>
#include <stdlib.h>

#include "lab/bmc.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	size_t first = len ? bytes[0] % len : 0;
	struct bmc b;

	if (bmc_init(&b) < 0 || bmc_feed(&b, bytes, first) < 0 ||
	    bmc_feed(&b, bytes + first, len - first) < 0)
		abort();
	/* No request is shorter than five bytes, no reply longer than two for each of its own. */
	assert(b.out.len <= 8 + len / 5 * 80);
	assert(b.in_len <= BMC_MESSAGE_MAX);
	assert(!b.limit.watts ||
	       (b.limit.watts >= BMC_LIMIT_MIN_W && b.limit.watts <= BMC_LIMIT_MAX_W));
	bmc_deinit(&b);
	return 0;
}
