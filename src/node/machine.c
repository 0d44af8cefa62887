/*
 * Reading what a machine tells of itself; see machine.h.
 */
#include "node/machine.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/def.h"
#include "base/fs.h"
#include "base/parse.h"
#include "base/str.h"
#include "node/finding.h"

__attribute__((format(printf, 2, 0))) static int make_path(char path[MACHINE_PATH_MAX],
							   const char *format, va_list args)
{
	int n = vsnprintf(path, MACHINE_PATH_MAX, format, args);

	return n < 0 || n >= MACHINE_PATH_MAX ? -ENAMETOOLONG : 0;
}

static int read_line(const struct machine *m, char *buf, size_t size, const char *path)
{
	_cleanup_free_ char *line = NULL, *text = NULL;
	int r = fs_read_line(m->root_fd, path, &line);

	if (r == 0)
		r = str_escape(line, strlen(line), &text);
	if (r == 0)
		finding_copy(buf, size, str_strip(text));
	return r;
}

int machine_line(const struct machine *m, char *buf, size_t size, const char *path, ...)
{
	char full[MACHINE_PATH_MAX];
	va_list args;
	int r;

	buf[0] = '\0';
	va_start(args, path);
	r = make_path(full, path, args);
	va_end(args);
	return r < 0 ? r : read_line(m, buf, size, full);
}

int machine_number(const struct machine *m, uint64_t *ret_number, const char *path, ...)
{
	char full[MACHINE_PATH_MAX];
	va_list args;
	int r;

	va_start(args, path);
	r = make_path(full, path, args);
	va_end(args);
	return r < 0 ? r : fs_read_u64(m->root_fd, full, ret_number);
}

bool machine_has(const struct machine *m, const char *path, ...)
{
	char full[MACHINE_PATH_MAX];
	va_list args;
	int r;

	va_start(args, path);
	r = make_path(full, path, args);
	va_end(args);
	return r == 0 && fs_exists(m->root_fd, full) > 0;
}

/* cpu2 before cpu10. */
static int compare(const void *a, const void *b)
{
	return strverscmp(*(char *const *)a, *(char *const *)b);
}

static bool is_plain(const char *name)
{
	for (; *name; name++)
		if (*name <= ' ' || *name > '~' || *name == '\\')
			return false;
	return true;
}

char **machine_list(const struct machine *m, const char *path)
{
	char **names = NULL;
	size_t count = 0;

	if (fs_list(m->root_fd, path, &names) < 0)
		return NULL;
	for (char **name = names; *name; name++) {
		if (is_plain(*name))
			names[count++] = *name;
		else
			free(*name);
	}
	names[count] = NULL;
	qsort(names, count, sizeof(*names), compare);
	return names;
}

int machine_text(const struct machine *m, const char *path, size_t max, char **ret_text)
{
	_cleanup_free_ char *text = malloc(max + 1);
	_cleanup_close_ int fd = -1;
	size_t len = 0;
	ssize_t n;
	/* As fs_read() does: whatever is there must not make us wait. */
	int r = fs_open(m->root_fd, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0, &fd);

	if (r < 0)
		return r;
	if (!text)
		return -ENOMEM;
	while (len < max && (n = read(fd, text + len, max - len)) != 0) {
		if (n < 0 && errno != EINTR)
			return -errno;
		len += n > 0 ? n : 0;
	}
	text[len] = '\0';
	*ret_text = take_ptr(text);
	return 0;
}
