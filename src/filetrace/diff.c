/*
 * Unified differences; see diff.h. What changed is found in diffsearch.c; here it is written.
 */
#include "filetrace/diff.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/def.h"
#include "base/str.h"
#include "filetrace/diffint.h"

enum {
	CONTEXT = 3, /* lines around a change */
	BINARY_BYTES = 8000, /* of a text, in which a NUL tells that it is none */
};

/* Lines of both sides, [begin, end), that are told together. */
struct hunk {
	uint32_t begin[2], end[2];
};

struct output {
	struct strbuf buf;
	size_t max;
};

static int add(struct output *o, const char *text, size_t len)
{
	if (len > o->max - o->buf.len)
		return -EFBIG;
	return strbuf_add(&o->buf, text, len);
}

static int add_text(struct output *o, const char *text)
{
	return add(o, text, strlen(text));
}

/* Escaped text is never shorter: what does not fit as it is, need not be escaped to know it. */
static int add_escaped(struct output *o, const char *bytes, size_t len)
{
	_cleanup_free_ char *text = NULL;
	int r = len > o->max - o->buf.len ? -EFBIG : str_escape(bytes, len, &text);

	return r < 0 ? r : add_text(o, text);
}

/* A line for people: tabs and backslashes are as common as letters in configuration, and harm no
 * terminal. The rest of what is escaped has no business there. */
static int add_content(struct output *o, const char *bytes, size_t len)
{
	int r = 0;

	for (size_t at = 0; at < len && r == 0;) {
		size_t plain = at;

		while (plain < len && bytes[plain] != '\t' && bytes[plain] != '\\')
			plain++;
		if (plain > at)
			r = add_escaped(o, bytes + at, plain - at);
		if (r == 0 && plain < len)
			r = add(o, bytes + plain++, 1);
		at = plain;
	}
	return r;
}

/* "a/etc/hosts", of an absolute path; the side that is not there is /dev/null. */
static int add_name(struct output *o, const char *prefix, const char *path, bool there)
{
	int r;

	if (!there)
		return add_text(o, "/dev/null");
	r = add_text(o, prefix);
	return r < 0 ? r : add_escaped(o, path + (*path == '/'), strlen(path + (*path == '/')));
}

static int add_line(struct output *o, char sign, const struct diff_side *s, uint32_t i)
{
	const char *line = s->text + s->starts[i];
	size_t len = s->starts[i + 1] - s->starts[i];
	bool whole = line[len - 1] == '\n';
	int r = add(o, &sign, 1);

	if (r == 0)
		r = add_content(o, line, len - whole);
	if (r == 0)
		r = add_text(o, whole ? "\n" : "\n\\ No newline at end of file\n");
	return r;
}

/* "12,3"; one line has no number of lines, and none is told by the line before. */
static int add_range(struct output *o, const char *sign, uint32_t begin, uint32_t end)
{
	char text[32];

	if (end - begin == 1)
		snprintf(text, sizeof(text), "%s%u", sign, begin + 1);
	else
		snprintf(text, sizeof(text), "%s%u,%u", sign, begin + (begin < end), end - begin);
	return add_text(o, text);
}

static int add_hunk(struct output *o, const struct diff *d, const struct hunk *h)
{
	const struct diff_side *old = &d->side[0], *new = &d->side[1];
	uint32_t x = h->begin[0], y = h->begin[1];
	int r = add_range(o, "@@ -", h->begin[0], h->end[0]);

	if (r == 0)
		r = add_range(o, " +", h->begin[1], h->end[1]);
	if (r == 0)
		r = add_text(o, " @@\n");
	while (r == 0 && (x < h->end[0] || y < h->end[1])) {
		if (x < h->end[0] && old->changed[x]) {
			r = add_line(o, '-', old, x++);
		} else if (y < h->end[1] && new->changed[y]) {
			r = add_line(o, '+', new, y++);
		} else {
			r = add_line(o, ' ', old, x++);
			y++;
		}
	}
	return r;
}

/* Passes lines that stay, at most @max of them, from (x, y) on; how many there were. */
static uint32_t pass_equal(const struct diff *d, uint32_t *x, uint32_t *y, uint32_t max)
{
	const struct diff_side *old = &d->side[0], *new = &d->side[1];
	uint32_t count = 0;

	while (count < max && *x < old->count && !old->changed[*x] && *y < new->count &&
	       !new->changed[*y]) {
		++*x;
		++*y;
		count++;
	}
	return count;
}

static void pass_changed(const struct diff *d, uint32_t *x, uint32_t *y)
{
	while (d->side[0].changed[*x])
		++*x;
	while (d->side[1].changed[*y])
		++*y;
}

/* The hunk behind the lines (*x, *y), which it is moved behind. False when there is none. */
static bool next_hunk(const struct diff *d, uint32_t *x, uint32_t *y, struct hunk *ret_hunk)
{
	uint32_t before = pass_equal(d, x, y, UINT32_MAX), after;
	struct hunk h;

	if (*x == d->side[0].count && *y == d->side[1].count)
		return false;
	before = before < CONTEXT ? before : CONTEXT;
	h.begin[0] = *x - before;
	h.begin[1] = *y - before;
	for (;;) {
		pass_changed(d, x, y);
		h.end[0] = *x;
		h.end[1] = *y;
		/* Changes whose surroundings touch are one hunk. */
		after = pass_equal(d, x, y, 2 * CONTEXT);
		if (!d->side[0].changed[*x] && !d->side[1].changed[*y])
			break;
	}
	after = after < CONTEXT ? after : CONTEXT;
	*x = h.end[0] += after;
	*y = h.end[1] += after;
	*ret_hunk = h;
	return true;
}

static int add_headers(struct output *o, const char *path, bool has_old, bool has_new)
{
	int r = add_text(o, "--- ");

	if (r == 0)
		r = add_name(o, "a/", path, has_old);
	if (r == 0)
		r = add_text(o, "\n+++ ");
	if (r == 0)
		r = add_name(o, "b/", path, has_new);
	return r < 0 ? r : add_text(o, "\n");
}

static int add_binary(struct output *o, const char *path, bool has_old, bool has_new)
{
	int r = add_text(o, "Binary files ");

	if (r == 0)
		r = add_name(o, "a/", path, has_old);
	if (r == 0)
		r = add_text(o, " and ");
	if (r == 0)
		r = add_name(o, "b/", path, has_new);
	return r < 0 ? r : add_text(o, " differ\n");
}

static int add_hunks(struct output *o, const struct diff *d)
{
	uint32_t x = 0, y = 0;
	struct hunk h;
	int r = 0;

	while (r == 0 && next_hunk(d, &x, &y, &h))
		r = add_hunk(o, d, &h);
	return r;
}

static int add_text_diff(struct output *o, const char *path, const char *old, size_t old_len,
			 const char *new, size_t new_len)
{
	_cleanup_(diff_deinit) struct diff d = {};
	int r = diff_init(&d, old ? old : "", old_len, new ? new : "", new_len);

	if (r == 0)
		r = diff_search(&d);
	if (r < 0)
		return r;
	diff_settle(&d);
	r = add_headers(o, path, old, new);
	return r < 0 ? r : add_hunks(o, &d);
}

static bool is_binary(const char *text, size_t len)
{
	return len && memchr(text, '\0', len < BINARY_BYTES ? len : BINARY_BYTES);
}

static void output_deinit(struct output *o)
{
	strbuf_deinit(&o->buf);
}

int diff_unified(const char *path, const char *old, size_t old_len, const char *new, size_t new_len,
		 size_t max_bytes, char **ret_text, size_t *ret_len)
{
	_cleanup_(output_deinit) struct output o = {.max = max_bytes};
	char *text = NULL;
	size_t len;
	int r = 0;

	old_len = old ? old_len : 0;
	new_len = new ? new_len : 0;
	if (old_len == new_len && (!old_len || !memcmp(old, new, old_len))) {
		*ret_text = NULL;
		*ret_len = 0;
		return 0;
	}
	if (is_binary(old, old_len) || is_binary(new, new_len))
		r = add_binary(&o, path, old, new);
	else
		r = add_text_diff(&o, path, old, old_len, new, new_len);
	len = o.buf.len;
	if (r == 0)
		r = strbuf_steal(&o.buf, &text);
	if (r < 0)
		return r;
	*ret_text = text;
	*ret_len = len;
	return 0;
}
