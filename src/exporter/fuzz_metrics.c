/*
 * Any replies of a service as metrics: every line is a comment, or a name, labels without an end of
 * line in them, and a number.
 */
#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/def.h"
#include "exporter/metrics.h"
#include "rpc/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void check_line(const char *line, const char *end)
{
	const char *number = memrchr(line, ' ', end - line);
	char *rest;

	assert(number && end > number + 1);
	if (*line == '#')
		return;
	assert(strncmp(line, "leonhard_", 9) == 0);
	strtod(number + 1, &rest);
	assert(rest == end && !memchr("nNiI", number[1], 4));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static const struct metrics_look look = {.up = true};
	_cleanup_json_ json_t *replies = json_loadb((const char *)bytes, len, JSON_ALLOW_NUL, NULL);
	_cleanup_(strbuf_deinit) struct strbuf out = {};

	if (!replies || metrics_write(replies, &look, &out) < 0)
		return 0;
	for (const char *line = out.text, *end; (end = strchr(line, '\n')); line = end + 1)
		check_line(line, end);
	return 0;
}
