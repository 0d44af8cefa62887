/*
 * A controller of a board for guests of the lab, by the protocol that QEMU's ipmi-bmc-extern speaks
 * over a socket: what it is called, and power by DCMI (Data Center Manageability Interface 1.5,
 * 6.6). It tells a story of a machine, and measures none.
 *
 * The machine draws BMC_DRAW_W, or what an active limit leaves of it, at once; no limit makes it
 * draw less than BMC_FLOOR_W. The least, the most and the mean are of what was told so far.
 *
 * Bytes in, bytes out; whoever feeds it is a guest: every length is bounded, and what is no message
 * is passed over.
 */
#ifndef LAB_BMC_H
#define LAB_BMC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lab/queue.h"

enum {
	BMC_DRAW_W = 212,
	BMC_FLOOR_W = 80,
	BMC_LIMIT_MIN_W = 100, /* what a limit may be */
	BMC_LIMIT_MAX_W = 400,
	BMC_MESSAGE_MAX = 64,
	/* With more of its replies waiting it is fed no more: who does not read gets none. */
	BMC_WAITING_MAX = 4096,
};

struct bmc_limit {
	bool active;
	uint8_t action;
	uint16_t watts, sample_s; /* 0: there was never one */
	uint32_t correction_ms;
};

struct bmc {
	uint8_t in[BMC_MESSAGE_MAX];
	size_t in_len;
	bool escaped, too_long;
	struct queue out; /* to be sent */
	uint8_t enables; /* that the kernel has set; they change nothing */
	struct bmc_limit limit;
	uint16_t least_w, most_w;
	uint64_t told_w, told_count; /* their sum, and how often */
};

int bmc_init(struct bmc *b);
void bmc_deinit(struct bmc *b);

/* Takes bytes; replies are added to @b->out. -ENOMEM. */
int bmc_feed(struct bmc *b, const uint8_t *bytes, size_t len);

#endif
