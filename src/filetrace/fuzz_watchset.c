/*
 * Fuzzes patterns and paths. The input is lines: "+" and a pattern, "!" and a rule, "-" and a
 * pattern that goes, and paths.
 *
 * Of every path under watch, each directory above must lead to it: otherwise nobody would find it.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/def.h"
#include "base/str.h"
#include "filetrace/watchset.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

struct wanted {
	const char *name;
	bool found;
};

static int look(void *data, const char *name, bool last)
{
	struct wanted *w = data;

	w->found = w->found || str_equal(w->name, name);
	return 0;
}

/* Cuts @path at its last slash: whether the directory tells of the name behind it. */
static void check_parent(const struct watchset *s, char *path)
{
	char *slash = strrchr(path, '/');
	struct wanted w = {.name = slash + 1};
	char parent[WATCH_PATTERN_BYTES];
	enum reach reach;

	*slash = '\0';
	strcpy(parent, *path ? path : "/");
	reach = watchset_reach(s, parent);
	assert(reach != REACH_NONE);
	if (reach == REACH_NAMES) {
		watchset_names(s, parent, look, &w);
		assert(w.found);
	}
}

static void check_path(const struct watchset *s, char *path)
{
	bool matches = watchset_matches(s, path), user;
	size_t which = watchset_which(s, path);

	watchset_reach(s, path);
	assert(matches == (which != SIZE_MAX));
	if (!matches || strlen(path) >= WATCH_PATTERN_BYTES)
		return;
	assert(watchset_pattern(s, which, &user));
	assert(watchset_reach(s, path) == REACH_ALL);
	while (*path)
		check_parent(s, path);
}

static void take_line(struct watchset *s, char *line)
{
	const char *problem = NULL;
	int r;

	switch (*line) {
	case '+':
		r = watchset_add(s, line + 1, true, &problem);
		assert(r == 0 || problem);
		break;
	case '!':
		r = watchset_ignore(s, line + 1, &problem);
		assert(r == 0 || problem);
		break;
	case '-':
		if (watchset_remove(s, line + 1) == 0)
			assert(watchset_remove(s, line + 1) < 0);
		break;
	default:
		check_path(s, line);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	_cleanup_(watchset_free_p) struct watchset *s = NULL;
	_cleanup_free_ char *text = strndup((const char *)bytes, len);
	char *rest = text, *line;

	if (!text || watchset_new(&s) < 0)
		return 0;
	while ((line = strsep(&rest, "\n")))
		take_line(s, line);
	return 0;
}
