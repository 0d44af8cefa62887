/*
 * Asking the board's controller without waiting for it; see ipmi.h.
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

/* Takes the answers that are there; those to questions that were given up are passed over. */
static void receive(struct ipmi *i, uint64_t now_ns)
{
	for (int n = 0; n < RECEIVE_MAX; n++) {
		uint8_t reply[DCMI_REPLY_MAX];
		size_t len;
		long id;

		if (i->port.receive(i->port.arg, reply, &len, &id) < 0)
			return;
		for (size_t k = 0; k < COMMANDS; k++) {
			struct question *q = &i->questions[k];

			if (!q->pending || q->id != id || len > sizeof(q->reply))
				continue;
			memcpy(q->reply, reply, len);
			q->len = len;
			q->answered_ns = now_ns;
			q->answered = true;
			q->pending = q->timed_out = false;
		}
	}
}

static int send(struct ipmi *i, struct question *q, uint64_t now_ns)
{
	uint8_t data[DCMI_REQUEST_MAX];
	size_t len = dcmi_request(q->command, data);
	int r = i->port.send(i->port.arg, q->command, data, len, ++i->last_id);

	if (r < 0)
		return r;
	q->id = i->last_id;
	q->sent_ns = now_ns;
	q->pending = true;
	return 0;
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
		r = send(i, q, now_ns);
	if (q->answered && now_ns - q->answered_ns <= IPMI_STALE_NS) {
		memcpy(ret_reply, q->reply, q->len);
		*ret_len = q->len;
		return 0;
	}
	if (r < 0)
		return r;
	return q->timed_out ? -ETIMEDOUT : -EAGAIN;
}
