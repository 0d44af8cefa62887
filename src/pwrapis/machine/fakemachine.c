/*
 * Machines described in one file; see fakemachine.h.
 */
#include "pwrapis/machine/fakemachine.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/def.h"
#include "base/fs.h"
#include "base/io.h"
#include "base/parse.h"
#include "base/str.h"

enum { REPEAT_MAX = 1 << 20 };

/* What a brace at *@p asks for: {}, {/N}, {%N}, {+N}, {-N}. */
static int expand_brace(const char **p, uint64_t number, struct strbuf *out)
{
	char kind = (*p)[1];
	const char *q = *p + 2;
	uint64_t by = 1;

	if (kind == '}')
		q = *p + 1;
	else if (parse_digits(&q, &by) < 0 || by == 0 || *q != '}' || !strchr("/%+-", kind))
		return -EINVAL;
	if (kind == '/')
		number /= by;
	else if (kind == '%')
		number %= by;
	else if (kind == '+')
		number += by;
	else if (kind == '-')
		number -= by;
	*p = q + 1;
	return strbuf_addf(out, "%lu", (unsigned long)number);
}

static int expand_escape(const char **p, struct strbuf *out, bool *ret_cut)
{
	char c = (*p)[1], byte;

	if (c == 'x' && isxdigit((*p)[2]) && isxdigit((*p)[3])) {
		const char digits[] = {(*p)[2], (*p)[3], '\0'};

		byte = (char)strtoul(digits, NULL, 16);
		*p += 4;
		return strbuf_add(out, &byte, 1);
	}
	*p += 2;
	if (c == 'c' && !**p) {
		*ret_cut = true;
		return 0;
	}
	if (c != 'n' && c != 't')
		return -EINVAL;
	return strbuf_add(out, c == 'n' ? "\n" : "\t", 1);
}

/* @text with braces and escapes put in. @ret_cut: no line end follows. */
static int expand(const char *text, uint64_t number, struct strbuf *out, bool *ret_cut)
{
	int r = 0;

	*ret_cut = false;
	while (r == 0 && *text) {
		if (*text == '{')
			r = expand_brace(&text, number, out);
		else if (*text == '\\')
			r = expand_escape(&text, out, ret_cut);
		else
			r = strbuf_add(out, text++, 1);
	}
	return r;
}

static int make_parent(int root_fd, const char *path)
{
	_cleanup_free_ char *parent = strdup(path);
	char *slash;

	if (!parent)
		return -ENOMEM;
	slash = strrchr(parent, '/');
	*slash = '\0';
	/* Most files lie beside another one. */
	return !*parent || fs_exists(root_fd, parent) > 0 ? 0 : fs_mkdir(root_fd, parent, 0755);
}

static int make_file(int root_fd, const char *path, const struct strbuf *text, unsigned times,
		     mode_t mode)
{
	_cleanup_close_ int fd = -1;
	int r = fs_open(root_fd, path, O_WRONLY | O_CREAT | O_TRUNC, 0644, &fd);

	for (unsigned i = 0; r == 0 && i < times; i++)
		r = io_write_all(fd, text->text ? text->text : "", text->len);
	if (r == 0 && fchmod(fd, mode) < 0)
		r = -errno;
	return r;
}

/* One file, folder or link: @rest is what stands behind the kind. */
static int make_one(int root_fd, const char *path, char kind, const char *rest, uint64_t number)
{
	struct strbuf text __attribute__((cleanup(strbuf_deinit))) = {};
	uint64_t times = 1;
	bool cut;
	int r = make_parent(root_fd, path);

	rest += strspn(rest, " ");
	if (r == 0 && kind == '*')
		r = parse_digits(&rest, &times);
	if (r < 0 || times > REPEAT_MAX)
		return r < 0 ? r : -ERANGE;
	r = expand(rest + strspn(rest, " "), number, &text, &cut);
	if (r < 0)
		return r;
	if (kind == '/')
		return fs_mkdir(root_fd, path, 0755);
	if (kind == '>')
		return symlinkat(text.text, root_fd, path + 1) < 0 ? -errno : 0;
	if (kind != '*' && !cut)
		r = strbuf_add(&text, "\n", 1);
	return r < 0 ? r : make_file(root_fd, path, &text, times, kind == ':' ? 0444 : 0644);
}

/* A range of numbers in a path, and what stands before and behind it. */
struct range {
	uint64_t first, last, step;
	const char *start, *end; /* both at the end of the path: there is none */
};

static int find_range(const char *path, struct range *ret_range)
{
	const char *brace = strchr(path, '{'), *p = brace ? brace + 1 : path + strlen(path);
	struct range range = {.step = 1, .start = p, .end = p};
	bool good = true;

	if (brace) {
		good = parse_digits(&p, &range.first) == 0 && *p++ == '-' &&
		       parse_digits(&p, &range.last) == 0 && range.last >= range.first &&
		       range.last < REPEAT_MAX;
		if (good && *p == '/')
			good = ++p && parse_digits(&p, &range.step) == 0 && range.step > 0;
		range.start = brace;
		range.end = p + 1;
	}
	if (!good || (brace && *p != '}'))
		return -EINVAL;
	*ret_range = range;
	return 0;
}

static int make_path(const char *line, const struct range *range, uint64_t number,
		     struct strbuf *path)
{
	bool cut;
	int r = strbuf_addf(path, "/%.*s", (int)(range->start - line), line);

	if (r == 0 && *range->start)
		r = strbuf_addf(path, "%lu", (unsigned long)number);
	return r < 0 ? r : expand(range->end, number, path, &cut);
}

static int make_line(int root_fd, char *line)
{
	char *kind = strchr(line, ' ');
	struct range range;
	int r;

	if (!kind || !kind[1] || !strchr("=:*>/", kind[1]))
		return -EINVAL;
	*kind++ = '\0';
	r = find_range(line, &range);
	if (r < 0)
		return r;
	for (uint64_t number = range.first; r == 0 && number <= range.last; number += range.step) {
		struct strbuf path __attribute__((cleanup(strbuf_deinit))) = {};

		r = make_path(line, &range, number, &path);
		if (r == 0)
			r = make_one(root_fd, path.text, *kind, kind + 1, number);
	}
	return r;
}

int fakemachine_make(int root_fd, const char *text, unsigned *ret_line)
{
	_cleanup_free_ char *copy = strdup(text);
	char *line, *rest = copy;
	int r = copy ? 0 : -ENOMEM;

	*ret_line = 0;
	while (r == 0 && (line = strsep(&rest, "\n"))) {
		++*ret_line;
		if (*line && *line != '#')
			r = make_line(root_fd, line);
	}
	return r;
}
