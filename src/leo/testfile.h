/*
 * Small files and lines of tests. What cannot be done ends the test with a message.
 */
#ifndef LEO_TESTFILE_H
#define LEO_TESTFILE_H

#include <stdbool.h>
#include <stddef.h>

enum { TESTFILE_WORDS_MAX = 32 };

/* The whole file, the caller's; NULL when there is none. */
char *testfile_read(const char *dir, const char *name);
bool testfile_exists(const char *dir, const char *name);
/* The number it begins with; 0 without. */
unsigned testfile_number(const char *dir, const char *name);
void testfile_write(const char *dir, const char *name, const char *text);

/* @a and @b in one; @text with each @from made @to. The caller's. */
char *testfile_join(const char *a, const char *b);
char *testfile_replace(const char *text, const char *from, const char *to);

/* Splits a line in place: at blanks, but for what stands in single quotes. Returns the number. */
size_t testfile_split(char *line, char *words[TESTFILE_WORDS_MAX + 1]);

/* Runs a program of the system to its end, which must be a good one. */
void testfile_tool(const char *const *argv);

#endif
