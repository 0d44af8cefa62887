/*
 * Configuration of a daemon: one table says what there is, how it is read and what it means.
 *
 * /etc/leonhard/NAME.conf and then /etc/leonhard/NAME.conf.d/[!.]*.conf in byte order, below a root
 * (base/fs.h); a later value replaces an earlier one. A missing file is an empty one. The format is
 * that of systemd's files: "[section]" lines, "key = value" lines, comments on lines of their own
 * after # or ;. No value spans lines. An unknown section or key, a value that does not parse or
 * is out of bounds, a line that is none of these, a NUL byte, invalid UTF-8 or a file over 256 KiB is an error that
 * names file, line and reason; no part of the configuration is used then.
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

struct conf_item;

/*
 * Reads @text into the member at @value. On failure a negative errno; @ret_problem may be set to
 * a static text that continues "the value ..." ("is not a number"); else strerror is shown.
 */
typedef int (*conf_parse_fn)(const struct conf_item *item, const char *text, void *value,
			     const char **ret_problem);

struct conf_item {
	const char *section, *key;
	conf_parse_fn parse;
	size_t offset; /* of the member in the daemon's structure */
	uint64_t min, max; /* bounds for numbers, in the unit of the member; strings: length */
	const char *fallback; /* the default, as it would stand in a file */
	const char *help; /* one or more sentences for the manual page */
	const char *const *choices; /* for conf_parse_choice: NULL-terminated */
};

struct conf_table {
	const char *name; /* of the daemon: "node" */
	const struct conf_item *items;
	size_t count;
	size_t size; /* of the daemon's structure */
};

/* Members: bool, uint64_t, uint64_t ns, uint64_t bytes, char * (owned), char ** (owned), unsigned. */
int conf_parse_bool(const struct conf_item *, const char *, void *, const char **); /* yes/no */
int conf_parse_number(const struct conf_item *, const char *, void *, const char **);
int conf_parse_span(const struct conf_item *, const char *, void *, const char **);
int conf_parse_bytes(const struct conf_item *, const char *, void *, const char **);
int conf_parse_string(const struct conf_item *, const char *, void *, const char **);
int conf_parse_path(const struct conf_item *, const char *, void *, const char **); /* absolute */
int conf_parse_words(const struct conf_item *, const char *, void *, const char **);
int conf_parse_choice(const struct conf_item *, const char *, void *, const char **); /* index */

/*
 * Defaults, files, drop-ins. On failure *@ret_problem is one line for a person ("/etc/leonhard/
 * node.conf:3: poll_interval: the value is below 1s"), the caller's; it may be NULL after -ENOMEM.
 * @ret_conf is the daemon's structure; on success conf_deinit() frees what the members own.
 */
int conf_load(const struct conf_table *t, int root_fd, void *ret_conf, char **ret_problem);
void conf_deinit(const struct conf_table *t, void *conf);

/* The same parser over one text, for the fuzzer and for files that are no daemon's (access.conf). */
typedef int (*conf_entry_fn)(void *data, const char *section, const char *key, const char *value,
			     const char **ret_problem);
int conf_parse_text(const char *text, size_t len, conf_entry_fn fn, void *data,
		    unsigned *ret_line, const char **ret_problem);

/* The table as roff for a manual page: key, default, bounds, help, by section. */
int conf_print_man(const struct conf_table *t, FILE *f);
/* The table as a commented configuration file with every default. */
int conf_print_example(const struct conf_table *t, FILE *f);

#endif
