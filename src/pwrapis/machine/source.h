/*
 * An item that is one file: which, in which unit, and what it takes.
 *
 * Files of /sys hold one line: a number, a word, or words. Whatever else they hold is -EBADMSG;
 * more than a page is -EFBIG. Nothing is waited for.
 */
#ifndef PWRAPIS_MACHINE_SOURCE_H
#define PWRAPIS_MACHINE_SOURCE_H

#include "pwrapis/machine/backend.h"

enum { SOURCE_BYTES = 4096, SOURCE_PATH_BYTES = 384 };

struct source {
	const char *file; /* absolute, or in the folder of the instance; # is a number of it */
	unsigned number; /* which of the instance's numbers that is */
	double times, per; /* the item's value is that of the file, times, per; 0 is 1 */
	double min, max; /* what a control takes */
	bool positive; /* 0 is what the kernel writes when it does not know */
	bool negative; /* may be below 0 */
	bool fails; /* EIO is how the kernel says that there is none */
	const char *choices; /* file of the words that a control takes, beside the file */
	const char *const *words; /* or these words, NULL at the end */
};

/* Rows of the table that are a file, and nothing more. */
#define SOURCE_SIGNAL(item_name, item_help, item_domain, item_unit, ...)                        \
	{                                                                                       \
		.name = item_name, .help = item_help, .domain = item_domain, .unit = item_unit, \
		.flags = POWER_SIGNAL, .read = source_read, .more = &(const struct source)      \
		{                                                                               \
			__VA_ARGS__                                                             \
		}                                                                               \
	}
#define SOURCE_CONTROL(item_name, item_help, item_domain, item_unit, item_check, ...)            \
	{                                                                                        \
		.name = item_name, .help = item_help, .domain = item_domain, .unit = item_unit,  \
		.flags = POWER_SIGNAL | POWER_CONTROL, .read = source_read, .check = item_check, \
		.write = source_write, .more = &(const struct source)                            \
		{                                                                                \
			__VA_ARGS__                                                              \
		}                                                                                \
	}

int source_read(struct machine *m, const struct power_item *item, unsigned index,
		struct power_value *ret_value);
/* In two steps; see machine_open(). */
int source_open(const struct machine *m, const struct power_item *item, unsigned index,
		int *ret_fd);
int source_read_open(const struct power_item *item, int fd, struct power_value *ret_value);
/*
 * That the file is there and its owner may write it; that a number is finite and from min to max,
 * one without a unit whole, a boolean 0 or 1, a text one of the words.
 */
int source_check(struct machine *m, const struct power_item *item, unsigned index,
		 const struct power_value *value);
int source_write(struct machine *m, const struct power_item *item, unsigned index,
		 const struct power_value *value);

/* The same where the files lie elsewhere. */
int source_read_at(struct machine *m, const struct power_item *item,
		   const struct instance *instance, struct power_value *ret_value);
int source_check_at(struct machine *m, const struct power_item *item,
		    const struct instance *instance, const struct power_value *value);
int source_write_at(struct machine *m, const struct power_item *item,
		    const struct instance *instance, const struct power_value *value);

/* The line of a file, of printable ASCII, stripped: "" when it is empty. */
int source_line(const struct machine *m, const struct instance *instance, const char *file,
		char line[SOURCE_BYTES]);
/* One that is not empty and fits a value. */
int source_text(const struct machine *m, const struct instance *instance, const char *file,
		char text[POWER_TEXT_BYTES]);
/* One number, as it is in the file. */
int source_number(const struct machine *m, const struct instance *instance, const char *file,
		  int64_t *ret_number);
/* Writes it in one piece. */
int source_put(const struct machine *m, const struct instance *instance, const char *file,
	       const char *text);
/* Whether there is such a file. */
bool source_has(const struct machine *m, const struct instance *instance, const char *file);
/* Whether its owner may write it: 0, -EOPNOTSUPP, -ENODEV. */
int source_writable(const struct machine *m, const struct instance *instance, const char *file);

/* Digits with a sign or none. -EBADMSG, and -EOPNOTSUPP for "<unsupported>" and its like. */
int source_parse_number(const char *text, int64_t *ret_number);
/* Whether @word is one of the words in @line, in [brackets] or not. */
bool source_has_word(const char *line, const char *word);

#endif
