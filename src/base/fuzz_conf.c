/*
 * Fuzzes a configuration file: the parser of lines, and every kind of value.
 *
 * What is taken must be within its bounds, and a problem must be one line of valid UTF-8.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/confint.h"
#include "base/str.h"
#include "base/testconf.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void check(const struct testconf *c)
{
	assert(c->number >= 2 && c->number <= 10);
	assert(c->interval_ns >= NS_PER_S && c->interval_ns <= 3600 * NS_PER_S);
	assert(c->size_bytes >= 65536 && c->size_bytes <= UINT64_C(1) << 30);
	assert(strlen(c->name) >= 1 && strlen(c->name) <= 8);
	assert(*c->path == '/' && strlen(c->path) <= 16);
	assert(!c->nothing || *c->nothing == '/');
	for (char **word = c->words; *word; word++)
		assert(**word && !strchr(*word, ' '));
	assert(c->mode < 3);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct testconf c;
	char *problem = NULL;

	if (conf_init(&testconf_table, &c) < 0)
		return 0;
	if (conf_apply(&testconf_table, "fuzz", (const char *)bytes, len, &c, &problem) < 0) {
		assert(problem && strncmp(problem, "fuzz:", 5) == 0 && !strchr(problem, '\n'));
		assert(str_utf8_valid(problem, strlen(problem)) && strlen(problem) < 600);
	}
	free(problem);
	check(&c);
	conf_deinit(&testconf_table, &c);
	return 0;
}
