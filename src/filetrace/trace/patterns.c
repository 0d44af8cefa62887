/*
 * What users have added to the watches; see patterns.h.
 */
#include "filetrace/trace/patterns.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/def.h"
#include "base/fs.h"
#include "base/str.h"
#include "filetrace/request.h"

static const char path[] = REQUEST_DIR "/" REQUEST_NAME;

void patterns_deinit(struct patterns *p)
{
	str_vector_free(p->list);
	*p = (struct patterns){};
}

static size_t find(const struct patterns *p, const char *pattern)
{
	size_t i = 0;

	while (i < p->count && !str_equal(p->list[i], pattern))
		i++;
	return i;
}

bool patterns_contain(const struct patterns *p, const char *pattern)
{
	return find(p, pattern) < p->count;
}

int patterns_add(struct patterns *p, const char *pattern)
{
	size_t len = strlen(pattern);
	char **list;

	if (patterns_contain(p, pattern))
		return -EEXIST;
	if (p->count >= PATTERNS_MAX || p->bytes + len > PATTERNS_BYTES)
		return -ENOSPC;
	list = reallocarray(p->list, p->count + 2, sizeof(*list));
	if (!list)
		return -ENOMEM;
	p->list = list;
	list[p->count + 1] = NULL;
	list[p->count] = strdup(pattern);
	if (!list[p->count])
		return -ENOMEM;
	p->count++;
	p->bytes += len;
	return 0;
}

void patterns_remove(struct patterns *p, const char *pattern)
{
	size_t i = find(p, pattern);

	if (i == p->count)
		return;
	p->bytes -= strlen(p->list[i]);
	free(p->list[i]);
	/* The one behind the last moves along: it is NULL. */
	memmove(&p->list[i], &p->list[i + 1], (p->count - i) * sizeof(*p->list));
	p->count--;
}

/* Those of a list; what is in it twice, or too much, is left out. */
static int add_all(struct patterns *p, char *const *list)
{
	int r = 0;

	for (; list && *list && r != -ENOMEM; list++)
		r = patterns_add(p, *list);
	return r == -ENOMEM ? r : 0;
}

static int load_file(struct patterns *p, int root_fd)
{
	_cleanup_(request_deinit) struct request request = {};
	_cleanup_free_ char *text = NULL;
	size_t len;
	int r = fs_read(root_fd, path, REQUEST_BYTES_MAX, &text, &len);

	if (r == -EFBIG)
		return -EINVAL;
	if (r == 0)
		r = request_parse(text, len, &request);
	if (r == 0)
		r = add_all(p, request.patterns);
	if (r == 0)
		p->number = request.number;
	return r;
}

static int load_store(struct patterns *p, const struct ledger_watch *watches, size_t count)
{
	int r = 0;

	for (size_t i = 0; i < count && r != -ENOMEM; i++)
		if (watches[i].user)
			r = patterns_add(p, watches[i].path);
	return r == -ENOMEM ? r : 0;
}

int patterns_load(struct patterns *p, int root_fd, const struct ledger_watch *watches, size_t count,
		  uint64_t request)
{
	_cleanup_(patterns_deinit) struct patterns new = {};
	int r = load_file(&new, root_fd), lost = r == -EINVAL ? r : 0;

	if (r == -ENOENT || r == -EINVAL)
		r = load_store(&new, watches, count);
	if (r < 0)
		return r;
	if (new.number < request)
		new.number = request;
	new.loaded = true;
	patterns_deinit(p);
	*p = new;
	new = (struct patterns){};
	return lost;
}

int patterns_write(struct patterns *p, int root_fd, uint64_t number)
{
	static char *none[] = {NULL};
	const struct request request = {.number = number, .patterns = p->list ? p->list : none};
	_cleanup_free_ char *text = NULL;
	size_t len;
	int r = request_format(&request, &text, &len);

	if (r == 0)
		r = fs_replace(root_fd, path, text, len, 0644);
	if (r < 0)
		return r;
	p->number = number;
	return 0;
}
