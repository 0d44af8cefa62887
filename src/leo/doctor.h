/*
 * Why something is not working: a chain of steps for one service, each of which finds something.
 *
 * The facts are gathered once (health.h); a step judges some of them. The chain goes from what is
 * installed to what is answered, so that the first step that finds something wrong is the cause of
 * most that follow.
 */
#ifndef LEO_DOCTOR_H
#define LEO_DOCTOR_H

#include "leo/health.h"
#include "leo/leo.h"
#include "rpc/idl.h"

enum doctor_result {
	DOCTOR_NONE, /* the step does not apply: it is not shown */
	DOCTOR_FINE,
	DOCTOR_NOTE, /* works, but should be known */
	DOCTOR_SKIPPED, /* could not be looked at, and the text says why */
	DOCTOR_WRONG,
};

struct finding {
	enum doctor_result result;
	char *text; /* clean; NULL without memory */
	char *next; /* the command to try, or NULL */
};

void finding_deinit(struct finding *f);

/* What a step looks at. */
struct doctor {
	struct leo *l;
	const struct service *service;
	struct health health;
	struct idl *idl; /* as installed; NULL when it cannot be read */
	int idl_result; /* of reading it */
	char *idl_problem;
};

void doctor_init(struct doctor *d, struct leo *l, const struct service *s);
void doctor_deinit(struct doctor *d);

struct doctor_step {
	const char *name;
	void (*look)(const struct doctor *d, struct finding *f);
};

/* All steps in their order; the table ends with a NULL name. */
extern const struct doctor_step doctor_steps[];

/* For steps: says what was found. @next may be NULL. */
__attribute__((format(printf, 4, 5))) void found(struct finding *f, enum doctor_result result,
						 const char *next, const char *format, ...);

/* The unit to start for the service to be there: that of its socket, where systemd knows one. */
const char *doctor_starter(const struct doctor *d);

/* In words, why a service gave no answer: a negative errno of a call. */
const char *doctor_silence(int r);

/* The steps, in the files that hold them. */
void doctor_interface(const struct doctor *d, struct finding *f);
void doctor_program(const struct doctor *d, struct finding *f);
void doctor_unit(const struct doctor *d, struct finding *f);
void doctor_socket_unit(const struct doctor *d, struct finding *f);
void doctor_socket(const struct doctor *d, struct finding *f);
void doctor_connection(const struct doctor *d, struct finding *f);
void doctor_answer(const struct doctor *d, struct finding *f);
void doctor_health(const struct doctor *d, struct finding *f);
void doctor_definition(const struct doctor *d, struct finding *f);
void doctor_access(const struct doctor *d, struct finding *f);
void doctor_powers(const struct doctor *d, struct finding *f);

#endif
