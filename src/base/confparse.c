/*
 * The values of a configuration: how each kind is read, bounded, written and freed; see conf.h.
 */
#include "base/confint.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/def.h"
#include "base/parse.h"
#include "base/str.h"
#include "base/time.h"

const char conf_is_below[] = "is below";
const char conf_is_above[] = "is above";
const char conf_is_no_choice[] = "is none of";

static int check_bounds(const struct conf_item *item, uint64_t v, const char **ret_problem)
{
	if (v >= item->min && (v <= item->max || !conf_has_max(item)))
		return 0;
	*ret_problem = v < item->min ? conf_is_below : conf_is_above;
	return -ERANGE;
}

/* What a parser of numbers returned for a text without regard to bounds: stores it, or says why. */
static int take_number(const struct conf_item *item, int r, uint64_t v, void *value,
		       const char *not_one, const char **ret_problem)
{
	if (r == 0)
		r = check_bounds(item, v, ret_problem);
	else if (r == -ERANGE)
		*ret_problem = conf_has_max(item) ? conf_is_above : "is too large";
	else
		*ret_problem = not_one;
	if (r < 0)
		return r;
	*(uint64_t *)value = v;
	return 0;
}

int conf_parse_number(const struct conf_item *item, const char *text, void *value,
		      const char **ret_problem)
{
	uint64_t v = 0;
	int r = parse_u64(text, 0, UINT64_MAX, &v);

	return take_number(item, r, v, value, "is not a number", ret_problem);
}

int conf_parse_bytes(const struct conf_item *item, const char *text, void *value,
		     const char **ret_problem)
{
	uint64_t v = 0;
	int r = parse_bytes(text, 0, UINT64_MAX, &v);

	return take_number(item, r, v, value,
			   "is not a number of bytes, with K, M, G or T behind it where wanted",
			   ret_problem);
}

int conf_parse_span(const struct conf_item *item, const char *text, void *value,
		    const char **ret_problem)
{
	uint64_t v = 0;
	int r = time_parse_span(text, &v);

	return take_number(item, r, v, value, "is not a span of time such as 90s or 1h30min",
			   ret_problem);
}

int conf_parse_bool(const struct conf_item *item, const char *text, void *value,
		    const char **ret_problem)
{
	if (!str_equal(text, "yes") && !str_equal(text, "no")) {
		*ret_problem = "is neither yes nor no";
		return -EINVAL;
	}
	*(bool *)value = str_equal(text, "yes");
	return 0;
}

int conf_parse_choice(const struct conf_item *item, const char *text, void *value,
		      const char **ret_problem)
{
	for (unsigned i = 0; item->choices[i]; i++)
		if (str_equal(text, item->choices[i])) {
			*(unsigned *)value = i;
			return 0;
		}
	*ret_problem = conf_is_no_choice;
	return -EINVAL;
}

static void free_string(void *value)
{
	free(*(char **)value);
	*(char **)value = NULL;
}

static void free_words(void *value)
{
	str_vector_free(*(char ***)value);
	*(char ***)value = NULL;
}

int conf_parse_string(const struct conf_item *item, const char *text, void *value,
		      const char **ret_problem)
{
	int r = check_bounds(item, strlen(text), ret_problem);
	char *copy;

	if (r < 0)
		return r;
	copy = strdup(text);
	if (!copy)
		return -ENOMEM;
	free_string(value);
	*(char **)value = copy;
	return 0;
}

int conf_parse_path(const struct conf_item *item, const char *text, void *value,
		    const char **ret_problem)
{
	if (*text != '/') {
		*ret_problem = "is not an absolute path";
		return -EINVAL;
	}
	return conf_parse_string(item, text, value, ret_problem);
}

int conf_parse_words(const struct conf_item *item, const char *text, void *value,
		     const char **ret_problem)
{
	char **words;
	int r = check_bounds(item, strlen(text), ret_problem);

	if (r == 0)
		r = str_split(text, &words);
	if (r < 0)
		return r;
	free_words(value);
	*(char ***)value = words;
	return 0;
}

/* The largest unit that divides @value makes it short; @units go from the smallest on, one is 1. */
struct unit {
	uint64_t size;
	const char *name;
};

static void format_units(uint64_t value, const struct unit *units, size_t count,
			 char out[CONF_BOUND_MAX])
{
	size_t i = count - 1;

	while (i > 0 && (value == 0 || value % units[i].size))
		i--;
	snprintf(out, CONF_BOUND_MAX, "%ju%s", (uintmax_t)(value / units[i].size), units[i].name);
}

static void format_number(uint64_t value, char out[CONF_BOUND_MAX])
{
	static const struct unit units[] = {{1, ""}};

	format_units(value, units, ARRAY_SIZE(units), out);
}

static void format_bytes(uint64_t value, char out[CONF_BOUND_MAX])
{
	static const struct unit units[] = {
		{1, ""},
		{UINT64_C(1) << 10, "K"},
		{UINT64_C(1) << 20, "M"},
		{UINT64_C(1) << 30, "G"},
		{UINT64_C(1) << 40, "T"},
	};

	format_units(value, units, ARRAY_SIZE(units), out);
}

static void format_span(uint64_t value, char out[CONF_BOUND_MAX])
{
	static const struct unit units[] = {
		{1, "ns"},
		{NS_PER_US, "us"},
		{NS_PER_MS, "ms"},
		{NS_PER_S, "s"},
		{60 * NS_PER_S, "min"},
		{3600 * NS_PER_S, "h"},
		{24 * 3600 * NS_PER_S, "d"},
	};

	format_units(value, units, ARRAY_SIZE(units), out);
}

static const struct conf_kind kinds[] = {
	{conf_parse_bool, NULL, false, NULL, "yes or no"},
	{conf_parse_number, format_number, false, NULL, "a number"},
	{conf_parse_span, format_span, false, NULL, "a span of time"},
	{conf_parse_bytes, format_bytes, false, NULL, "a size"},
	{conf_parse_string, format_number, true, free_string, "a text"},
	{conf_parse_path, format_number, true, free_string, "an absolute path"},
	{conf_parse_words, format_number, true, free_words, "words with blanks between"},
	{conf_parse_choice, NULL, false, NULL, "one of"},
};

const struct conf_kind *conf_kind_of(const struct conf_item *item)
{
	static const struct conf_kind unknown = {};

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (kinds[i].parse == item->parse)
			return &kinds[i];
	return &unknown;
}
