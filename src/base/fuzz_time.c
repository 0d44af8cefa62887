/*
 * Fuzzes what people may write as a time: the first byte chooses a zone, the next eight are the
 * time it is, the rest is the text. What was taken is written and read back.
 */
#include <assert.h>
#include <stdbool.h>
#include <string.h>

#include "base/def.h"
#include "base/time.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void set_zone(uint8_t choice)
{
	static const char *const zones[] = {
		"UTC0",
		"CET-1CEST,M3.5.0,M10.5.0/3",
		"BRT3BRST,M10.3.0/0,M2.3.0/0",
		"OLD10NEW-14,J364/0,J60/0",
		"LMT0:44:30",
	};
	static int current = -1;

	choice %= ARRAY_SIZE(zones);
	if (choice == current)
		return;
	current = choice;
	setenv("TZ", zones[choice], 1);
	tzset();
}

static void check_point(const char *text, uint64_t now_ns)
{
	uint64_t ns = now_ns, back;
	char iso[TIME_TEXT_MAX], other[TIME_TEXT_MAX];

	if (time_parse_point(text, now_ns, &ns) < 0) {
		assert(ns == now_ns);
		return;
	}
	time_format_iso(ns, iso);
	/* The last moments that 64 bits hold are written, but not read. */
	if (ns / NS_PER_S < UINT64_MAX / NS_PER_S) {
		assert(time_parse_point(iso, 0, &back) == 0);
		assert(back == ns - ns % NS_PER_MS);
	}
	time_format_relative(ns, now_ns, other);
	assert(strlen(other) < sizeof(other));
}

static void check_span(const char *text)
{
	char out[TIME_TEXT_MAX];
	uint64_t ns;

	if (time_parse_span(text, &ns) < 0)
		return;
	time_format_span(ns, out);
	assert(strlen(out) < sizeof(out));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	_cleanup_free_ char *text = NULL;
	uint64_t now_ns;

	if (len < 1 + sizeof(now_ns))
		return 0;
	set_zone(bytes[0]);
	memcpy(&now_ns, bytes + 1, sizeof(now_ns));
	text = strndup((const char *)bytes + 1 + sizeof(now_ns), len - 1 - sizeof(now_ns));
	if (!text)
		return 0;
	check_point(text, now_ns);
	check_span(text);
	return 0;
}
