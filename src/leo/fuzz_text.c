/*
 * Fuzz target: what comes from services, logs and systemctl, made fit for a terminal. Nothing that
 * comes out may control one, and cleaning what is clean changes nothing.
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "base/def.h"
#include "base/str.h"
#include "base/base64.h"
#include "leo/quote.h"
#include "leo/suggest.h"
#include "leo/text.h"
#include "leo/unit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void assert_clean(const char *text, bool lines)
{
	size_t len = strlen(text);

	for (size_t i = 0, n; i < len; i += n) {
		uint32_t c;

		n = str_utf8_sequence(text + i, len - i, &c);
		assert(n > 0);
		assert((lines && c == '\n') || (c >= 0x20 && (c < 0x7f || c >= 0xa0)));
	}
}

static void fuzz_clean(const char *bytes, size_t size)
{
	_cleanup_free_ char *text = NULL, *again = NULL, *summary = NULL;

	assert(text_clean(bytes, size, &text) == 0);
	assert_clean(text, false);
	assert(text_clean(text, strlen(text), &again) == 0);
	assert(strcmp(text, again) == 0);
	assert(text_summary(bytes, &summary) == 0);
	assert_clean(summary, false);
}

static void fuzz_wrap(const char *bytes, size_t size)
{
	_cleanup_free_ char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	text_wrap(f, bytes, size ? bytes[0] % 40U : 0, size > 1 ? bytes[1] % 100U : 0, size % 90);
	assert(fclose(f) == 0);
	assert_clean(text, true);
}

static void fuzz_json(const char *bytes, size_t size)
{
	_cleanup_(json_decrefp) json_t *value = json_loadb(bytes, size, JSON_DECODE_ANY, NULL);
	_cleanup_(json_decrefp) json_t *clean = NULL, *again = NULL;
	_cleanup_free_ char *line = NULL;

	if (!value)
		return;
	assert(text_json(value, &line) == 0);
	assert_clean(line, false);
	again = json_loads(line, JSON_DECODE_ANY, NULL);
	assert(again && json_typeof(again) == json_typeof(value));
	clean = text_clean_json(value);
	assert(clean && json_typeof(clean) == json_typeof(value));
}

static void fuzz_quote(const char *bytes, size_t size)
{
	_cleanup_free_ char *word = NULL, *text = NULL, *decoded = NULL;
	size_t len, decoded_len;
	FILE *f = open_memstream(&text, &len);

	/* An argument is a string of JSON: valid UTF-8, without a NUL. */
	if (str_utf8_valid(bytes, strlen(bytes))) {
		assert(quote_word(bytes, &word) == 0);
		assert_clean(word, false);
		assert(*word);
	}
	assert(quote_lines(f, bytes, size, NULL) == 0);
	assert(fclose(f) == 0);
	for (char *tab; (tab = strchr(text, '\t'));)
		*tab = ' ';
	assert_clean(text, true);
	if (base64_decode(bytes, size, &decoded, &decoded_len) == 0)
		assert(decoded_len <= size && decoded_len >= size / 4 * 3 - (size ? 2 : 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *copy = malloc(size + 1);
	struct unit u;

	if (!copy)
		return 0;
	memcpy(copy, data, size);
	copy[size] = '\0';
	fuzz_clean(copy, size);
	fuzz_wrap(copy, size);
	fuzz_json(copy, size);
	fuzz_quote(copy, size);
	unit_parse(copy, &u);
	assert(strlen(u.active) < UNIT_WORD_MAX && strlen(u.load) < UNIT_WORD_MAX);
	suggest_distance(copy, "describe");
	return 0;
}
