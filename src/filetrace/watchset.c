/*
 * Which paths are under watch; see watchset.h.
 *
 * Three tries (trie.h): of the patterns, of the rules with slashes, and of those without, which
 * are patterns of one part. A path is ignored when a rule matches at a part that is further behind
 * than the longest literal pattern in front.
 */
#include "filetrace/watchset.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <string.h>

#include "base/def.h"
#include "base/str.h"
#include "filetrace/globpart.h"
#include "filetrace/trie.h"

struct pattern {
	uint64_t number; /* grows with each that is added */
	bool user;
	char text[];
};

struct watchset {
	struct trie_node *patterns, *rules, *names;
	struct pattern **list; /* by number */
	size_t count, rule_count;
	uint64_t next;
};

int watchset_new(struct watchset **ret_set)
{
	_cleanup_(watchset_free_p) struct watchset *s = calloc(1, sizeof(*s));

	if (!s || trie_new(&s->patterns) < 0 || trie_new(&s->rules) < 0 || trie_new(&s->names) < 0)
		return -ENOMEM;
	*ret_set = take_ptr(s);
	return 0;
}

void watchset_free(struct watchset *s)
{
	if (!s)
		return;
	trie_free(s->patterns);
	trie_free(s->rules);
	trie_free(s->names);
	for (size_t i = 0; i < s->count; i++)
		free(s->list[i]);
	free(s->list);
	free(s);
}

void watchset_free_p(struct watchset **s)
{
	watchset_free(*s);
}

/* ---- what a pattern may be ---- */

static const char *check_part(const char *part, size_t len)
{
	if (len == 0)
		return "holds an empty part";
	if ((len == 1 && part[0] == '.') || (len == 2 && part[0] == '.' && part[1] == '.'))
		return "holds . or ..";
	if (len > NAME_MAX && globpart_head(part, len) == len)
		return "holds a name that is too long";
	return NULL;
}

/* Whether there is no name that the part does not match: stars, and one ? at most. */
static bool matches_all(const char *part, size_t len)
{
	size_t stars = 0, marks = 0;

	for (size_t i = 0; i < len; i++) {
		stars += part[i] == '*';
		marks += part[i] == '?';
	}
	return stars > 0 && marks <= 1 && stars + marks == len;
}

/* NULL when @pattern is one; else what is wrong with it. */
static const char *check_pattern(const char *pattern)
{
	const char *problem = NULL, *part = pattern;

	if (*pattern != '/')
		return "is not absolute";
	if (!pattern[1] ||
	    (!strchr(pattern + 1, '/') && matches_all(pattern + 1, strlen(pattern + 1))))
		return "matches everything";
	while (*part && !problem) {
		size_t len = strcspn(part + 1, "/");

		problem = check_part(part + 1, len);
		part += 1 + len;
	}
	return problem;
}

/* A copy of @text without a slash at its end, of a length that a path can have. */
static int normalize(const char *text, char **ret_pattern, const char **ret_problem)
{
	size_t len = strlen(text);
	char *copy;

	if (len >= WATCH_PATTERN_BYTES) {
		*ret_problem = "is longer than a path can be";
		return -EINVAL;
	}
	copy = strndup(text, len - (len > 1 && text[len - 1] == '/'));
	if (!copy)
		return -ENOMEM;
	*ret_pattern = copy;
	return 0;
}

static int refuse(int r, const char *problem, const char **ret_problem)
{
	*ret_problem = problem;
	return r;
}

/* ---- adding and removing ---- */

static int pattern_new(struct watchset *s, const char *text, bool user, struct pattern **ret_new)
{
	struct pattern *p = malloc(sizeof(*p) + strlen(text) + 1);

	if (!p)
		return -ENOMEM;
	p->number = s->next;
	p->user = user;
	strcpy(p->text, text);
	*ret_new = p;
	return 0;
}

static int append(struct watchset *s, const char *text, bool user)
{
	struct pattern **grown = reallocarray(s->list, s->count + 1, sizeof(*grown));
	_cleanup_free_ struct pattern *p = NULL;
	int r;

	if (!grown)
		return -ENOMEM;
	s->list = grown;
	r = pattern_new(s, text, user, &p);
	if (r == 0)
		r = trie_add(s->patterns, text, p->number);
	if (r < 0)
		return r;
	s->list[s->count++] = take_ptr(p);
	s->next++;
	return 0;
}

int watchset_add(struct watchset *s, const char *pattern, bool user, const char **ret_problem)
{
	_cleanup_free_ char *text = NULL;
	const char *problem;
	int r = normalize(pattern, &text, ret_problem);

	if (r < 0)
		return r;
	problem = check_pattern(text);
	if (problem)
		return refuse(-EINVAL, problem, ret_problem);
	if (s->count == WATCH_PATTERNS)
		return refuse(-E2BIG, "is one more than there may be", ret_problem);
	r = append(s, text, user);
	return r == -EEXIST ? refuse(r, "is under watch already", ret_problem) : r;
}

int watchset_remove(struct watchset *s, const char *pattern)
{
	_cleanup_free_ char *text = NULL;
	const char *problem;
	size_t i = 0;
	int r = normalize(pattern, &text, &problem);

	if (r == -EINVAL)
		return -ENOENT;
	if (r < 0)
		return r;
	while (i < s->count && !str_equal(s->list[i]->text, text))
		i++;
	if (i == s->count)
		return -ENOENT;
	trie_remove(s->patterns, text);
	free(s->list[i]);
	memmove(s->list + i, s->list + i + 1, (s->count - i - 1) * sizeof(*s->list));
	s->count--;
	return 0;
}

static const char *check_rule(const char *text)
{
	const char *problem;

	if (strchr(text, '/'))
		return check_pattern(text);
	problem = check_part(text, strlen(text));
	return !problem && matches_all(text, strlen(text)) ? "matches everything" : problem;
}

static int add_rule(struct watchset *s, const char *text)
{
	_cleanup_free_ char *part = NULL;

	if (*text == '/')
		return trie_add(s->rules, text, 0);
	return asprintf(&part, "/%s", text) < 0 ? -ENOMEM : trie_add(s->names, part, 0);
}

int watchset_ignore(struct watchset *s, const char *pattern, const char **ret_problem)
{
	_cleanup_free_ char *text = NULL;
	const char *problem;
	int r = normalize(pattern, &text, ret_problem);

	if (r < 0)
		return r;
	problem = check_rule(text);
	if (problem)
		return refuse(-EINVAL, problem, ret_problem);
	if (s->rule_count == WATCH_PATTERNS)
		return refuse(-E2BIG, "is one more than there may be", ret_problem);
	r = add_rule(s, text);
	s->rule_count += r == 0;
	return r == -EEXIST ? 0 : r;
}

/* ---- what a path is ---- */

/* What the patterns say of a path. Depths are numbers of parts. */
struct verdict {
	size_t literal; /* of the longest literal pattern that names it or what it is in */
	uint64_t first; /* the number of the first pattern that does; UINT64_MAX: none */
	bool names, entries; /* literal ways on below it, and globs */
	bool literal_names; /* below it, by a pattern without wildcards up to there */
};

static void see_pattern(void *data, const struct trie_node *node, size_t depth, bool whole)
{
	struct verdict *v = data;

	if (node->end && node->value < v->first)
		v->first = node->value;
	if (node->end && node->literal && depth > v->literal)
		v->literal = depth;
	if (!whole)
		return;
	v->names = v->names || node->literal_count > 0;
	v->entries = v->entries || node->glob_count > 0;
	v->literal_names = v->literal_names || (node->literal && node->literal_count > 0);
}

static void see_rule(void *data, const struct trie_node *node, size_t depth, bool whole)
{
	size_t *deepest = data;

	if (node->end && depth > *deepest)
		*deepest = depth;
}

/* Whether a rule matches the path, or what it is in, behind the first @literal parts. */
static bool is_ignored(const struct watchset *s, const char *path, size_t literal)
{
	size_t deepest = 0, depth = 0;

	for (const char *part = path; *part && part[1];) {
		size_t len = strcspn(part + 1, "/");

		if (++depth > literal && trie_has_name(s->names, part + 1, len))
			return true;
		part += 1 + len;
	}
	trie_walk(s->rules, path, see_rule, &deepest);
	return deepest > literal;
}

/* Whether @path is absolute and without empty parts. */
static bool is_path(const char *path)
{
	return *path == '/' && !strstr(path, "//") && (!path[1] || path[strlen(path) - 1] != '/');
}

static struct verdict judge(const struct watchset *s, const char *path)
{
	struct verdict v = {.first = UINT64_MAX};

	if (is_path(path))
		trie_walk(s->patterns, path, see_pattern, &v);
	return v;
}

bool watchset_matches(const struct watchset *s, const char *path)
{
	struct verdict v = judge(s, path);

	return v.first != UINT64_MAX && !is_ignored(s, path, v.literal);
}

size_t watchset_which(const struct watchset *s, const char *path)
{
	struct verdict v = judge(s, path);
	size_t low = 0, count = s->count;

	if (v.first == UINT64_MAX || is_ignored(s, path, v.literal))
		return SIZE_MAX;
	while (count > 1) {
		if (s->list[low + count / 2]->number <= v.first) {
			low += count / 2;
			count -= count / 2;
		} else {
			count /= 2;
		}
	}
	return low;
}

enum reach watchset_reach(const struct watchset *s, const char *path)
{
	struct verdict v = judge(s, path);

	if (v.first == UINT64_MAX && !v.names && !v.entries)
		return REACH_NONE;
	if (is_ignored(s, path, v.literal))
		return v.literal_names ? REACH_NAMES : REACH_NONE;
	if (v.first != UINT64_MAX)
		return REACH_ALL;
	return v.entries ? REACH_ENTRIES : REACH_NAMES;
}

struct names {
	int (*fn)(void *data, const char *name, bool last);
	void *data;
	bool literal; /* only those that literal patterns tell */
	int result;
};

static void tell_names(void *data, const struct trie_node *node, size_t depth, bool whole)
{
	struct names *n = data;

	if (!whole || (n->literal && !node->literal))
		return;
	for (size_t i = 0; i < node->literal_count && n->result == 0; i++)
		n->result = n->fn(n->data, node->literals[i]->name, node->literals[i]->end);
}

int watchset_names(const struct watchset *s, const char *path,
		   int (*fn)(void *data, const char *name, bool last), void *data)
{
	struct verdict v = judge(s, path);
	struct names n = {.fn = fn, .data = data};

	if (!v.names)
		return 0;
	n.literal = is_ignored(s, path, v.literal);
	trie_walk(s->patterns, path, tell_names, &n);
	return n.result;
}

const char *watchset_pattern(const struct watchset *s, size_t i, bool *ret_user)
{
	if (i >= s->count)
		return NULL;
	*ret_user = s->list[i]->user;
	return s->list[i]->text;
}
