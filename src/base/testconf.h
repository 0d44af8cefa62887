/*
 * A table with one item of each kind, for the tests and the fuzzer of conf.
 */
#ifndef BASE_TESTCONF_H
#define BASE_TESTCONF_H

#include "base/conf.h"
#include "base/def.h"
#include "base/time.h"

struct testconf {
	bool on;
	uint64_t number, interval_ns, size_bytes, free_number;
	char *name, *path, *nothing;
	char **words;
	unsigned mode;
};

static const char *const testconf_modes[] = {"fast", "slow", "a b", NULL};

#define AT(member) offsetof(struct testconf, member)
static const struct conf_item testconf_items[] = {
	{"main", "on", conf_parse_bool, AT(on), 0, 0, "yes", "Whether it is on.", NULL},
	{"main", "number", conf_parse_number, AT(number), 2, 10, "3", "How many.", NULL},
	{"main", "interval", conf_parse_span, AT(interval_ns), NS_PER_S, 3600 * NS_PER_S, "90s",
	 "How often.", NULL},
	{"main", "size", conf_parse_bytes, AT(size_bytes), 65536, UINT64_C(1) << 30, "1M",
	 "How much.", NULL},
	{"other", "name", conf_parse_string, AT(name), 1, 8, "a - b", "What it is called.", NULL},
	{"other", "path", conf_parse_path, AT(path), 0, 16, "/var/x", "Where it is.", NULL},
	{"other", "nothing", conf_parse_path, AT(nothing), 0, 0, NULL,
	 ".hidden: a text that needs \\care -\n'as roff', and more words than a line of an"
	 " example has room for, so that it goes on in the next one.",
	 NULL},
	{"other", "words", conf_parse_words, AT(words), 0, 20, "one two", "Which.", NULL},
	{"other", "mode", conf_parse_choice, AT(mode), 0, 0, "slow", "How.", testconf_modes},
	{"main", "free", conf_parse_number, AT(free_number), 0, 0, "0", "Any.", NULL},
};
#undef AT

static const struct conf_table testconf_table = {
	.name = "demo",
	.items = testconf_items,
	.count = ARRAY_SIZE(testconf_items),
	.size = sizeof(struct testconf),
};

#endif
