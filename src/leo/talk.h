/*
 * Asking a service, and telling the person what went wrong when it did.
 */
#ifndef LEO_TALK_H
#define LEO_TALK_H

#include <jansson.h>

#include "leo/fail.h"
#include "leo/leo.h"
#include "rpc/client.h"

/* How long a service may take: to do what it is asked, and to say that it is there. */
enum { TALK_TIMEOUT_MS = 30 * 1000, TALK_LOOK_MS = 2 * 1000 };

/* From a talk_fn: no more replies are wanted, and that is no failure. From talk_call(), of a stream
 * that is taken up again: it has ended before its time. */
enum { TALK_STOP = -1, TALK_LOST = -2 };

/* Called for each reply; anything but LEO_DONE ends the call, and is its status. */
typedef int (*talk_fn)(struct leo *l, const json_t *parameters, void *data);

struct talk;

/*
 * An error of the interface that its command explains better than a comment in a file could: fills
 * in what to try and the status, tells it with fail(), and returns the status. The strings of the
 * parameters may be anything.
 */
struct talk_error {
	const char *name; /* "NoSuchRecord"; NULL ends a table */
	int (*tell)(struct leo *l, const struct talk *t, struct failure *f);
};

struct talk {
	const char *interface, *method; /* "io.leonhard.Node", "Describe" */
	const json_t *parameters; /* or NULL */
	bool more; /* a stream: Ctrl-C ends it, which is no failure */
	int timeout_ms; /* for each reply; 0: none */
	talk_fn fn;
	void *data;
	const struct talk_error *errors; /* or NULL */
	bool looks; /* asked again and again: Ctrl-C ends that, is TALK_STOP, and no failure */
	bool resumes; /* a lost connection and an overrun are TALK_LOST, and not told */
};

/* An enum leo_status; failures were told. */
int talk_open(struct leo *l, const char *address, struct rpc_link **ret_link);
int talk_call(struct leo *l, struct rpc_link *link, const struct talk *t);

/* A talk_fn whose data is a json_t *, NULL before: a copy of the last reply, the caller's. */
int talk_keep(struct leo *l, const json_t *parameters, void *data);

/* Opens, calls, and hands out the one reply: the caller's. */
int talk_ask(struct leo *l, const char *interface, const char *method, const json_t *parameters,
	     json_t **ret_reply);

enum { TALK_NEXT_MAX = 300 };

/* "leo doctor node": what to try when a service does not work. */
void talk_next_doctor(const char *interface, char next[TALK_NEXT_MAX]);

/*
 * One call within TALK_LOOK_MS, without a word: 0 or a negative errno. A reply that is an error is
 * -EACCES when this person may not call, -EUSERS with too many connections, else -EREMOTEIO.
 */
int talk_quietly(struct rpc_link *link, const char *method, const json_t *parameters,
		 json_t **ret_reply);

#endif
