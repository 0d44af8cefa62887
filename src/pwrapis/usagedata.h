/*
 * Usage of processors as the published structure has it.
 */
#ifndef PWRAPIS_USAGEDATA_H
#define PWRAPIS_USAGEDATA_H

#include <stddef.h>
#include <stdint.h>

#include "pwrapis/machine/usage.h"

struct pwrapis;

/*
 * Over the last second; of a machine that was not looked at for so long, since the first look; the
 * published structure stands behind @before bytes of zeroes. Processors of which nothing is known
 * are left out. The data are the caller's. -ENODATA, -ENOMEM, or what reading failed with.
 */
int usage_data(struct pwrapis *p, size_t before, void **ret_data, size_t *ret_len);

#endif
