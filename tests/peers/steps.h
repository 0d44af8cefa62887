/*
 * The steps of org.varlink.certification: what each method takes and what it gives.
 *
 * The interface and its values are published with the varlink project. A client begins with Start,
 * which gives it an id; calls Test01 to Test11, each with the id and with what the one before gave;
 * and closes with End. Test10 gives a stream of replies, Test11 is called without wanting one.
 */
#ifndef TESTS_PEERS_STEPS_H
#define TESTS_PEERS_STEPS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#define STEPS_INTERFACE "org.varlink.certification"

enum { STEPS_COUNT = 11 };

enum step_kind { STEP_CALL, STEP_STREAM, STEP_ONEWAY };

struct step {
	const char *name; /* "Test01" */
	enum step_kind kind;
	/* JSON objects, with ' for ". Of a stream @gives is an array with one for each reply. */
	const char *takes, *gives;
};

extern const struct step steps[STEPS_COUNT];

/* The value of @steps_text, one of the texts of a step; the caller's. */
json_t *steps_value(const char *text);

/* What the step takes, with the member "client_id" added; the caller's. */
json_t *steps_arguments(const struct step *s, const char *client_id);

/* The same value: a member that is null may be missing, a number may be written 1 or 1.0. */
bool steps_equal(const json_t *a, const json_t *b);

/*
 * Makes the value a wrong one of the same type, by its last part: a number one more, a truth the
 * other one, a text longer, a list or a set shorter. False where there is nothing to change.
 */
bool steps_spoil(json_t *value);

#endif
