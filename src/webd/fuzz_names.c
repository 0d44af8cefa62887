/*
 * Questions about users and answers to them, from anybody: the first byte says which it is.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/def.h"
#include "webd/names.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void take_question(const char *text)
{
	struct names_question q;

	if (names_parse_question(text, &q) < 0)
		return;
	if (q.count > NAMES_MAX || (q.count == 0) != names_valid(q.name, strlen(q.name)))
		abort();
	for (size_t i = 0; i < q.count; i++) {
		if (!names_asked(&q, &(struct names_one){.uid = q.uids[i]}))
			abort();
	}
}

/* What is taken can be said again, and is the same then. */
static void take_answer(const char *text)
{
	_cleanup_free_ char *again = calloc(1, NAMES_ANSWER_MAX);
	const char *at = text;
	struct names_one one;
	size_t len = 0;
	int r = 0, added = 0;

	while (added == 0 && (r = names_next(&at, &one)) > 0) {
		_cleanup_free_ char *name = strndup(one.name, one.len);

		added = names_add(again, &len, one.uid, name);
	}
	if (r == 0 && added == 0 && strcmp(again, text) != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const takers[])(const char *) = {take_question, take_answer};
	_cleanup_free_ char *text = size ? strndup((const char *)data + 1, size - 1) : NULL;

	if (text)
		takers[*data % ARRAY_SIZE(takers)](text);
	return 0;
}
