/*
 * What the kernel says of a client's process, from anybody: the number is positive, or there is
 * none.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pwrapis/ownpid.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	pid_t pid = -1;
	int r;

	if (!text)
		abort();
	memcpy(text, data, size);
	text[size] = '\0';
	r = ownpid_parse(text, &pid);
	if (r == 0 ? pid <= 0 : r != -EBADMSG || pid != -1)
		abort();
	free(text);
	return 0;
}
