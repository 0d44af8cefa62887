/*
 * Fuzzes what is read of /proc/stat: usage is a share whatever it says.
 */
#include <stdlib.h>
#include <string.h>

#include "pwrapis/sched/load.h"

enum { CPUS = 64 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	unsigned long words[BITMAP_WORDS(CPUS)];
	struct bitmap cpus;
	struct load none = {}, load = {};
	char *text = malloc(len + 1);
	double usage;

	if (!text)
		return 0;
	memcpy(text, bytes, len);
	text[len] = '\0';
	bitmap_init(&cpus, words, CPUS);
	bitmap_set_range(&cpus, 0, CPUS / 2);
	if (load_parse(text, &cpus, &load) == 0) {
		usage = load_usage(&none, &load);
		if (usage != -1 && !(usage >= 0 && usage <= 1))
			abort();
	}
	free(text);
	return 0;
}
