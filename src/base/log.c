/*
 * Messages of daemons and tools; see log.h. Nothing here allocates: a message about a lack of
 * memory gets through.
 */
#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/def.h"
#include "base/str.h"
#include "base/strint.h"
#include "base/time.h"

static const char ellipsis[] = "…";

static struct {
	const char *name;
	enum log_level level;
	bool journal;
} state = {.level = LOG_LEVEL_INFO};

static const struct {
	const char *text;
	enum log_level level;
} levels[] = {
	{"error", LOG_LEVEL_ERROR}, {"warning", LOG_LEVEL_WARNING}, {"notice", LOG_LEVEL_NOTICE},
	{"info", LOG_LEVEL_INFO},   {"debug", LOG_LEVEL_DEBUG},
};

/*
 * $JOURNAL_STREAM names the socket to the journal, "DEVICE:INODE". It is inherited by processes
 * whose standard error was redirected since, so it only counts when it is that of ours.
 */
static bool is_journal(int fd)
{
	const char *stream = getenv("JOURNAL_STREAM");
	char own[64];
	struct stat st;

	if (!stream || fstat(fd, &st) < 0)
		return false;
	snprintf(own, sizeof(own), "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
	return str_equal(stream, own);
}

void log_init(const char *name)
{
	state.name = name;
	state.level = LOG_LEVEL_INFO;
	state.journal = is_journal(STDERR_FILENO);
}

void log_set_level(enum log_level level)
{
	state.level = level;
}

int log_level_parse(const char *text, enum log_level *ret_level)
{
	for (size_t i = 0; i < ARRAY_SIZE(levels); i++)
		if (str_equal(text, levels[i].text)) {
			*ret_level = levels[i].level;
			return 0;
		}
	return -EINVAL;
}

/* A line under way. There is always room left for the ellipsis and the line end. */
struct line {
	char text[LOG_LINE_MAX + 1];
	size_t len;
	bool full;
};

static void add(struct line *l, const char *bytes, size_t len)
{
	if (l->full)
		return;
	if (l->len + len > LOG_LINE_MAX - strlen(ellipsis) - 1) {
		l->full = true;
		return;
	}
	memcpy(l->text + l->len, bytes, len);
	l->len += len;
}

static void add_byte_escaped(struct line *l, unsigned char byte)
{
	char text[5];

	snprintf(text, sizeof(text), "\\x%02x", byte);
	add(l, text, 4);
}

static void add_escaped(struct line *l, const char *bytes, size_t len)
{
	for (size_t i = 0, unit; i < len && !l->full; i += unit) {
		uint32_t codepoint = 0;

		unit = str_utf8_sequence(bytes + i, len - i, &codepoint);
		if (unit && !str_is_control(codepoint)) {
			add(l, bytes + i, unit);
			continue;
		}
		unit += !unit;
		for (size_t k = 0; k < unit; k++)
			add_byte_escaped(l, bytes[i + k]);
	}
}

static void begin(struct line *l, enum log_level level)
{
	char priority[] = {'<', '0' + level, '>'};

	l->len = 0;
	l->full = false;
	if (state.journal) {
		add(l, priority, sizeof(priority));
		return;
	}
	add_escaped(l, state.name ? state.name : program_invocation_short_name,
		    strnlen(state.name ? state.name : program_invocation_short_name, 64));
	add(l, ": ", 2);
}

/* One write: lines of several processes do not mix. Whom could a failure be told? */
static void end(struct line *l)
{
	ssize_t n;

	if (l->full) {
		memcpy(l->text + l->len, ellipsis, strlen(ellipsis));
		l->len += strlen(ellipsis);
	}
	l->text[l->len++] = '\n';
	do
		n = write(STDERR_FILENO, l->text, l->len);
	while (n < 0 && errno == EINTR);
}

/*
 * What does not fit into @raw would not fit into the line either: no byte becomes shorter there.
 * So the cut that vsnprintf() may make within a character is never seen.
 */
__attribute__((format(printf, 2, 0))) static void
write_line(enum log_level level, const char *format, va_list ap, const char *suffix)
{
	char raw[LOG_LINE_MAX + 1] = "";
	struct line l;

	begin(&l, level);
	vsnprintf(raw, sizeof(raw), format, ap);
	add_escaped(&l, raw, strlen(raw));
	add(&l, suffix, strlen(suffix));
	end(&l);
}

void log_write(enum log_level level, const char *format, ...)
{
	int saved = errno;
	va_list ap;

	if (level > state.level)
		return;
	va_start(ap, format);
	write_line(level, format, ap, "");
	va_end(ap);
	errno = saved;
}

int log_error_errno(int r, const char *format, ...)
{
	int saved = errno;
	char suffix[128];
	va_list ap;

	snprintf(suffix, sizeof(suffix), ": %s", strerror(-r));
	va_start(ap, format);
	write_line(LOG_LEVEL_ERROR, format, ap, suffix);
	va_end(ap);
	errno = saved;
	return r;
}

/* Opens the next interval when this one is over. Returns what the last one left out. */
static unsigned turn(struct log_limit *limit)
{
	uint64_t now = time_now_ns(CLOCK_MONOTONIC);
	unsigned dropped = limit->dropped;

	if (limit->begin_ns && now - limit->begin_ns < limit->interval_ns)
		return 0;
	limit->begin_ns = now;
	limit->passed = 0;
	limit->dropped = 0;
	return dropped;
}

void log_limited(struct log_limit *limit, enum log_level level, const char *format, ...)
{
	int saved = errno;
	unsigned dropped;
	va_list ap;

	if (level > state.level)
		return;
	dropped = turn(limit);
	if (limit->passed >= limit->burst) {
		limit->dropped++;
		return;
	}
	limit->passed++;
	if (dropped)
		log_write(level, "%u message%s like this %s left out", dropped,
			  dropped == 1 ? "" : "s", dropped == 1 ? "was" : "were");
	va_start(ap, format);
	write_line(level, format, ap, "");
	va_end(ap);
	errno = saved;
}
