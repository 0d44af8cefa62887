/*
 * Text files line by line and word by word, in place: shared by every text format read here.
 */
#ifndef IMAGER_LINES_H
#define IMAGER_LINES_H

#include <stdbool.h>

struct lines {
	char *next;
	unsigned number; /* of the line handed out last, from 1 */
};

/* Starts at the beginning of @text, NUL-terminated, which is cut into pieces on the way. */
void lines_init(struct lines *l, char *text);

/* The next line, without its newline. False at the end; nothing follows a last newline. */
bool lines_next(struct lines *l, char **ret_line);

/* As lines_next(), but without what a configuration file leaves out: blank lines, # comments. */
bool lines_next_setting(struct lines *l, char **ret_line);

/* Cuts the first word (between blanks) off *@rest; NULL when there is none. */
char *lines_word(char **rest);

/* Takes blanks off both ends of @text, in place. */
char *lines_trim(char *text);

#endif
