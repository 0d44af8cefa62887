/*
 * What a command of leo is made of, and what it is given to run with.
 *
 * A command is one file, cmd_NAME.c, with one constant table that LEO_COMMAND() registers. The
 * parsing of the command line, --help, the manual page and the completions are all made from that
 * table, so that they cannot disagree. Nothing else in leo knows which commands there are.
 *
 * Registering means: a pointer to the table is put into a section of the program, which the linker
 * makes into an array (registry.h). Unlike a constructor it runs no code before main() and writes
 * no memory: what is registered is known when the program is linked, and cannot fail.
 */
#ifndef LEO_LEO_H
#define LEO_LEO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum { LEO_OPTIONS_MAX = 16 };

/* What leo exits with. */
enum leo_status {
	LEO_DONE = 0,
	LEO_FAILED = 1, /* or refused */
	LEO_USAGE = 2,
	LEO_NOT_RUNNING = 3,
	LEO_NOT_PERMITTED = 4,
};

struct leo;

/*
 * Prints the words that may stand for an operand or for the value of an option, one a line, with a
 * tab and a description behind it where there is one. It need not look at what has been typed so
 * far, which is @word. See words.h for those that commands share.
 */
typedef void (*leo_words_fn)(struct leo *l, const char *word, FILE *f);

struct leo_option {
	const char *name; /* without its dashes; NULL ends a table */
	const char *argument; /* "SECONDS"; NULL for a flag */
	const char *help;
	char letter; /* 'v' for -v, or 0 */
	const char *verb; /* only with it, or one of them: "list watch"; NULL: with all */
	leo_words_fn words; /* of the value, or NULL */
};

/* One way of calling a command: a verb of it, or the only form of a command without verbs. */
struct leo_form {
	const char *verb; /* NULL: the command has none, and one form */
	const char *operands; /* "METHOD [JSON|-]", or NULL */
	const char *summary; /* of the verb */
	unsigned min, max; /* how many operands */
	leo_words_fn words; /* of the operands, or NULL */
	int (*run)(struct leo *l); /* an enum leo_status; NULL ends a table */
};

struct leo_command {
	const char *name;
	const char *summary; /* one line, lower case, no full stop */
	const char *about; /* for help and manual: lines of at most 80 columns */
	const struct leo_form *forms; /* the first one is meant when no verb is given */
	const struct leo_option *options; /* or NULL */
	const char *examples[2];
	/* For the command of a service: its interface, and the powers of the machine that it cannot
	 * do without, NULL-terminated. What `leo doctor` looks at. All may be NULL. */
	const char *interface;
	const char *const *needs;
	const char *sign; /* of its Health: `leo status` shows it also when it is good */
};

#define LEO_COMMAND(table)                                                             \
	__attribute__((used, section("leo_commands"))) static const struct leo_command \
		*const leo_command_##table = &table

struct leo {
	const struct leo_command *command;
	const struct leo_form *form;
	const char **operands; /* borrowed from argv; owned as an array */
	size_t operand_count;
	const char *values[LEO_OPTIONS_MAX]; /* of command->options, in its order */

	/* Options that stand everywhere. */
	bool json, verbose, no_pager, yes, help, version;
	const char *root; /* of --root, or NULL */
	int root_fd; /* base/fs.h */

	/* What a command writes to, and what is known about the reader; see out.h. */
	FILE *out;
	bool terminal, colour;
	unsigned width; /* 0: any */
	char *buffer; /* owned by out.c */
	size_t buffer_len;
	bool stream, gone; /* each record at once; nobody reads any more */
};

/* The value of an option of the command; "" for a flag that was given; NULL when it was not. */
const char *leo_value(const struct leo *l, const char *option);

/* The operand at @i, or NULL. */
const char *leo_operand(const struct leo *l, size_t i);

#endif
