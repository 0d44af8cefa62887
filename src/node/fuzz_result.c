/*
 * Fuzzing result.c: a result holds texts that end, for trials only.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "node/finding.h"
#include "node/powers.h"
#include "node/result.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A small table in place of powers.c, whose readers have nothing to do with this. */
int powers_find_trial(const char *name)
{
	return strcmp(name, "kvm") == 0 ? 0 : strcmp(name, "tun") == 0 ? 1 : -1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct result *r;

	if (result_parse((const char *)data, size, "boot", &r) < 0)
		return 0;
	for (size_t i = 0; i < RESULT_POWERS_MAX; i++) {
		const struct finding *f = r->findings[i];

		if (f && (i > 1 || strlen(f->detail) >= sizeof(f->detail) ||
			  strlen(f->evidence) >= sizeof(f->evidence) || f->state > POWER_NO))
			abort();
	}
	result_free(r);
	return 0;
}
