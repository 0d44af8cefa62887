/*
 * Words for completion that several commands offer; each is a leo_words_fn.
 */
#ifndef LEO_WORDS_H
#define LEO_WORDS_H

#include "leo/leo.h"

/* A line that tells the shell to complete names of directories by itself. */
#define WORDS_DIRS ":dirs"

void words_dirs(struct leo *l, const char *word, FILE *f);
void words_commands(struct leo *l, const char *word, FILE *f);
void words_services(struct leo *l, const char *word, FILE *f);
/* "Node"; once there is a dot in @word, "Node.Describe" and all other members. */
void words_members(struct leo *l, const char *word, FILE *f);
/* "Node.Describe" */
void words_methods(struct leo *l, const char *word, FILE *f);

#endif
