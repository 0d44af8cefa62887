/*
 * What leo says when something does not work: what failed, on what, why, and what to try next.
 *
 *	leo: io.leonhard.Node is not running: there is no socket /run/leonhard/io.leonhard.Node
 *	  try: leo doctor node
 *
 * It goes to standard error. With --json it is one object on one line: "message", "status" (what
 * leo exits with), "try"; and of an error that a service has replied with its full name, "error",
 * and its "parameters".
 */
#ifndef LEO_FAIL_H
#define LEO_FAIL_H

#include <jansson.h>

#include "leo/leo.h"

/* What goes with a message. All but the status may be NULL; everything is borrowed. */
struct failure {
	int status; /* an enum leo_status */
	const char *next; /* a command that can be typed as it stands */
	const char *error;
	const json_t *parameters;
	const char *place; /* clean lines that show where, between the message and what to try */
};

/* Prints, and returns the status of @f. */
__attribute__((format(printf, 3, 4))) int fail(const struct leo *l, const struct failure *f,
					       const char *format, ...);

/* LEO_FAILED because of the negative errno @r: "MESSAGE: strerror". */
__attribute__((format(printf, 3, 4))) int fail_errno(const struct leo *l, int r, const char *format,
						     ...);

/* Wrong usage; the next step is the help of the command, or the list of them. */
__attribute__((format(printf, 2, 3))) int fail_usage(const struct leo *l, const char *format, ...);

/* Something that is no failure but should be known: "leo: MESSAGE". Nothing with --json. */
__attribute__((format(printf, 2, 3))) void fail_note(const struct leo *l, const char *format, ...);

#endif
