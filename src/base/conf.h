/*
 * Configuration of a daemon: one table says what there is, how it is read and what it means.
 *
 * /etc/leonhard/NAME.conf and then /etc/leonhard/NAME.conf.d/[!.]*.conf in byte order, below a root
 * (base/fs.h); a later value replaces an earlier one. A missing file is an empty one. The format is
 * that of systemd's files: "[section]" lines, "key = value" lines, comments on lines of their own
 * after # or ;. No value spans lines. An unknown section or key, a value that does not parse or
 * is out of bounds, a line that is none of these, a NUL byte, invalid UTF-8 or a file over 256 KiB
 * is an error that names file, line and reason; no part of the configuration is used then.
 *
 * The same table makes the documentation: conf_print_man() writes the section of the manual page.
 * A reload is conf_load() into a fresh structure, which the caller swaps in when it succeeds.
 */
#ifndef BASE_CONF_H
#define BASE_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { CONF_FILE_MAX = 256 * 1024 };

struct conf_item;

/*
 * Reads @text into the member at @value. On failure a negative errno; @ret_problem may be set to
 * a static text that continues "the value ..." ("is not a number"); else strerror is shown. A
 * parser of a daemon's own must not own memory in the member: nobody would free it.
 */
typedef int (*conf_parse_fn)(const struct conf_item *item, const char *text, void *value,
			     const char **ret_problem);

struct conf_item {
	const char *section, *key;
	conf_parse_fn parse;
	size_t offset; /* of the member in the daemon's structure */
	/* Bounds, max 0 is none: of numbers in the unit of the member, of texts their bytes. */
	uint64_t min, max;
	const char
		*fallback; /* the default, as it would stand in a file; NULL: a member of zeroes */
	const char *help; /* one or more sentences for the manual page */
	const char *const *choices; /* for conf_parse_choice: NULL-terminated */
};

struct conf_table {
	const char *name; /* of the daemon: "node" */
	const struct conf_item *items;
	size_t count;
	size_t size; /* of the daemon's structure */
};

/* Members: bool (yes or no), uint64_t, uint64_t of nanoseconds, uint64_t of bytes, … */
int conf_parse_bool(const struct conf_item *, const char *, void *, const char **);
int conf_parse_number(const struct conf_item *, const char *, void *, const char **);
int conf_parse_span(const struct conf_item *, const char *, void *, const char **);
int conf_parse_bytes(const struct conf_item *, const char *, void *, const char **);
/* … char *, char * (absolute), char ** (NULL-terminated), unsigned (index of the choice). */
int conf_parse_string(const struct conf_item *, const char *, void *, const char **);
int conf_parse_path(const struct conf_item *, const char *, void *, const char **);
int conf_parse_words(const struct conf_item *, const char *, void *, const char **);
int conf_parse_choice(const struct conf_item *, const char *, void *, const char **);

/*
 * Defaults, files, drop-ins. On failure *@ret_problem is one line for a person ("/etc/leonhard/
 * node.conf:3: poll_interval: the value is below 1s"), escaped where it holds bytes of others, the
 * caller's; it may be NULL after -ENOMEM.
 * @ret_conf is the daemon's structure; on success conf_deinit() frees what the members own.
 */
int conf_load(const struct conf_table *t, int root_fd, void *ret_conf, char **ret_problem);
void conf_deinit(const struct conf_table *t, void *conf);

/*
 * The same parser over one text, for files that are no daemon's (access.conf). @fn is called for
 * each key = value, all its texts NUL-terminated and valid for the call; a negative errno of it
 * ends the parsing. On failure *@ret_line counts from 1, or is 0 for the text as a whole (-EFBIG),
 * and *@ret_problem is a static text or @fn's, NULL when there is none (-ENOMEM).
 */
typedef int (*conf_entry_fn)(void *data, const char *section, const char *key, const char *value,
			     const char **ret_problem);
int conf_parse_text(const char *text, size_t len, conf_entry_fn fn, void *data, unsigned *ret_line,
		    const char **ret_problem);

/*
 * The table as roff for a manual page: key, help, values, default, by section (.SS). And as a
 * configuration file in which every default is commented out. -EIO when the stream fails.
 */
int conf_print_man(const struct conf_table *t, FILE *f);
int conf_print_example(const struct conf_table *t, FILE *f);

#endif
