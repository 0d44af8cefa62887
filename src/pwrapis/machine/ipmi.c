/*
 * Asking the board's controller; see ipmi.h.
 */
#include "pwrapis/machine/ipmi.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/def.h"

enum {
	RECEIVE_MAX = 16, /* of one call: a controller that talks without end is not listened to */
	COMMANDS = 2,
};

/* What is known of one command. */
struct question {
	uint8_t command;
	bool pending, answered, timed_out;
	long id;
	uint64_t sent_ns, answered_ns;
	uint8_t reply[DCMI_REPLY_MAX];
	size_t len;
};

struct ipmi {
	struct ipmi_port port;
	long last_id;
	struct question questions[COMMANDS];
	struct question call; /* of which the reply is waited for */
	uint64_t window_ns, waited_ns; /* since when, and how long of it was waited */
};

int ipmi_new(const struct ipmi_port *port, struct ipmi **ret_ipmi)
{
	struct ipmi *i = calloc(1, sizeof(*i));

	if (!i) {
		port->close(port->arg);
		return -ENOMEM;
	}
	i->port = *port;
	i->questions[0].command = DCMI_GET_POWER;
	i->questions[1].command = DCMI_GET_LIMIT;
	*ret_ipmi = i;
	return 0;
}

void ipmi_free(struct ipmi *i)
{
	if (!i)
		return;
	i->port.close(i->port.arg);
	free(i);
}

static void take(struct question *q, const uint8_t *reply, size_t len, long id, uint64_t now_ns)
{
	if (!q->pending || q->id != id || len > sizeof(q->reply))
		return;
	memcpy(q->reply, reply, len);
	q->len = len;
	q->answered_ns = now_ns;
	q->answered = true;
	q->pending = q->timed_out = false;
}

/* Takes the answers that are there; those to questions that were given up are passed over. */
static void receive(struct ipmi *i, uint64_t now_ns)
{
	for (int n = 0; n < RECEIVE_MAX; n++) {
		uint8_t reply[DCMI_REPLY_MAX];
		size_t len;
		long id;

		if (i->port.receive(i->port.arg, reply, &len, &id) < 0)
			return;
		for (size_t k = 0; k < COMMANDS; k++)
			take(&i->questions[k], reply, len, id, now_ns);
		take(&i->call, reply, len, id, now_ns);
	}
}

static int send(struct ipmi *i, struct question *q, const uint8_t *data, size_t len,
		uint64_t now_ns)
{
	int r = i->port.send(i->port.arg, q->command, data, len, ++i->last_id);

	if (r < 0)
		return r;
	q->id = i->last_id;
	q->sent_ns = now_ns;
	q->pending = true;
	return 0;
}

static int send_question(struct ipmi *i, struct question *q, uint64_t now_ns)
{
	uint8_t data[DCMI_REQUEST_MAX];

	return send(i, q, data, dcmi_request(q->command, data), now_ns);
}

static struct question *find(struct ipmi *i, uint8_t command)
{
	for (size_t k = 0; k < COMMANDS; k++)
		if (i->questions[k].command == command)
			return &i->questions[k];
	return NULL;
}

int ipmi_ask(struct ipmi *i, uint8_t command, uint64_t now_ns, uint8_t ret_reply[DCMI_REPLY_MAX],
	     size_t *ret_len)
{
	struct question *q = find(i, command);
	int r = 0;

	if (!q)
		return -EINVAL;
	receive(i, now_ns);
	if (q->pending && now_ns - q->sent_ns > IPMI_TIMEOUT_NS) {
		q->pending = false;
		q->timed_out = true;
	}
	if (!q->pending && !(q->answered && now_ns - q->answered_ns < IPMI_FRESH_NS))
		r = send_question(i, q, now_ns);
	if (q->answered && now_ns - q->answered_ns <= IPMI_STALE_NS) {
		memcpy(ret_reply, q->reply, q->len);
		*ret_len = q->len;
		return 0;
	}
	if (r < 0)
		return r;
	return q->timed_out ? -ETIMEDOUT : -EAGAIN;
}

/* ---- calls ---- */

/* How long there may be waited yet. */
static uint64_t patience(struct ipmi *i, uint64_t now_ns)
{
	if (now_ns - i->window_ns >= IPMI_WINDOW_NS) {
		i->window_ns = now_ns;
		i->waited_ns = 0;
	}
	return i->waited_ns < IPMI_TIMEOUT_NS ? IPMI_TIMEOUT_NS - i->waited_ns : 0;
}

static int await(struct ipmi *i, uint64_t start_ns)
{
	uint64_t most_ns = patience(i, start_ns), now_ns = start_ns;

	for (;;) {
		receive(i, now_ns);
		if (!i->call.pending || now_ns - start_ns >= most_ns)
			break;
		i->port.wait(i->port.arg, most_ns - (now_ns - start_ns));
		now_ns = i->port.now(i->port.arg);
	}
	i->waited_ns += now_ns - start_ns;
	return i->call.pending ? -ETIMEDOUT : 0;
}

/* What was read before something is set says nothing afterwards, nor does what is on its way. */
static void forget(struct ipmi *i)
{
	for (size_t k = 0; k < COMMANDS; k++)
		i->questions[k] = (struct question){.command = i->questions[k].command};
}

int ipmi_call(struct ipmi *i, uint8_t command, const uint8_t *data, size_t len,
	      uint8_t ret_reply[DCMI_REPLY_MAX], size_t *ret_len)
{
	struct question *q = find(i, command);
	uint64_t now_ns = i->port.now(i->port.arg);
	int r;

	i->call = (struct question){.command = command};
	r = send(i, &i->call, data, len, now_ns);
	if (r == 0)
		r = await(i, now_ns);
	if (q && r == 0)
		*q = i->call;
	else if (!q)
		forget(i);
	i->call.pending = false;
	if (r < 0)
		return r;
	memcpy(ret_reply, i->call.reply, i->call.len);
	*ret_len = i->call.len;
	return 0;
}
