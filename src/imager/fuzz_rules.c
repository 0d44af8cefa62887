/*
 * Fuzzing rules.c and glob.c: the input is a rules file; the last line of it is also the path
 * that every rule is tried on.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/def.h"
#include "rules.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *text = malloc(size + 1), *path = NULL;
	struct rules rules = {};
	struct err err;

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	path = strdup(strrchr(text, '\n') ? strrchr(text, '\n') + 1 : text);
	if (path && rules_parse(&rules, text, "fuzz", false, &err) == 0)
		for (int kind = RULE_SCRIPT; kind <= RULE_EMPTY; kind++)
			rules_find(&rules, 1 << kind, path);
	rules_deinit(&rules);
	return 0;
}
