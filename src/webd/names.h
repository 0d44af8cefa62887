/*
 * What webd asks a bridge about users, and what that answers: texts that end with a NUL byte, over
 * a channel of its own name (frames.h), which no call can reach: no interface is called so.
 *
 *	to the bridge	uid=0,1000	numbers, at most NAMES_MAX of them
 *			name=alice	or one name
 *	from it		0:root\n	a line for each user that there is
 *
 * Each side takes the other's text as anybody's.
 */
#ifndef WEBD_NAMES_H
#define WEBD_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NAMES_CHANNEL "users"

enum {
	NAMES_MAX = 64,
	NAMES_NAME_MAX = 255,
	NAMES_DIGITS_MAX = 10,
	/* With the NUL byte. */
	NAMES_QUESTION_MAX = 4 + NAMES_MAX * (NAMES_DIGITS_MAX + 1),
	NAMES_LINE_MAX = NAMES_DIGITS_MAX + 1 + NAMES_NAME_MAX + 1,
	NAMES_ANSWER_MAX = NAMES_MAX * NAMES_LINE_MAX + 1,
};

struct names_question {
	uint32_t uids[NAMES_MAX];
	size_t count; /* 0: by name */
	char name[NAMES_NAME_MAX + 1];
};

/* -EINVAL for what is not exactly of the form above. */
int names_parse_question(const char *text, struct names_question *ret_question);

/* What may be the name of a user: UTF-8 without control characters and colons. */
bool names_valid(const char *name, size_t len);

struct names_one {
	uint32_t uid;
	const char *name; /* borrowed, not terminated */
	size_t len;
};

/* The next line of an answer, and moves *@at behind it: 1, 0 at the end, -EINVAL for what is no
 * line. */
int names_next(const char **at, struct names_one *ret_one);

/* Whether the question may be about that user. By name it may be any: a name service may know more
 * than one way to write it. */
bool names_asked(const struct names_question *q, const struct names_one *one);

/* Appends a line to a text of NAMES_ANSWER_MAX bytes, of which *@len are used; the text stays
 * terminated. -EINVAL for a name that is none, -ENOSPC. */
int names_add(char *text, size_t *len, uint32_t uid, const char *name);

#endif
