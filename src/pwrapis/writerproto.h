/*
 * What the daemon asks its privileged half: fixed records over a SOCK_SEQPACKET socket, each
 * answered by one record with the same sequence number, in order.
 *
 * A setting belongs to a lease, a number that the daemon chooses: one for each client that holds
 * something. The first setting of a lease for an item and index notes what was there before; the
 * end of the lease, asked for or by the end of the connection, puts it back. Of two leases on one
 * thing the younger setting holds; when it ends, the older one's is put back. What is noted is on
 * the disk before anything is changed (journal.h), so that a half that is killed puts it back when
 * it starts again.
 *
 * The privileged half trusts nothing of this: item and index are looked up in its own table, the
 * value is checked against the machine, the lease count and the settings are bounded.
 */
#ifndef PWRAPIS_WRITERPROTO_H
#define PWRAPIS_WRITERPROTO_H

#include <stdint.h>

#include "pwrapis/machine.h"

#define WRITER_SOCKET_PATH "/run/leonhard/pwrapis-writer"

#define WRITER_MAGIC UINT32_C(0x50575231)

enum { WRITER_LEASES_MAX = 256, WRITER_SETTINGS_MAX = 16384 };

enum writer_verb {
	WRITER_SET = 1, /* item, index, value; the whole or nothing */
	WRITER_END, /* of a lease: everything it has set is put back */
	WRITER_DROP, /* of one setting of a lease: item, index */
	WRITER_READ, /* of a POWER_GUARDED item, index: its value; without a lease */
	/* The same, of an item that is one file: a descriptor to read it comes with the answer
	 * (SCM_RIGHTS), and with no other one. What it tells is what a read tells. */
	WRITER_OPEN,
	WRITER_VERBS,
};

struct writer_request {
	uint32_t magic;
	uint32_t verb;
	uint64_t sequence;
	uint64_t lease; /* not 0 */
	uint32_t item; /* its number: both halves are one build */
	uint32_t index;
	char name[POWER_NAME_BYTES]; /* of the index; the halves may have looked at different times
				      */
	struct power_value value;
};

struct writer_reply {
	uint32_t magic;
	int32_t error; /* 0 or negative errno; -EBUSY: this lease or this half has no room for more
			*/
	uint64_t sequence;
	uint32_t restored; /* of an end: so many were put back */
	uint32_t conflicts; /* so many were not, since somebody else had set them meanwhile */
	struct power_value value; /* of a read */
};

_Static_assert(sizeof(struct power_value) == 264, "both halves share its form");
_Static_assert(sizeof(struct writer_request) == 32 + 128 + 264, "both halves share its form");
_Static_assert(sizeof(struct writer_reply) == 24 + 264, "both halves share its form");

#endif
