/*
 * Asking the board's controller without waiting for it, and telling it something.
 *
 * A controller answers within milliseconds, or seconds, or never. Who asks gets the last answer
 * while it is young, and a new question goes out behind it; the first time there is none: -EAGAIN.
 * What is set has to be known to be done: ipmi_call() waits, for a second of every two at most,
 * however many calls there are. Nothing else here blocks. One thread; time is CLOCK_MONOTONIC in
 * nanoseconds.
 */
#ifndef PWRAPIS_MACHINE_IPMI_H
#define PWRAPIS_MACHINE_IPMI_H

#include <stddef.h>
#include <stdint.h>

#include "pwrapis/machine/dcmi.h"

#define IPMI_FRESH_NS UINT64_C(500000000) /* younger: no new question */
#define IPMI_STALE_NS UINT64_C(5000000000) /* older: no answer any more */
#define IPMI_TIMEOUT_NS UINT64_C(1000000000) /* a question without an answer is given up */
#define IPMI_WINDOW_NS UINT64_C(2000000000) /* so long it is until there may be waited again */

/* Who carries questions and answers. */
struct ipmi_port {
	/* Sends a request to the controller; its reply will carry @id. */
	int (*send)(void *arg, uint8_t command, const uint8_t *data, size_t len, long id);
	/* Takes a reply of at most DCMI_REPLY_MAX bytes. -EAGAIN: none is there. */
	int (*receive)(void *arg, uint8_t reply[DCMI_REPLY_MAX], size_t *ret_len, long *ret_id);
	/* Returns when a reply may be there, or the time is over. */
	void (*wait)(void *arg, uint64_t ns);
	uint64_t (*now)(void *arg);
	void (*close)(void *arg);
	void *arg;
};

struct ipmi;

/* Takes the port over, also on failure. */
int ipmi_new(const struct ipmi_port *port, struct ipmi **ret_ipmi);
void ipmi_free(struct ipmi *i);

/*
 * The answer to @command (DCMI_GET_POWER or DCMI_GET_LIMIT), no older than IPMI_STALE_NS. -EAGAIN:
 * there is none yet; -ETIMEDOUT: nor was there one to the last question.
 */
int ipmi_ask(struct ipmi *i, uint8_t command, uint64_t now_ns, uint8_t ret_reply[DCMI_REPLY_MAX],
	     size_t *ret_len);

/*
 * Sends a command and waits for its reply: -ETIMEDOUT. One of those above is told by ipmi_ask()
 * from then on; after any other, what was told is out of date.
 */
int ipmi_call(struct ipmi *i, uint8_t command, const uint8_t *data, size_t len,
	      uint8_t ret_reply[DCMI_REPLY_MAX], size_t *ret_len);

/* The device of the kernel below a root, /dev/ipmi0. -EOPNOTSUPP when there is none. */
int ipmi_open(int root_fd, struct ipmi_port *ret_port);

#endif
