/*
 * Messages of daemons and tools, for the person who reads the journal or the terminal.
 *
 * One message is one line on standard error, written by one write(2). Under systemd (standard
 * error is the journal, by $JOURNAL_STREAM) it starts with the priority, "<3>", and nothing else;
 * on a terminal or in a file with the program's name. A message may hold bytes of others: control
 * characters in it and what is no UTF-8 are written \xHH as str_escape() does; backslashes stay,
 * for what was escaped before must not be so twice. Libraries do not log: the caller that knows the
 * intent does, once.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdint.h>

/* The numbers are those of syslog(3), which the journal takes. */
enum log_level {
	LOG_LEVEL_ERROR = 3,
	LOG_LEVEL_WARNING = 4,
	LOG_LEVEL_NOTICE = 5,
	LOG_LEVEL_INFO = 6,
	LOG_LEVEL_DEBUG = 7,
};

/* Bytes of a line with its line end; a longer message is cut between characters and gets "…". */
enum { LOG_LINE_MAX = 4096 };

/* @name is borrowed and stands before each message outside the journal. The level starts at INFO.
 */
void log_init(const char *name);
void log_set_level(enum log_level level);

/* "error", "warning", "notice", "info", "debug"; -EINVAL for anything else. */
int log_level_parse(const char *text, enum log_level *ret_level);

__attribute__((format(printf, 2, 3))) void log_write(enum log_level level, const char *format, ...);

#define log_error(...) log_write(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) log_write(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_notice(...) log_write(LOG_LEVEL_NOTICE, __VA_ARGS__)
#define log_info(...) log_write(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...) log_write(LOG_LEVEL_DEBUG, __VA_ARGS__)

/* Logs as an error "MESSAGE: strerror(-@r)" and returns @r, a negative errno. */
__attribute__((format(printf, 2, 3))) int log_error_errno(int r, const char *format, ...);

/*
 * A bound on messages that somebody else can cause: at most @burst in @interval_ns. What was left
 * out is told with the next message that passes ("17 messages like this were left out").
 */
struct log_limit {
	uint64_t interval_ns;
	unsigned burst;
	/* owned by log_limited() */
	uint64_t begin_ns;
	unsigned passed, dropped;
};

__attribute__((format(printf, 3, 4))) void
log_limited(struct log_limit *limit, enum log_level level, const char *format, ...);

#endif
