/*
 * The command line: which command, which form of it, with which options and operands.
 *
 * Options may stand anywhere; those of a command only behind its name. "--" ends them. A value is
 * the next word or follows "=". Of an option given twice the last one counts.
 */
#ifndef LEO_ARGS_H
#define LEO_ARGS_H

#include "leo/leo.h"

/* The options that stand everywhere; the table ends with a NULL name. */
const struct leo_option *args_globals(void);

/*
 * Parses argv[1] to argv[argc - 1] into @l, whose strings borrow from argv. What is wrong was told
 * when the status is not LEO_DONE. With --help or --version the operands are not checked.
 */
int args_parse(struct leo *l, int argc, char **argv);
void args_deinit(struct leo *l);

/*
 * For completion: takes what it knows of the words, without a message. *@ret_option is the option
 * whose value comes next, or NULL. The form is NULL while a verb is missing or is no verb yet.
 */
int args_scan(struct leo *l, int argc, char **argv, const struct leo_option **ret_option);

/* Whether the option goes with the form. */
bool args_fits(const struct leo_option *o, const struct leo_form *form);

/* Whether the command has verbs. */
bool args_has_verbs(const struct leo_command *c);

/* The form with that verb, or NULL. */
const struct leo_form *args_form(const struct leo_command *c, const char *verb);

#endif
