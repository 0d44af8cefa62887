/*
 * What a command writes to; see out.h.
 */
#include "leo/out.h"

#include <errno.h>
#include <sys/ioctl.h>

#include "base/def.h"
#include "base/io.h"
#include "base/table.h"
#include "leo/pager.h"
#include "leo/text.h"

static int gather(struct leo *l)
{
	l->out = open_memstream(&l->buffer, &l->buffer_len);
	return l->out ? 0 : -errno;
}

int out_begin(struct leo *l)
{
	l->terminal = !l->json && isatty(STDOUT_FILENO);
	l->colour = l->terminal && table_wants_colour(stdout);
	l->width = l->terminal ? table_terminal_width(stdout) : 0;
	return gather(l);
}

/* Whether the text has more lines than the terminal has room for, the prompt after it included. */
static bool is_long(const struct leo *l)
{
	struct winsize size;
	size_t lines = 1;

	if (!l->terminal || l->no_pager || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0)
		return false;
	for (size_t i = 0; i < l->buffer_len; i++)
		lines += l->buffer[i] == '\n';
	return lines > size.ws_row;
}

/* Writes out what was gathered. */
static int release(struct leo *l, bool may_page)
{
	_cleanup_free_ char *buffer = NULL;
	bool whole = !ferror(l->out);
	int r;

	if (fclose(take_ptr(l->out)) != 0)
		whole = false;
	buffer = l->buffer;
	if (!whole)
		r = -ENOMEM;
	else if (may_page && is_long(l))
		r = pager_show(buffer, l->buffer_len);
	else
		r = -ENOENT;
	if (r == -ENOENT)
		r = io_write_all(STDOUT_FILENO, buffer, l->buffer_len);
	l->buffer = NULL;
	l->gone |= r == -EPIPE;
	return r;
}

int out_flush(struct leo *l)
{
	int r = release(l, false), again = gather(l);

	l->stream = true;
	return r < 0 ? r : again;
}

int out_finish(struct leo *l)
{
	int r;

	if (!l->out)
		return 0;
	r = release(l, !l->stream);
	return l->gone ? 0 : r;
}

int out_json(struct leo *l, const json_t *value)
{
	_cleanup_free_ char *line = NULL;
	int r = text_json(value, &line);

	if (r == 0)
		fprintf(l->out, "%s\n", line);
	return r;
}

const char *out_bold(const struct leo *l)
{
	return table_escape(l->colour, TABLE_BOLD);
}

const char *out_dim(const struct leo *l)
{
	return table_escape(l->colour, TABLE_DIM);
}

const char *out_plain(const struct leo *l)
{
	return table_escape(l->colour, TABLE_PLAIN);
}
