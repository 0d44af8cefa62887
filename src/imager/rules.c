/*
 * Reading and matching rules; see rules.h.
 */
#include "rules.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/def.h"
#include "base/io.h"
#include "glob.h"
#include "lines.h"

#define RULES_BYTES_MAX (1 << 20)

static const char *const kind_names[] = {
	[RULE_SCRIPT] = "script", [RULE_TRIGGER] = "trigger", [RULE_STEP] = "step",
	[RULE_DROP] = "drop",	  [RULE_EMPTY] = "empty",
};

const char *rule_kind_name(enum rule_kind kind)
{
	return kind_names[kind];
}

static void rule_deinit(struct rule *r)
{
	for (size_t i = 0; i < r->glob_count; i++)
		glob_free(r->globs[i]);
	free(r->globs);
	free(r->name);
	free(r->file);
}

void rules_deinit(struct rules *rules)
{
	for (size_t i = 0; i < rules->count; i++)
		rule_deinit(&rules->rules[i]);
	free(rules->rules);
	*rules = (struct rules){};
}

static int parse_kind(const char *word, enum rule_kind *ret_kind)
{
	for (size_t i = 0; i < ARRAY_SIZE(kind_names); i++)
		if (strcmp(word, kind_names[i]) == 0) {
			*ret_kind = i;
			return 0;
		}
	return -EINVAL;
}

/* A name becomes a part of an origin: what separates origins cannot be in it. */
static bool is_name(const char *word)
{
	return strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			    "0123456789+-._") == strlen(word);
}

static int add_glob(struct rule *rule, const char *pattern)
{
	struct glob **grown =
		reallocarray(rule->globs, rule->glob_count + 1, sizeof(rule->globs[0]));
	int r;

	if (!grown)
		return -ENOMEM;
	rule->globs = grown;
	r = glob_new(pattern, &grown[rule->glob_count]);
	if (r == 0)
		rule->glob_count++;
	return r;
}

/* Fills @rule from a line; what it allocated is the caller's to free, also on failure. */
static int parse_rule(struct rule *rule, char *line, struct err *err)
{
	char *kind = lines_word(&line), *name = lines_word(&line), *pattern;
	int r;

	if (parse_kind(kind, &rule->kind) < 0)
		return err_set(err, -EINVAL, "%s:%u: unknown kind of rule: %s", rule->file,
			       rule->line, kind);
	if (!name || !is_name(name))
		return err_set(err, -EINVAL, "%s:%u: no name, or not a name, behind %s", rule->file,
			       rule->line, kind);
	rule->name = strdup(name);
	if (!rule->name)
		return err_oom(err);
	while ((pattern = lines_word(&line))) {
		r = add_glob(rule, pattern);
		if (r == -ENOMEM)
			return err_oom(err);
		if (r < 0)
			return err_set(err, r, "%s:%u: not a pattern: %s", rule->file, rule->line,
				       pattern);
	}
	if (!rule->glob_count)
		return err_set(err, -EINVAL, "%s:%u: no pattern behind %s %s", rule->file,
			       rule->line, kind, name);
	return 0;
}

static int grow(struct rules *rules)
{
	size_t allocated = rules->allocated ? rules->allocated * 2 : 64;
	struct rule *grown;

	if (rules->count < rules->allocated)
		return 0;
	grown = reallocarray(rules->rules, allocated, sizeof(rules->rules[0]));
	if (!grown)
		return -ENOMEM;
	rules->rules = grown;
	rules->allocated = allocated;
	return 0;
}

int rules_parse(struct rules *rules, char *text, const char *file, bool shared, struct err *err)
{
	struct lines lines;
	char *line;

	lines_init(&lines, text);
	while (lines_next_setting(&lines, &line)) {
		struct rule rule = {.file = strdup(file), .line = lines.number, .shared = shared};
		int r = rule.file && grow(rules) == 0 ? parse_rule(&rule, line, err) : err_oom(err);

		if (r < 0) {
			rule_deinit(&rule);
			return r;
		}
		rules->rules[rules->count++] = rule;
	}
	return 0;
}

int rules_load(struct rules *rules, int dirfd, const char *path, const char *name, bool shared,
	       struct err *err)
{
	_cleanup_free_ char *text = NULL;
	size_t len;
	int r = io_read_file(dirfd, path, RULES_BYTES_MAX, &text, &len);

	if (r < 0)
		return err_errno(err, r, "cannot read the rules %s", name);
	if (strlen(text) != len)
		return err_set(err, -EINVAL, "%s: not a text: there is a NUL byte in it", name);
	return rules_parse(rules, text, name, shared, err);
}

struct rule *rules_find(struct rules *rules, unsigned kinds, const char *path)
{
	for (size_t n = 0; n < rules->count; n++) {
		struct rule *r = &rules->rules[n];

		if (!(kinds & 1U << r->kind))
			continue;
		for (size_t i = 0; i < r->glob_count; i++)
			if (glob_match(r->globs[i], path)) {
				r->used = true;
				return r;
			}
	}
	return NULL;
}
