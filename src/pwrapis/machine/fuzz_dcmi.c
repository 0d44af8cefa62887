/*
 * Fuzzing replies of DCMI: what is taken for a reading is one.
 */
#include "pwrapis/machine/dcmi.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dcmi_power power;
	struct dcmi_limit limit;

	if (dcmi_parse_power(data, size, &power) == 0 &&
	    !(power.now_watts >= 0 && power.now_watts <= 65535 && power.period_seconds >= 0))
		abort();
	if (dcmi_parse_limit(data, size, &limit) == 0 &&
	    !(limit.watts >= 0 && limit.watts <= 65535))
		abort();
	if (dcmi_parse_set(data, size) == 0 && size < 2)
		abort();
	return 0;
}
