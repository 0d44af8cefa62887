/*
 * Fuzzing what takes the lines of files apart: numbers, words, names, lists, models.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/def.h"
#include "pwrapis/machine/cpuinfo.h"
#include "pwrapis/machine/cpulist.h"
#include "pwrapis/machine/source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_plain(const char *text)
{
	for (; *text; text++)
		if (*text < ' ' || *text > '~')
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *text = malloc(size + 1);
	char model[CPUINFO_TEXT_BYTES], name[POWER_NAME_BYTES];
	struct cpulist list;
	int64_t number;
	int n;

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	source_parse_number(text, &number);
	source_has_word(text, "none");
	source_has_word("a [b] c", text);
	n = machine_numbered(text, "policy", MACHINE_CPUS_MAX);
	if (n < -1 || n >= MACHINE_CPUS_MAX)
		abort();
	machine_plain_name(text, name);
	check_plain(name);
	cpuinfo_parse_model(text, model);
	check_plain(model);
	if (cpulist_parse(text, &list) == 0 && bitmap_count(&list.map) > CPULIST_MAX)
		abort();
	return 0;
}
